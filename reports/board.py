"""The board in words and drawings: figures in, tiles, charts and table rows out. Reads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.urls import reverse

from core import formats
from core.dates import ONE_DAY
from letters.states import ARRIVED, State
from users.models import User

from . import kpis
from .periods import days_words
from .queries import Board, OfficerLine, Sums
from .rule_words import rule_words
from .scope import Scope

ZERO = Decimal(0)
LONGEST_WITH_SPARK = 11  # characters; a longer figure takes the width of its tile


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure: its words, how it changed, and the list behind it. `thin`: the base is small, shown greyed."""

    definition: kpis.Definition
    name: str
    value: str
    url: str
    words: str
    change: str = ""
    good: bool | None = None
    spark: Sequence[Decimal | int] = ()
    thin: bool = False

    @property
    def id(self) -> str:
        return self.definition.id


@dataclass(frozen=True, slots=True)
class Breadth:
    """Debts: tried and to be worked in the period; brought current since the last month end, of those late then."""

    tried: int
    eligible: int
    cured: int
    late: int
    late_on: date | None


def list_url(slug: str, query: str) -> str:
    return f"{reverse('reports:list', args=[slug])}?{query}"


def tiles(board: Board, breadth: Breadth | None = None) -> list[Tile]:
    """The strip of key figures; with `breadth` those of debts too."""
    own = [_collected(board), _kept(board), _received(board), _reached(board), _worked(board)]
    wide = [_penetration(board, breadth), _intensity(board, breadth), _cured(board, breadth)] if breadth else []
    sent = [] if board.scope.bucket else [_sent(board)]
    return [*own, *wide, _stopped(board), *sent]


def _rate_tile(board: Board, name: str, now: kpis.Rate, before: kpis.Rate, words: str, **more: object) -> Tile:
    change, good = "", None
    if now.value is not None and before.value is not None:
        gap = now.value - before.value
        change, good = formats.points(gap), (None if abs(gap) < Decimal("0.0005") else gap > 0)
        words = f"on {_before_words(board)}. {words}"
    found = kpis.DEFINITIONS[name]
    return Tile(
        definition=found,
        name=found.name,
        value=formats.percent(now.value),
        url=list_url(found.slug, board.scope.query()),
        words=words,
        change=change,
        good=good,
        spark=tuple(more["spark"]),  # type: ignore[arg-type]
        thin=now.thin,
    )


def _before_words(board: Board) -> str:
    """`October` for a whole month, `Oct 1–24` for a part of it."""
    first, last = board.like
    if last == board.scope.period.before().last:
        return board.scope.period.before().short
    return days_words(first, last)


def _collected(board: Board) -> Tile:
    scope, found = board.scope, kpis.DEFINITIONS["collected"]
    total, words, change, good = board.now["collected"], "", "", None
    share = kpis.against_target(total, board.target).value
    if share is not None:
        gone, working = scope.period.working_days(scope.today)
        passed = Decimal(gone) / Decimal(working) if working else Decimal(1)
        gap = share - passed
        change, good = formats.points(abs(gap)), gap >= 0
        change = change.removeprefix("+")
        target = formats.money(board.target, scope.currency)
        words = f"{'ahead' if good else 'behind'}: {formats.percent(share)} of {target}"
        words += f" with {formats.percent(passed)} of working days gone."
    else:
        words = f"{formats.number(board.now['payments'])} payments.{'' if scope.bucket else ' No target is set.'}"
    expected = kpis.forecast(total, board.open_promises, kpis.kept_rate(board.now["kept"], board.now["matured"]))
    if board.open_promises and expected is not None:
        words += f" Forecast {formats.money(expected, scope.currency)}."
    value = formats.money(total, scope.currency)
    return Tile(
        definition=found,
        name=f"Collected, {scope.period.words}",
        value=value,
        url=list_url(found.slug, scope.query()),
        words=words,
        change=change,
        good=good,
        spark=[step["collected"] for step in board.steps] if len(value) <= LONGEST_WITH_SPARK else (),
    )


def _kept(board: Board) -> Tile:
    now, was = board.now, board.before
    rates = [kpis.kept_rate(step["kept"], step["matured"]).value for step in board.steps]
    return _rate_tile(
        board,
        "kept_rate",
        kpis.kept_rate(now["kept"], now["matured"]),
        kpis.kept_rate(was["kept"], was["matured"]),
        f"{formats.number(now['kept'])} of {formats.number(now['matured'])} due",
        spark=[rate for rate in rates if rate is not None],
    )


def _received(board: Board) -> Tile:
    now, was = board.now, board.before
    paid, promised = (formats.money(now[name], board.scope.currency) for name in ("kept_amount", "matured_amount"))
    rates = [kpis.adherence(step["kept_amount"], step["matured_amount"]).value for step in board.steps]
    tile = _rate_tile(
        board,
        "adherence",
        kpis.adherence(now["kept_amount"], now["matured_amount"]),
        kpis.adherence(was["kept_amount"], was["matured_amount"]),
        f"{paid} of {promised}",
        spark=[rate for rate in rates if rate is not None],
    )
    return replace(tile, thin=0 < now["matured"] < kpis.THIN)


def _penetration(board: Board, breadth: Breadth) -> Tile:
    found, rate = kpis.DEFINITIONS["penetration"], kpis.penetration(breadth.tried, breadth.eligible)
    words = f"{formats.number(breadth.tried)} of {formats.number(breadth.eligible)} that could be worked"
    url = list_url(found.slug, board.scope.query())
    return Tile(found, found.name, formats.percent(rate.value), url, words, thin=rate.thin)


def _intensity(board: Board, breadth: Breadth) -> Tile:
    found, rate = kpis.DEFINITIONS["intensity"], kpis.intensity(board.now["attempts"], breadth.tried)
    value = str(rate.value.quantize(Decimal("0.1"), ROUND_HALF_UP)) if rate.value is not None else formats.DASH
    words = f"{formats.number(board.now['attempts'])} calls for {formats.number(breadth.tried)} debts"
    return Tile(found, found.name, value, list_url(found.slug, board.scope.query()), words, thin=rate.thin)


def _cured(board: Board, breadth: Breadth) -> Tile:
    found, rate = kpis.DEFINITIONS["cure_rate"], kpis.cure_rate(breadth.cured, breadth.late)
    opened = breadth.late_on.replace(day=1) - ONE_DAY if breadth.late_on else None
    since = f" late on {opened:%b} {opened.day}" if opened else ""
    words = f"{formats.number(breadth.cured)} of {formats.number(breadth.late)}{since}"
    url = list_url(found.slug, board.scope.query())
    return Tile(found, found.name, formats.percent(rate.value), url, words, thin=rate.thin)


def _reached(board: Board) -> Tile:
    now, was = board.now, board.before
    rates = [kpis.right_party_rate(step["right_party"], step["attempts"]).value for step in board.steps]
    return _rate_tile(
        board,
        "rpc_rate",
        kpis.right_party_rate(now["right_party"], now["attempts"]),
        kpis.right_party_rate(was["right_party"], was["attempts"]),
        f"{formats.number(now['right_party'])} of {formats.number(now['attempts'])} calls",
        spark=[rate for rate in rates if rate is not None],
    )


def _stopped(board: Board) -> Tile:
    found, now = kpis.DEFINITIONS["stopped"], board.now
    share = kpis.block_rate(now["blocked"], now["decisions"])
    top = ", ".join(f"{formats.number(count)} for {rule_words(rule)}" for rule, count in board.rules[:2])
    words = f"{formats.percent(share.value)} of {formats.number(now['decisions'])} decisions"
    words = f"{words}. {top}" if now["decisions"] else "Nothing was asked for"
    return Tile(
        definition=found,
        name=found.name,
        value=formats.number(now["blocked"]),
        url=list_url(found.slug, board.scope.query()),
        words=words.strip(),
        spark=[step["blocked"] for step in board.steps],
        thin=share.thin,
    )


def _worked(board: Board) -> Tile:
    found = kpis.DEFINITIONS["worked"]
    pace = kpis.worked_per_hour(board.now["worked"], board.seconds).value
    words = f"{pace.quantize(Decimal('0.1'))} in an hour of work" if pace is not None else "No hours recorded"
    words = "Hours are not kept by age" if board.scope.bucket else words
    talks = board.now["right_party"] + board.now["inbound_right_party"]
    return Tile(
        definition=found,
        name="People worked",
        value=formats.number(board.now["worked"]),
        url=list_url(found.slug, board.scope.query()),
        words=f"{words}. {formats.number(talks)} talks, {formats.number(board.now['promises'])} promises",
        spark=[step["worked"] for step in board.steps],
    )


def _sent(board: Board) -> Tile:
    found = kpis.DEFINITIONS["messages"]
    left = sum(count for state, count in board.messages.items() if state in ARRIVED)
    held = board.messages.get(State.WITHHELD, 0)
    failed = board.messages.get(State.FAILED, 0)
    words = f"{formats.number(held)} held back, {formats.number(failed)} failed"
    return Tile(
        definition=found,
        name="Letters and messages sent",
        value=formats.number(left),
        url=list_url(found.slug, board.scope.query(part="left")),
        words=words,
        spark=board.message_steps,
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the officers' table, in words."""

    name: str
    url: str
    sums: Sums
    kept: str
    thin: bool
    pace: str
    weeks: Sequence[Decimal] = ()
    target: str = ""


def officer_rows(board: Board) -> list[Row]:
    """Officers by dollars; what nobody is credited with comes last, so that the column adds up."""
    return [_row(board, line) for line in board.officers]


def total_row(board: Board) -> Row:
    """The foot: the sums of the rows above."""
    sums = Sums()
    for line in board.officers:
        sums = sums.plus(line.sums)
    whole = OfficerLine(user=None, sums=sums, seconds=board.seconds, target=ZERO)
    row = _row(board, whole)
    return Row("Together", "", sums, row.kept, row.thin, row.pace)


def _row(board: Board, line: OfficerLine) -> Row:
    kept = kpis.kept_rate(line.sums["kept"], line.sums["matured"])
    pace = kpis.worked_per_hour(line.sums["worked"], line.seconds).value
    if line.user:
        url = f"{reverse('reports:officer', args=[line.user.username])}?{board.scope.query()}"
    else:
        url = list_url("collected", board.scope.query(officer="nobody"))
    share = kpis.against_target(line.sums["collected"], line.target).value
    return Row(
        name=line.name,
        url=url,
        sums=line.sums,
        kept=formats.percent(kept.value),
        thin=kept.thin,
        pace=str(pace.quantize(Decimal("0.1"))) if pace is not None else formats.DASH,
        weeks=line.weeks,
        target=formats.percent(share) if share is not None else "",
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a day with its list."""

    label: str
    value: str
    url: str


def day_figures(sums: Sums, scope: Scope, person: User) -> list[Figure]:
    """What one officer did today, each figure opening its list (F103)."""
    query = scope.query(period=scope.today.isoformat(), officer=person.username)
    right = scope.query(period=scope.today.isoformat(), officer=person.username, part="right")
    number = formats.number
    return [
        Figure("People worked", number(sums["worked"]), list_url("worked", query)),
        Figure("Calls tried", number(sums["attempts"]), list_url("calls", query)),
        Figure("Right person", number(sums["right_party"]), list_url("calls", right)),
        Figure("Promises made", number(sums["promises"]), list_url("made", query)),
        Figure("Plans agreed", number(sums["plans"]), list_url("plans", query)),
        Figure("Collected", formats.money(sums["collected"], scope.currency), list_url("collected", query)),
    ]


def officer_tiles(board: Board, person: User) -> list[Tile]:
    """The strip of one officer: the same figures and definitions, their own lists. Messages are nobody's own."""
    own = [replace(tile, url=f"{tile.url}&officer={person.username}") for tile in tiles(board)]
    return [tile for tile in own if tile.id != "messages"]
