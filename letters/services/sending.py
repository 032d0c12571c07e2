"""Sending what is due: claim with a lease, judge, keep the bytes, hand over, finish with the fence.

Killed between handing over and finishing, the lease runs out and the same bytes go again under the same key: a
channel that knows keys answers as before, one that doesn't is asked or the row waits for a person (RELIABILITY 5).
"""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts import services as accounts
from core import work
from letters import channels
from letters.channels import Ambiguous, Permanent, SendResult, Temporary
from letters.models import Message
from letters.render import NoticeIncomplete, Rendered, RenderError
from letters.states import State

from . import preparing, recording
from . import rows as rows_
from .judging import Ready, judge
from .leasing import WORK, Watch, close, expire, give_back, mine

log = logging.getLogger(__name__)
CHUNK = 100  # claimed and judged together
GROUP = 25  # made ready, handed over and recorded together: what a kill may leave in doubt at a channel without keys
FRESH = 3.0  # seconds a verdict may be old when its message is handed over


class Pace:
    """How many to judge together: as many as were handed over while a verdict was fresh, a quarter more after each
    round in which none was too old."""

    def __init__(self) -> None:
        self.size = CHUNK

    def learn(self, asked: int, stale: int) -> None:
        """After a round: so many were judged, so many of them must be judged again."""
        self.size = max(1, asked - stale) if stale else min(CHUNK, self.size + max(1, self.size // 4))


def send_due(*, at: datetime, seconds: float = 45.0, limit: int = 10_000) -> dict[str, int]:
    """Send what is due, at most `limit` messages and for about `seconds`. Returns counts by outcome.

    Safe to run any number of times at once. Nothing is sent without a verdict of the last FRESH seconds.
    """
    watch, tally, pace = Watch(at), Counter(expire(at=at)), Pace()
    taken = 0
    while watch.seconds < seconds and taken < limit:
        rows: list[Message] = work.claim(WORK, at=watch.now, limit=min(CHUNK, limit - taken))
        if not rows:
            break
        taken += len(rows)
        _work(rows, watch, tally, pace, seconds)
    return {name: count for name, count in tally.items() if count}


def _work(rows: list[Message], watch: Watch, tally: Counter[str], pace: Pace, seconds: float) -> None:
    todo = rows
    while todo:
        if watch.seconds > seconds:
            give_back(todo, token=rows[0].lease_token)
            return
        now, todo = todo[: pace.size], todo[pace.size :]
        asked = watch.seconds
        judged = judge(now, watch, tally)
        stale = _go(judged.ready, asked, watch, tally)
        pace.learn(len(judged.ready), len(stale))
        todo = [*stale, *judged.waiting, *todo]


def _go(ready: Sequence[Ready], asked: float, watch: Watch, tally: Counter[str]) -> list[Message]:
    """Send group by group while the verdicts of that second are fresh. Returns those that must be judged again."""
    for start in range(0, len(ready), GROUP):
        if start and watch.seconds - asked > FRESH:
            return [one.message for one in ready[start:]]
        kept, made = _prepared(ready[start : start + GROUP], watch, tally)
        stale = _send(kept, made, asked, watch, tally)
        _forget([m for m in stale if m.pk in made])
        if stale:
            return [*stale, *(one.message for one in ready[start + GROUP :])]
    return []


def _prepared(
    ready: Sequence[Ready], watch: Watch, tally: Counter[str]
) -> tuple[list[Message], dict[int, Rendered]]:  # fmt: skip
    """Rows whose bytes are kept, in one statement, before the first of them is handed over; and what was made now
    (the others repeat an earlier try)."""
    again = [one.message for one in ready if one.message.prepared is not None]
    new: list[tuple[Ready, Rendered]] = []
    for one in ready:
        message = one.message
        if message.prepared is not None:
            continue
        try:
            new.append((one, preparing.rendered(one, watch)))
        except NoticeIncomplete as wrong:
            tally["withheld"] += close(message, State.WITHHELD, reason=str(wrong), at=watch.now)
        except RenderError as wrong:
            tally["failed"] += close(message, State.FAILED, reason=str(wrong), at=watch.now)
    kept = [*again, *preparing.keep(new, watch)]
    if not kept:
        return [], {}
    still = rows_.keep_prepared(kept, watch.now + WORK.lease)
    return [m for m in kept if m.pk in still], {one.message.pk: made for one, made in new}


def _send(
    messages: Sequence[Message], made: dict[int, Rendered], asked: float, watch: Watch, tally: Counter[str]
) -> list[Message]:
    """Hand over while the verdict is fresh. Returns those that must be judged again."""
    done: list[tuple[Message, SendResult]] = []
    stale: list[Message] = []
    for position, message in enumerate(messages):
        if position and watch.seconds - asked > FRESH:
            stale = list(messages[position:])
            break
        result = _hand_over(message, made.get(message.pk), watch, tally)
        if result is not None:
            done.append((message, result))
    if done:
        tally["sent"] += recording.sent(done, watch.now)
    return stale


def _forget(unsent: list[Message]) -> None:
    """They were never handed over, so nothing of this round binds the next."""
    for message in unsent:
        message.prepared = None
    if unsent:
        mine(unsent[0].lease_token).filter(pk__in=[m.pk for m in unsent]).update(prepared=None)


def _hand_over(message: Message, made: Rendered | None, watch: Watch, tally: Counter[str]) -> SendResult | None:
    """One call to the channel; every way it can end is written down.

    `made`: what was made just now. None: an earlier try with the kept bytes may have arrived, so they stay until
    that is known.
    """
    in_doubt = made is None
    try:
        to, made = (preparing.to(message), made) if made is not None else preparing.again(message)
        moment = datetime.fromisoformat((message.prepared or {})["at"])
        return channels.send(kind=message.channel, key=recording.key_of(message), to=to, rendered=made, at=moment)
    except Temporary as wrong:
        _retry(message, str(wrong), watch, tally, **({} if in_doubt else {"prepared": None}))
    except Permanent as wrong:
        if in_doubt:
            _unknown(message, str(wrong), watch, tally)
        else:
            _failed(message, wrong, watch, tally)
    except Ambiguous as wrong:
        if wrong.safe_to_resend:
            _retry(message, str(wrong), watch, tally)
        else:
            _unknown(message, str(wrong), watch, tally)
    except Exception as wrong:
        log.exception("a channel broke", extra={"row": str(message.pk), "channel": message.channel})
        _broken(message, f"{type(wrong).__name__} in the channel", watch, tally)
    return None


def _broken(message: Message, error: str, watch: Watch, tally: Counter[str]) -> None:
    if channels.is_keyed(message.channel):
        _retry(message, error, watch, tally)
    else:
        _unknown(message, error, watch, tally)


def _retry(message: Message, error: str, watch: Watch, tally: Counter[str], **columns: Any) -> None:
    """Later under the same key. After the last try: failed, or not known when it may have gone out."""
    if message.tries < WORK.max_tries:
        due_at = watch.now + work.backoff(message.tries)
        tally["retry"] += work.finish(
            WORK, pk=message.pk, token=message.lease_token, state=State.QUEUED, due_at=due_at,
            last_error=error[:300], **columns,
        )  # fmt: skip
    elif "prepared" in columns:
        tally["failed"] += close(message, State.FAILED, reason=f"Given up after {message.tries} tries. {error}",
                                 at=watch.now, last_error=error[:300], **columns)  # fmt: skip
    else:
        _unknown(message, error, watch, tally)


def _unknown(message: Message, error: str, watch: Watch, tally: Counter[str]) -> None:
    with transaction.atomic():
        reason = f"It may have gone out. {error}"
        if close(message, State.UNKNOWN, reason=reason, at=watch.now, last_error=error[:300]):
            recording.perhaps(message, watch.now)
            tally["unknown"] += 1


def _failed(message: Message, wrong: Permanent, watch: Watch, tally: Counter[str]) -> None:
    """It cannot go. An address the provider does not take is marked bad, so that nothing else is sent there."""
    with transaction.atomic():
        if not close(message, State.FAILED, reason=str(wrong), at=watch.now, last_error=wrong.code, prepared=None):
            return
        tally["failed"] += 1
        if wrong.code == "BAD_ADDRESS" and message.contact_point is not None:
            accounts.set_contact_status(
                point=message.contact_point, status="BAD", by=None, at=watch.now, reason=str(wrong)
            )


def is_due(*, at: datetime) -> int:
    """How many wait now (at most 1,000 are counted), for the tick that wakes workers."""
    due = Message.objects.filter(state=State.QUEUED, due_at__lte=at)
    lapsed = Message.objects.filter(state=State.SENDING, lease_until__lt=at, due_at__lte=at)
    return due[:1000].count() + lapsed[:1000].count()


def workers_busy(*, at: datetime) -> int:
    """How many leases are alive: workers that are sending right now."""
    alive = Message.objects.filter(state=State.SENDING, lease_until__gt=at)
    return alive.values("lease_token").distinct().count()


LEASE: timedelta = WORK.lease
