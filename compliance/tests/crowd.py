"""Many real processes that dial one person at the same moment; a child of the eighth-call test.

`python -m compliance.tests.crowd PERSON DEBT OFFICER...`: one process an officer, forked from one that has
loaded everything, each with its own connection. Prints a JSON list: "out", or the rule that refused.
"""

import json
import multiprocessing
import sys
from typing import Any

import django

WAIT = 60  # seconds until everybody stands at the line


def main() -> None:
    django.setup()
    _warm_up()
    person, debt, *officers = (int(text) for text in sys.argv[1:])
    together = multiprocessing.get_context("fork")
    start, said = together.Barrier(len(officers)), together.Queue()
    crowd = [together.Process(target=dial, args=(person, debt, officer, start, said)) for officer in officers]
    for process in crowd:
        process.start()
    answers = [said.get(timeout=2 * WAIT) for _ in crowd]
    for process in crowd:
        process.join()
    print(json.dumps(answers))  # noqa: T201


def _warm_up() -> None:
    """Tables and rules are read once, before the fork, as a worker that has run for a while has them."""
    from accounts import places
    from collections_crm import testing as make
    from compliance import rulebooks

    places.zip_zones("79901", "TX")
    places.phone_zones("+19155550142")
    rulebooks.shipped().at(make.NOON)


def dial(person: int, debt: int, officer: int, start: Any, said: Any) -> None:
    """One officer, in one process: ready, wait for the others, dial."""
    from accounts.models import Account, Debtor
    from collections_crm import testing as make
    from contacts import services as contacts
    from users.models import User

    try:
        debtor, by = Debtor.objects.get(pk=person), User.objects.get(pk=officer)
        account = Account.objects.select_related("portfolio__creditor").get(pk=debt)
        point = debtor.contact_points.get(kind="PHONE")
        start.wait(WAIT)
        contacts.start_call(debtor=debtor, point=point, accounts=[account], by=by, at=make.NOON)
    except contacts.CallRefused as refused:
        said.put(refused.answer.rule_id)
    except Exception as error:  # the test counts it as neither
        said.put(f"{type(error).__name__}: {error}")
    else:
        said.put("out")


if __name__ == "__main__":
    main()
