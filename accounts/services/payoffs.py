"""What pays a debt in full on a day: posted balances plus interest derived to that day (F27, DECISIONS 21)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts import interest
from accounts.models import Account, Quote
from accounts.services.debts import RECEIVABLE, AccountRefused, post
from accounts.services.pauses import without_interest
from core import audit, clock
from core.dates import Period
from core.money import ZERO, RoundingRule, quantize
from ledger import queries as ledger
from ledger.models import Entry, Journal
from ledger.services import Line

PRINCIPAL = f"{RECEIVABLE}principal"
INTEREST = f"{RECEIVABLE}interest"


@dataclass(frozen=True, slots=True)
class Payoff:
    """The amount that pays the debt on a day, its parts by component (accrued interest in `interest`)."""

    amount: Decimal
    parts: dict[str, Decimal]
    accrued: Decimal
    accrued_from: date


def payoff(*, account: Account, on: date) -> Payoff:
    """The payoff of a day, in the account's currency: everything effective by then, and interest up to it.

    Interest runs on principal only, from the last interest posting (else placement), at the account's yearly rate,
    when its portfolio charges interest; not on days of a bankruptcy or another stay (`pauses`); rounded once to the
    cent by the portfolio's rule. Never negative.
    """
    parts = {code.removeprefix(RECEIVABLE): amount for code, amount in ledger.balance_as_of(account.pk, on).items()}
    start = accrued_to(account, on)
    accrued = _accrued(account, start, on)
    if accrued:
        parts["interest"] = parts.get("interest", ZERO) + accrued
    return Payoff(max(sum(parts.values(), ZERO), ZERO), parts, accrued, start)


@transaction.atomic
def quote(*, account: Account, good_through: date, by: Any, at: datetime) -> Quote:
    """Give a payoff figure that holds through a day; letters print this row.

    Interest up to today is posted first, so that the ledger and the figure agree. Raises AccountRefused.
    """
    today = clock.today(account.portfolio.time_zone, at)
    if good_through < today:
        raise AccountRefused("A figure can be good through today or a later day.")
    account = Account.objects.select_for_update(of=("self",)).select_related("portfolio").get(pk=account.pk)
    post_interest(account=account, on=today, at=at, by=by)
    figures = payoff(account=account, on=good_through)
    made = Quote.objects.create(
        account=account,
        good_through=good_through,
        amount=figures.amount,
        parts={name: str(amount) for name, amount in figures.parts.items()},
        accrued=figures.accrued,
        given_at=at,
        given_by=by,
    )
    audit.record(
        "quote.given",
        actor=by,
        subject=account,
        data={"amount": figures.amount, "good_through": good_through, "quote": made.pk},
        person_id=account.debtor_id,
        portfolio_id=account.portfolio_id,
        at=at,
    )
    return made


@transaction.atomic
def post_interest(*, account: Account, on: date, at: datetime, by: Any = None) -> Decimal:
    """Post the interest accrued up to a day, once for each account and day; returns it (0.00: nothing due)."""
    amount = _accrued(account, accrued_to(account, on), on)
    if amount <= 0:
        return ZERO
    lines = [Line(INTEREST, debit=amount), Line("income.interest", credit=amount)]
    _, new = post(
        account=account,
        key=f"interest:{account.pk}:{on}",
        code=Journal.Code.INTEREST,
        lines=lines,
        effective_date=on,
        at=at,
        by=by,
    )
    return amount if new else ZERO


def accrued_to(account: Account, on: date) -> date:
    """The day up to which interest is in the ledger: the last interest posting by `on`, else the placement."""
    posted = Entry.objects.filter(
        subject_id=account.pk, account=INTEREST, debit__isnull=False, effective_date__lte=on,
        journal__code=Journal.Code.INTEREST, journal__reversed_by=None,
    )  # fmt: skip
    last = posted.order_by("-effective_date").values_list("effective_date", flat=True).first()
    return min(max(last or account.placed_on, account.placed_on), on)


def interest_of(*, account: Account, periods: Sequence[Period]) -> Decimal:
    """What these days would have cost: for those that bore no interest by themselves (a stay). Rounded once.

    In the account's currency, by its portfolio's rule, on the principal of each day; the periods do not overlap.
    """
    if not _bears(account) or not periods:
        return ZERO
    stretches = _stretches(account.pk, min(each.start for each in periods), max(each.end for each in periods))
    cut = [
        (principal, max(first, period.start), min(last, period.end))
        for principal, first, last in stretches
        for period in periods
        if max(first, period.start) < min(last, period.end)
    ]
    return _interest(account, cut)


def _accrued(account: Account, start: date, on: date) -> Decimal:
    if not _bears(account) or start >= on:
        return ZERO
    pauses = without_interest(account)
    cut = [
        (principal, begins, ends)
        for principal, first, last in _stretches(account.pk, start, on)
        for begins, ends in interest.bearing(first, last, pauses)
    ]
    return _interest(account, cut)


def _bears(account: Account) -> bool:
    return account.portfolio.charges_interest and bool(account.interest_rate)


def _interest(account: Account, stretches: Sequence[tuple[Decimal, date, date]]) -> Decimal:
    basis: interest.Basis = "360" if account.portfolio.interest_basis == 360 else "365"
    rule: RoundingRule = account.portfolio.rounding  # type: ignore[assignment]
    exact = sum(
        (
            interest.exact_interest(
                principal=principal, annual_rate=account.interest_rate or ZERO, start=first, end=last, basis=basis
            )
            for principal, first, last in stretches
        ),
        Decimal(0),
    )
    return quantize(exact, rule)


def _stretches(account_id: int, start: date, on: date) -> Iterator[tuple[Decimal, date, date]]:
    """The principal and the days it stood, cut where a posting changed it."""
    principal = ledger.balance_as_of(account_id, start, prefix=PRINCIPAL).get(PRINCIPAL, ZERO)
    changes = Entry.objects.filter(
        subject_id=account_id, account_id=PRINCIPAL, effective_date__gt=start, effective_date__lt=on
    ).order_by("effective_date", "id")
    day = start
    for entry in changes:
        if entry.effective_date > day:
            yield max(principal, ZERO), day, entry.effective_date
            day = entry.effective_date
        principal += (entry.debit or ZERO) - (entry.credit or ZERO)
    yield max(principal, ZERO), day, on
