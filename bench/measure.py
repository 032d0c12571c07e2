"""Pairs: floor, product, floor, product; the ratio within each pair, then the median with its range."""

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Work = Callable[[], float]  # does a little and returns how many things it did (unit "ms": how long it took)


class Missing(Exception):
    """The product, or this database, does not have what is measured; the text says what."""


@dataclass(slots=True)
class Case:
    """One row of the table "Speed": what is measured, against which floor, and the bound of the ratio.

    `unit` says what a figure is: "per second" (the ratio is product / floor, at least `bound`), "CPU ms" (product /
    floor, at most `bound`), or "ms" (the same; the work returns its own milliseconds, the median counts).
    """

    id: str
    what: str
    unit: str
    bound: float
    floor: Work
    product: Work
    notes: dict[str, Any] = field(default_factory=dict)


def rate(work: Work, seconds: float) -> float:
    """Things a second of wall time."""
    done, began = 0.0, time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds:
        done += work()
    return done / spent if spent else 0.0


def cpu_ms(work: Work, seconds: float) -> float:
    """CPU milliseconds of this process for one thing."""
    done, began, used = 0.0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        done += work()
    return (time.process_time() - used) * 1000 / max(done, 1)


def server_ms() -> float:
    """CPU milliseconds so far of the server's processes that work on this database; 0 when it is elsewhere."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        pids = [row[0] for row in cursor.fetchall()]
    ticks = 0
    for pid in pids:
        try:
            parts = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        except OSError:
            continue
        ticks += int(parts[11]) + int(parts[12])
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Spent:
    """CPU of client and server together for the things done: what neighbours move least."""

    things: float = 0.0
    ms: float = 0.0

    def measured(self, work: Work, seconds: float) -> float:
        """The rate of the work, its CPU added up here."""
        client, server = time.process_time(), server_ms()
        began = time.perf_counter()
        found = rate(work, seconds)
        self.things += found * (time.perf_counter() - began)
        self.ms += (time.process_time() - client) * 1000 + server_ms() - server
        return found

    @property
    def each(self) -> float:
        return round(self.ms / self.things, 2) if self.things else 0.0


def own_ms(work: Work, seconds: float) -> float:
    """The median of the milliseconds that the work says of itself."""
    began = time.perf_counter()
    said: list[float] = []
    while not said or time.perf_counter() - began < seconds:
        said.append(work())
    return statistics.median(said)


def pairs(case: Case, *, count: int, seconds: float) -> dict[str, Any]:
    """The figures of a case as one JSON object."""
    measure = {"CPU ms": cpu_ms, "ms": own_ms}.get(case.unit, rate)
    measure(case.floor, min(0.2, seconds))  # warm up
    measure(case.product, min(0.2, seconds))
    floors, products, cpu = [], [], (Spent(), Spent())
    for _ in range(count):
        if measure is rate:
            floors.append(cpu[0].measured(case.floor, seconds))
            products.append(cpu[1].measured(case.product, seconds))
        else:
            floors.append(measure(case.floor, seconds))
            products.append(measure(case.product, seconds))
    ratios = [product / floor for floor, product in zip(floors, products, strict=True) if floor]
    median = statistics.median(ratios) if ratios else 0.0
    met = median >= case.bound if case.unit == "per second" else median <= case.bound
    return {
        "id": case.id,
        "what": case.what,
        "unit": case.unit,
        "floor": round(statistics.median(floors), 3),
        "product": round(statistics.median(products), 3),
        "ratio": round(median, 3),
        "range": [round(min(ratios, default=0.0), 3), round(max(ratios, default=0.0), 3)],
        "bound": case.bound,
        "met": met,
        "pairs": len(ratios),
        **({"cpu_ms": [cpu[0].each, cpu[1].each]} if measure is rate else {}),
        **case.notes,
    }


def machine() -> dict[str, Any]:
    """How much of a core this process gets right now; below 0.8 the figures are disturbed."""
    wall, used = time.perf_counter(), time.process_time()
    while time.process_time() - used < 0.3:
        pass
    share = (time.process_time() - used) / (time.perf_counter() - wall)
    return {"id": "machine", "cpu_share": round(share, 2), "load1": round(os.getloadavg()[0], 2)}
