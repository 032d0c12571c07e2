"""P6: the next person for eight officers at once, and for thirty-two; each a process with a connection, as web workers.

A new officer's first claims (connection, plans, no reserve yet) are not in the figures: a shift is longer than that.
"""

import multiprocessing
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.pool import Pool

from django.db import connections

from core import clock
from strategies.models import PersonHold
from users.models import User

from . import floors
from .measure import Case, Missing

FEW, MANY = 8, 32
ALL = 160  # claims of all clients together in one go
_work: dict[str, Callable[[], float]] = {}


def claim() -> Case:
    """P6: eight officers against eight clients that only take the next row of a queue."""
    pool = _officers(FEW)
    what = "claim the next person, eight officers (floor: the next row, eight clients)"
    return Case("P6", what, "per second", 0.5, _at_once(pool, FEW, _bare), _alone(_at_once(pool, FEW, _claim)))


def clients() -> Case:
    """P6b: thirty-two officers against our own eight."""
    few, many = _officers(FEW), _officers(MANY)
    what = "claims of 32 officers (floor: our own 8)"
    return Case("P6b", what, "per second", 0.7, _at_once(few, FEW, _claim), _alone(_at_once(many, MANY, _claim)))


def _officers(count: int) -> Pool:
    names = [f"bench-{count}-{number}" for number in range(count)]
    olive = User.objects.get(username="olive")
    for name in names:
        officer, _ = User.objects.get_or_create(
            username=name, defaults={"display_name": name, "role_list": olive.role_list, "created_at": clock.now()}
        )
        officer.teams.set(olive.teams.all())
    connections.close_all()  # a connection is not for two processes
    queue = multiprocessing.get_context("fork").SimpleQueue()
    for name in names:
        queue.put(name)
    pool = multiprocessing.get_context("fork").Pool(count, initializer=_begin, initargs=(queue,))
    _at_once(pool, count, _claim)()
    return pool


def _begin(names: "multiprocessing.SimpleQueue[str]") -> None:
    """In the child: an officer of its own, with everything read and planned."""
    from strategies import services as strategies

    officer = User.objects.get(username=names.get())

    def product() -> int:
        found = strategies.claim_next(user=officer, at=clock.now())
        if found is None:
            raise Missing("Nobody is left to claim, or nobody may be called at this hour.")
        return 1

    _work["bare"], _work["claim"] = floors.Claim(), product
    with suppress(Missing):  # said when it is measured: a child that ends here would be begun again and again
        for _ in range(6):
            product()


def _bare(times: int) -> float:
    return float(sum(_work["bare"]() for _ in range(times)))


def _claim(times: int) -> float:
    return float(sum(_work["claim"]() for _ in range(times)))


def _at_once(pool: Pool, count: int, work: Callable[[int], float]) -> Callable[[], float]:
    return lambda: sum(pool.map(work, [ALL // count] * count, chunksize=1))


def _alone(work: Callable[[], float]) -> Callable[[], float]:
    """The same, and nobody was in two hands."""

    def checked() -> float:
        done = work()
        held = PersonHold.objects.filter(released_at=None).values_list("debtor_id", flat=True)
        if len(held) != len(set(held)):
            raise Missing("A person is in two hands.")
        return done

    return checked


CASES: dict[str, Callable[[], Case]] = {"P6": claim, "P6b": clients}
