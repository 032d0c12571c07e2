"""Run the benchmarks: `python -m bench.run --database-url URL [--only P1,P5] [--pairs 5] [--seconds 1]`.

The database must hold the demo and be one that can be thrown away: claims are taken, cents are paid.
"""

import argparse
import json
import sys
from typing import Any

from .setup import django_on


def main() -> int:
    """One JSON object a line: the machine, then each case. 1 when a case failed to run."""
    options = _options()
    django_on(options.database_url)
    from core.memory import settle

    from . import boards, cases, floors, measure

    known = {**cases.CASES, **boards.CASES}

    _say(measure.machine() | {"accounts": _accounts()})
    floors.tables(max(_accounts(), 1000))
    failed = False
    for number in options.only.split(",") if options.only else [*known, *cases.ABSENT]:
        if number not in known:
            _say({"id": number, "skipped": cases.ABSENT.get(number, "There is no such benchmark.")})
            continue
        try:
            case = known[number]()
            settle()  # as our workers do once they are up
            _say(measure.pairs(case, count=options.pairs, seconds=options.seconds))
        except measure.Missing as missing:
            _say({"id": number, "skipped": str(missing)})
        except Exception as error:
            failed = True
            _say({"id": number, "failed": f"{type(error).__name__}: {error}"[:300]})
    _say(measure.machine())
    return int(failed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.run", description=__doc__)
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--only", default="", help="ids with commas between, such as P1,P5")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each half of a pair")
    return parser.parse_args()


def _accounts() -> int:
    from accounts.models import Account

    return Account.objects.count()


def _say(row: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
