"""P14: fifty officers at once, four of five requests reads, against real gunicorn servers as `up` starts them.

    python -m bench.fifty --database-url URL [--seconds 300] [--floor-seconds 60] [--officers 50]

The bare server runs before and after the product with the same clients, sessions and mix; the ratio of the rates is
the figure. Prints one JSON object a line. Claims people and posts cents: use a database that can be thrown away.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .setup import django_on

PORTS = (8931, 8932)


def main() -> int:
    """Floor, product, floor; 1 when a request failed."""
    options = _options()
    django_on(options.database_url)
    from . import floors, measure, officers
    from .servers import Server

    floors.tables(max(officers.accounts(), 1000))
    people = officers.make(options.officers)
    _say(measure.machine() | {"officers": len(people), "accounts": officers.accounts()})
    bare = Server("bench.floor_settings", PORTS[0])
    ours = Server("collections_crm.settings", PORTS[1])
    try:
        rates = [_run("floor", bare, [officers.Bare(one) for one in people], options.floor_seconds)]
        product = _run("product", ours, [officers.Officer(one) for one in people], options.seconds)
        rates.append(_run("floor", bare, [officers.Bare(one) for one in people], options.floor_seconds))
    finally:
        bare.stop()
        ours.stop()
    floor = statistics.mean(one["per_second"] for one in rates)
    ratio = product["per_second"] / floor if floor else 0.0
    errors, growth = product["errors"], product["rss_growth_percent"]
    _say(
        {
            "id": "P14", "what": "fifty officers at once, 80 % reads", "unit": "per second", "floor": round(floor, 1),
            "product": product["per_second"], "ratio": round(ratio, 3), "bound": 0.4, "errors": errors,
            "rss_growth_percent": growth, "met": ratio >= 0.4 and not errors and growth < 5,
            "seconds": options.seconds,
        }
    )  # fmt: skip
    _say(measure.machine())
    return int(bool(errors))


def _run(name: str, server: Any, clients: list[Any], seconds: float) -> dict[str, Any]:
    """All clients at once for so long; the rate counts from the end of the warm-up (a fifth) on."""
    server.start()
    for one in clients[:8]:  # both workers have read their code and plans before the clock starts
        one.work(server.port, time.monotonic() + 1)
        one.log.clear()
    began = time.monotonic()
    warm, end = began + seconds / 5, began + seconds
    with ThreadPoolExecutor(len(clients) + 1) as pool:
        sizes = pool.submit(_sizes, server, warm, end)
        logs = list(pool.map(lambda one: one.work(server.port, end), clients))
    made = [entry for log in logs for entry in log]
    counted = [entry for entry in made if entry.ended >= warm]
    took = sorted(entry.ms for entry in counted)
    first, last = sizes.result()
    found = {
        "id": f"P14 {name}",
        "per_second": round(len(counted) / (end - warm), 1),
        "requests": len(made),
        "reads_percent": round(100 * sum(entry.read for entry in made) / max(len(made), 1), 1),
        "errors": sum(entry.failed for entry in made),
        "refused_by_rules": sum(entry.refused for entry in made),
        "p50_ms": round(took[len(took) // 2]) if took else 0,
        "p95_ms": round(took[len(took) * 95 // 100]) if took else 0,
        "rss_mb": [first, last],
        "rss_growth_percent": round(100 * (last - first) / first, 1) if first else 0.0,
        "failures": sorted({entry.what for entry in made if entry.failed})[:5],
    }
    _say(found)
    return found


def _sizes(server: Any, warm: float, end: float) -> tuple[int, int]:
    """Resident megabytes of the workers after the warm-up and just before the end."""
    time.sleep(max(warm - time.monotonic(), 0))
    first = server.resident_mb()
    time.sleep(max(end - time.monotonic() - 0.5, 0))
    return first, server.resident_mb()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.fifty", description=__doc__)
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--floor-seconds", type=float, default=60.0, help="of each of the two floors")
    parser.add_argument("--officers", type=int, default=50)
    return parser.parse_args()


def _say(row: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
