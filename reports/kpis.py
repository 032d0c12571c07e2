"""What each figure means and how it is worked out. Pure: counts and amounts in, a Rate out (PRODUCT section 4).

An empty base gives no value, shown as a dash, never 0 %. A base under 30 is shown greyed with its count. A change of
meaning is a new version: the id printed beside a figure ("kept_rate@1") names the definition it was made by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

Number = int | Decimal
THIN = 30
TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Rate:
    """A share or ratio with both of its parts. `value` is None when there is no base."""

    numerator: Number
    denominator: Number

    @property
    def value(self) -> Decimal | None:
        """Numerator over denominator, unrounded; None for an empty base."""
        return Decimal(self.numerator) / Decimal(self.denominator) if self.denominator > 0 else None

    @property
    def thin(self) -> bool:
        """Whether a counted base is too small to say much (K 4.0)."""
        return isinstance(self.denominator, int) and 0 < self.denominator < THIN


@dataclass(frozen=True, slots=True)
class Definition:
    """One figure as published: what is counted, over what, what stays out, by which date. Versioned."""

    id: str
    version: int
    name: str
    formula: str
    numerator: str
    denominator: str = ""
    exclusions: str = ""
    dates: str = ""
    slug: str = ""

    @property
    def ref(self) -> str:
        """`kept_rate@1`."""
        return f"{self.id}@{self.version}"


def penetration(attempted: int, eligible: int) -> Rate:
    """Distinct debts attempted ÷ distinct debts that could be contacted on at least one day of the period."""
    return Rate(attempted, eligible)


def intensity(attempts: int, attempted: int) -> Rate:
    """Attempts ÷ distinct debts attempted."""
    return Rate(attempts, attempted)


def contact_rate(contacts: int, attempts: int) -> Rate:
    """Outbound calls in which a human spoke ÷ outbound calls. Inbound calls are in neither."""
    return Rate(contacts, attempts)


def right_party_rate(right_party: int, attempts: int) -> Rate:
    """RPC per attempt, the default: outbound calls that reached the right person ÷ outbound calls."""
    return Rate(right_party, attempts)


def right_party_per_contact(right_party: int, contacts: int) -> Rate:
    """RPC per contact, the second published base: right person ÷ calls in which a human spoke."""
    return Rate(right_party, contacts)


def promise_rate(talks_with_promise: int, right_party: int) -> Rate:
    """PTP rate: talks with the right person in which a new promise was made ÷ talks with the right person."""
    return Rate(talks_with_promise, right_party)


def kept_rate(kept: int, matured: int) -> Rate:
    """Promises kept ÷ promises whose grace has ended. Open, withdrawn and void ones are in neither."""
    return Rate(kept, matured)


def adherence(paid: Decimal, promised: Decimal) -> Rate:
    """Σ min(paid against a promise, promised) ÷ Σ promised, over matured promises. The cap is per promise."""
    return Rate(paid, promised)


def paid_against(paid: Decimal, promised: Decimal) -> Decimal:
    """What one promise adds to the numerator of adherence: overpaying one does not repair another."""
    return max(min(paid, promised), Decimal(0))


def liquidation(net_collected: Decimal, placed: Decimal) -> Rate:
    """Net collections since placement ÷ the amount placed (not today's balance)."""
    return Rate(net_collected, placed)


def against_target(net_posted: Decimal, target: Decimal) -> Rate:
    """Net money posted ÷ the target of the period. No target, no value."""
    return Rate(net_posted, target)


def worked_per_hour(worked: int, productive_seconds: int) -> Rate:
    """People with a saved outcome ÷ hours that were ready, on a call or in wrap-up."""
    return Rate(worked, Decimal(productive_seconds) / 3600)


def cure_rate(cured: int, late_at_start: int) -> Rate:
    """Debts late at the start that are not past due at the end ÷ debts late at the start. Paid off is not cured."""
    return Rate(cured, late_at_start)


def roll_forward(later: Decimal, opening: Decimal) -> Rate:
    """Dollars of one bucket at the start that are in a later one now ÷ dollars of that bucket at the start."""
    return Rate(later, opening)


def block_rate(stopped: int, decisions: int) -> Rate:
    """Contact decisions that said no ÷ contact decisions asked for an act."""
    return Rate(stopped, decisions)


def return_rate(returned: int, presented: int) -> Rate:
    """Payments that came back ÷ payments presented in the same window."""
    return Rate(returned, presented)


def forecast(collected: Decimal, promised_to_end: Decimal, kept: Rate) -> Decimal | None:
    """Collected + promised to the end of the period × kept rate, to the cent. None while no promise has matured."""
    if kept.value is None:
        return collected if promised_to_end == 0 else None
    return collected + (promised_to_end * kept.value).quantize(Decimal("0.01"), ROUND_HALF_UP)


def hundredths(parts: Sequence[Decimal]) -> list[Decimal] | None:
    """Shares of the whole in percent, to a tenth, that add up to 100.0 exactly (largest remainder first).

    None when there is no whole. Parts are amounts ≥ 0.
    """
    whole = sum(parts, Decimal(0))
    if whole <= 0:
        return None
    exact = [part * 100 / whole for part in parts]
    shares = [value.quantize(TENTH, ROUND_DOWN) for value in exact]
    left = int((Decimal(100) - sum(shares, Decimal(0))) / TENTH)
    order = sorted(range(len(parts)), key=lambda i: (shares[i] - exact[i], i))
    for i in order[:left]:
        shares[i] += TENTH
    return shares


def roll_matrix(
    moved: Mapping[tuple[str, str], Decimal], rows: Iterable[str], columns: Sequence[str]
) -> dict[str, list[Decimal] | None]:
    """For each bucket at the start, the share of its dollars now in each column; each row adds to 100.0.

    `moved` is dollars at the start by (bucket then, place now). A bucket without dollars has no row values.
    """
    zero = Decimal(0)
    return {row: hundredths([moved.get((row, column), zero) for column in columns]) for row in rows}


def curve(monthly: Mapping[int, Decimal], placed: Decimal, months: int) -> list[Decimal]:
    """Recovered share of the placed amount after 0…months full months, in percent to a tenth."""
    total, points = Decimal(0), [Decimal(0)]
    for k in range(months):
        total += monthly.get(k, Decimal(0))
        points.append((total * 100 / placed).quantize(TENTH, ROUND_HALF_UP) if placed > 0 else Decimal(0))
    return points


_NET = "Fees added and balance adjustments are never collections."
_DAY = "The day in the portfolio's time zone."
DEFINITIONS: dict[str, Definition] = {
    found.id: found
    for found in (
        Definition(
            "collected", 1, "Collected", "Payments posted, less payments returned.", "Net money posted",
            "The target of the period", _NET,
            "Posted date. Credit: the officer of the last talk or promise in the 30 days before; else who took it.",
            "collected",
        ),
        Definition(
            "kept_rate", 1, "Promises kept", "Kept ÷ due.",
            "Promises with at least the tolerance (95% unless the client says otherwise) received by due date + grace",
            "Promises whose due date and grace have passed",
            "Open, withdrawn by us, replaced before due, and void by bankruptcy, death or dispute.",
            "The last day of grace. A returned payment turns kept into missed, as known now.", "promises",
        ),
        Definition(
            "adherence", 1, "Promised money received", "Σ min(paid, promised) ÷ Σ promised.",
            "Money received against promises that are due, at most what was promised", "Money promised in them",
            "As promises kept.", "The last day of grace.", "promises",
        ),
        Definition(
            "rpc_rate", 1, "Right person reached", "Right person ÷ calls tried.",
            "Outbound calls that ended in a talk with the person or somebody allowed to speak for them",
            "Outbound calls tried", "Inbound calls are reported apart.", f"When the call began. {_DAY}", "calls",
        ),
        Definition(
            "contact_rate", 1, "Somebody answered", "Calls in which a human spoke ÷ calls tried.",
            "Outbound calls in which anybody spoke", "Outbound calls tried", "Inbound calls; answering machines.",
            f"When the call began. {_DAY}", "calls",
        ),
        Definition(
            "promise_rate", 1, "Talks with a promise", "Talks with a new promise ÷ talks with the right person.",
            "Outbound talks with the right person with at least one new promise", "Outbound talks, right person",
            "The replacement of an open promise is not a new one.", f"When the call began. {_DAY}", "calls",
        ),
        Definition(
            "stopped", 1, "Contacts stopped by rules", "Decisions that said no.",
            "Contacts refused before they left: calls asked for and messages due",
            "Contact decisions asked for an act", "People passed over when work is offered; lists and badges.",
            f"When the question was asked. {_DAY}", "stopped",
        ),
        Definition(
            "worked", 1, "Worked", "People with a saved outcome.",
            "People with a saved call outcome, once per officer, client and day",
            exclusions="Opened and left; bulk actions.", dates=f"When the call began. {_DAY}", slug="worked",
        ),
        Definition(
            "worked_per_hour", 1, "Worked in an hour", "People worked ÷ productive hours.", "People worked",
            "Hours ready, on a call or in wrap-up", "Breaks, training, meetings.", "The day the hours began.", "worked",
        ),
        Definition(
            "penetration", 1, "Debts tried", "Debts tried ÷ debts that could be worked.",
            "Distinct debts with at least one outbound call",
            "Distinct debts open and not paused on a day of the period",
            "Paused, disputed and closed ones. Restrictions of single numbers and hours are not looked at.",
            f"When the call began. {_DAY} At most a quarter of an hour old.", "reach",
        ),
        Definition(
            "intensity", 1, "Calls for each debt tried", "Outbound calls ÷ distinct debts tried.",
            "Outbound calls tried", "Distinct debts with at least one outbound call", "Inbound calls.",
            f"When the call began. {_DAY}", "reach",
        ),
        Definition(
            "messages", 1, "Letters and messages", "Sent, and held back.", "Messages that left",
            "Messages that ended in the period: left, held back, failed, too late, cancelled, not known",
            "Messages still waiting.", f"When it left or ended. {_DAY}", "messages",
        ),
        Definition(
            "made", 1, "Promises made", "New promises.", "Promises made",
            exclusions="The replacement of an open promise.", dates=f"When it was made. {_DAY}", slug="made",
        ),
        Definition(
            "roll", 1, "Where balances moved", "Dollars now in each place ÷ dollars of the bucket at the start.",
            "Dollars at the start, by where the same debts are now", "Dollars of the bucket at the last month end",
            "Debts placed since have no row.", "End of day in the portfolio's time zone.",
        ),
        Definition(
            "curve", 2, "Recovered since placement", "Net collections in the first k months ÷ amount placed.",
            "Payments less returns, by months since each debt was placed", "The balance at placement",
            "The month that is not over for every debt of the quarter is dotted; later ones are left out.",
            "Effective date.",
        ),
        Definition(
            "cure_rate", 1, "Brought current", "Late then, not past due now ÷ late then.",
            "Debts late at the last month end and not past due now", "Debts late at the last month end",
            "Paid off is not brought current.", "End of day in the portfolio's time zone.", "cured",
        ),
    )
}  # fmt: skip
