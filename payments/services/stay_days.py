"""Days on which a debt bears no interest because of a stay, and posting them after all (docs/decisions/0016).

A bankruptcy stops interest from the petition on (11 USC 502(b)(2)); a UK breathing space forgives that of its days for
good (SI 2020/1311 reg 7). Neither is made up for when it ends: only a person may post the days of a case that ended
without a discharge, and says why.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max, Q

from accounts import interest
from accounts import services as accounts
from accounts.models import Account, Portfolio
from accounts.services import payoffs
from accounts.states import WORKABLE
from compliance.models import Hold
from core import audit, clock, formats
from core.dates import Period
from core.money import ZERO
from ledger.models import Balance, Entry, Journal
from ledger.services import Line
from payments.models import StayInterest

from .locking import lock
from .payments import PaymentRefused

KINDS = {Hold.Kind.BANKRUPTCY: "bankruptcy", Hold.Kind.BREATHING_SPACE: "breathing space"}
NEVER = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Stay:
    """A hold in whose days interest does not run; `until` is the first day after it, None while nobody
    knows it."""

    kind: str
    since: date
    until: date | None
    discharged: bool

    @property
    def period(self) -> Period:
        """Its days; one without an end goes on."""
        return Period(self.since, max(self.until or NEVER, self.since))

    def is_over(self, on: date) -> bool:
        """Whether interest runs again on that day."""
        return self.until is not None and self.until <= on

    @property
    def why(self) -> str:
        """In words."""
        return KINDS[Hold.Kind(self.kind)]


@dataclass(frozen=True, slots=True)
class Unposted:
    """Days of cases that are over, of which no interest is in the ledger, and what they would cost now."""

    periods: tuple[Period, ...]
    amount: Decimal
    discharged: bool

    @property
    def days(self) -> int:
        """How many days these are."""
        return sum(period.days for period in self.periods)


def stays(*, account: Account) -> list[Stay]:
    """The stays of a debt (its own and those of its person), the oldest first; days on the portfolio's calendar."""
    rows = Hold.objects.filter(Q(account=account) | Q(account=None), debtor=account.debtor_id, kind__in=KINDS)
    return [_stay(account, row) for row in rows.order_by("since", "pk")]


def pauses(account: Account) -> list[Period]:
    """The days without interest, for `accounts.services.pauses`."""
    return [stay.period for stay in stays(account=account)]


def unposted(*, account: Account, on: date) -> Unposted:
    """What a person may still post: days of ended bankruptcies, less those of a breathing space and those posted."""
    found = stays(account=account)
    over = interest.merged(s.period for s in found if s.kind == Hold.Kind.BANKRUPTCY and s.is_over(on))
    barred = [s.period for s in found if s.kind != Hold.Kind.BANKRUPTCY or not s.is_over(on)]
    barred += [
        Period(date.fromisoformat(first), date.fromisoformat(last))
        for row in StayInterest.objects.filter(account=account)
        for first, last in row.periods
    ]
    left = tuple(
        Period(first, last)
        for period in over
        for first, last in interest.bearing(max(period.start, account.placed_on), period.end, barred)
    )
    discharged = any(s.discharged for s in found)
    return Unposted(left, payoffs.interest_of(account=account, periods=left), discharged)


@transaction.atomic
def post_stay_interest(*, account: Account, outcome: str, reason: str, by: Any, at: datetime) -> StayInterest:
    """Post the interest of the days of a bankruptcy that ended without a discharge, dated today. Audited.

    An adjustment, not an accrual: it leaves alone up to which day interest is posted. The same days are posted once.
    Raises PaymentRefused.
    """
    account = lock([account.pk])[0]
    today = clock.today(account.portfolio.time_zone, at)
    found = unposted(account=account, on=today)
    _check(account, found, outcome, reason, today)
    words = say(found.periods, today)
    memo = f"Interest of {words}. {StayInterest.Outcome(outcome).label}: {reason.strip()}"
    journal, _ = accounts.post(
        account=account,
        key=f"stayinterest:{account.pk}:{found.periods[0].start}:{found.periods[-1].end}",
        code=Journal.Code.ADJUSTMENT,
        lines=[Line(payoffs.INTEREST, debit=found.amount), Line("income.interest", credit=found.amount)],
        effective_date=today,
        at=at,
        by=by,
        memo=memo[:200],
    )
    made = StayInterest.objects.create(
        account=account,
        periods=[[period.start.isoformat(), period.end.isoformat()] for period in found.periods],
        amount=found.amount,
        outcome=outcome,
        reason=reason.strip(),
        posted_on=today,
        recorded_at=at,
        posted_by=by,
        journal_id=journal.pk,
    )
    audit.record(
        "debt.stay_interest_posted",
        actor=by,
        subject=account,
        data={"amount": found.amount, "days": found.days, "outcome": outcome},
        reason=reason.strip(),
        person_id=account.debtor_id,
        portfolio_id=account.portfolio_id,
        at=at,
    )
    return made


def in_force(book: Portfolio, at: datetime) -> set[int]:
    """Debts of a portfolio that are in a stay now."""
    return _debts(book, Hold.objects.filter(Q(until=None) | Q(until__gt=at), lifted_at=None))


def just_over(book: Portfolio, at: datetime) -> set[int]:
    """Debts with a stay that ended after the last day up to which interest is in the ledger."""
    ended = _debts(book, Hold.objects.filter(~Q(lifted_at=None) | Q(until__lte=at)))
    rows = list(Account.objects.filter(pk__in=ended).select_related("portfolio"))
    posted = dict(
        Balance.objects.filter(subject_id__in=ended, account=payoffs.INTEREST).values_list("subject_id", "accrued_to")
    )
    holds: dict[int, list[Hold]] = defaultdict(list)
    for hold in Hold.objects.filter(debtor__in={row.debtor_id for row in rows}, kind__in=KINDS):
        holds[hold.debtor_id].append(hold)
    return {
        row.pk
        for row in rows
        for hold in holds[row.debtor_id]
        if hold.account_id in (None, row.pk)
        and _stay(row, hold).period.end > max(posted.get(row.pk) or row.placed_on, row.placed_on)
    }


def say(periods: Iterable[Period], today: date) -> str:
    """Periods in words, with their last days: Oct 5 to Nov 19."""
    return ", ".join(
        f"{formats.short_day(each.start, today)} to {formats.short_day(each.end - timedelta(days=1), today)}"
        for each in periods
    )


def _debts(book: Portfolio, holds: Any) -> set[int]:
    holds = holds.filter(kind__in=KINDS)
    debts = holds.exclude(account=None).values("account")
    people = holds.filter(account=None).values("debtor")
    rows = Account.objects.filter(Q(pk__in=debts) | Q(debtor__in=people), portfolio=book)
    return set(rows.values_list("pk", flat=True))


def _stay(account: Account, row: Hold) -> Stay:
    zone = ZoneInfo(account.portfolio.time_zone)
    since = row.since.astimezone(zone).date()
    ends = [moment for moment in (row.lifted_at, row.until) if moment is not None]
    until = min(ends).astimezone(zone).date() if ends else None
    facts = row.facts or {}
    filed = _day(facts.get("filed_on"))
    if filed is not None and filed < since:
        since = max(filed, _posted_by(account, row.since) or filed)
    discharged = facts.get("status") == "discharged" or bool(facts.get("discharged_on"))
    return Stay(row.kind, since, until, discharged)


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def _posted_by(account: Account, moment: datetime) -> date | None:
    """Up to which day interest was posted before we heard of the case: those days are in the ledger already."""
    rows = Entry.objects.filter(
        subject_id=account.pk, account=payoffs.INTEREST, debit__isnull=False, recorded_at__lt=moment,
        journal__code=Journal.Code.INTEREST, journal__reversed_by=None,
    )  # fmt: skip
    last: date | None = rows.aggregate(last=Max("effective_date"))["last"]
    return last


def _check(account: Account, found: Unposted, outcome: str, reason: str, on: date) -> None:
    for wrong, field, words in _wrong(account, found, outcome, reason, on):
        if wrong:
            raise PaymentRefused(words, field)


def _wrong(
    account: Account, found: Unposted, outcome: str, reason: str, on: date
) -> Iterator[tuple[bool, str | None, str]]:
    running = not all(stay.is_over(on) for stay in stays(account=account))
    yield outcome not in StayInterest.Outcome.values, "outcome", "Say how the case ended."
    yield not reason.strip(), "reason", "Say why the interest is posted."
    yield found.discharged, None, "The debt was discharged: no interest of the case may be asked for."
    yield running, None, "A bankruptcy or breathing space is in force. Nothing is posted meanwhile."
    yield account.status not in WORKABLE, None, "This debt is not being worked now."
    yield found.amount <= ZERO, None, "There are no days left whose interest could be posted."
