"""Everything the work screen shows of one person, read with a fixed number of statements (P3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from accounts.models import Account, AccountParty, ContactPoint, Debtor, Identifier
from compliance import services as compliance
from compliance.models import Hold
from contacts import services as contacts
from contacts.models import Interaction
from core import clock, formats
from core.money import ZERO
from strategies.models import Queue
from strategies.rules import priority
from users.models import User

from . import details as small
from . import reach, reads
from .details import Details
from .look import Look, look

SHOWN_FOR = timedelta(minutes=15)
TALKERS = frozenset({"officer"})
ACTORS = frozenset({"officer", "lead", "manager"})
DEBT_KINDS = {"ACTIVE": ("Open", "plain"), "NEW": ("New", "info"), "ARRANGED": ("In a plan", "ok")}
ALL_STOP = ("CEASE", "ATTORNEY", "BANKRUPTCY", "DECEASED", "BREATHING")


@dataclass(frozen=True, slots=True)
class Debt:
    """One row of the debts table. `collectable`: we may ask for it now."""

    account: Account
    paid: Decimal
    count: int
    calls: int
    limit: int
    label: str
    kind: str
    collectable: bool
    hold: Hold | None = None
    dispute: int | None = None

    @property
    def added(self) -> Decimal:
        """Interest, fees and corrections since placement: what explains the balance beside the payments."""
        return self.account.balance + self.paid - self.account.placed_amount

    @property
    def glyph(self) -> str:
        return "alert" if self.label == "Missed" else ""


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody who has to do with a debt, or a debt of somebody else's that this person answers for."""

    party: AccountParty
    name: str
    words: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """The person as the screen shows her to one user at one moment.

    `quiet`: somebody is on the user's line who may not hear of a debt, so nothing on the page tells of one (F13).
    """

    debtor: Debtor
    debts: list[Debt]
    ways: list[reach.Way]
    holds: list[Hold]
    talk_to: list[Role]
    answers_for: list[Role]
    details: Details
    call: Interaction | None
    look: Look
    zone: str
    place: str
    masked: bool
    quiet: bool
    may_act: bool
    mine: bool
    at: datetime

    @property
    def accounts(self) -> list[Account]:
        return [row.account for row in self.debts]

    @property
    def open(self) -> list[Account]:
        return [row.account for row in self.debts if row.account.is_open]

    @property
    def collectable(self) -> list[Account]:
        """What we may ask for now, the debt of the work item first, then by size."""
        main = (self.details.item or {}).get("account")
        rows = [row.account for row in self.debts if row.collectable]
        return sorted(rows, key=lambda row: (row.pk != main, -row.balance, row.pk))

    @property
    def owed(self) -> Decimal:
        return sum((row.balance for row in self.open), ZERO)

    @property
    def to_collect(self) -> Decimal:
        return sum((row.balance for row in self.collectable), ZERO)

    @property
    def paid(self) -> tuple[Decimal, int]:
        rows = [row for row in self.debts if row.account.is_open]
        return sum((row.paid for row in rows), ZERO), sum(row.count for row in rows)

    @property
    def currency(self) -> str:
        return self.accounts[0].currency if self.debts else "USD"

    @property
    def today(self) -> date:
        """Today on the person's own wall."""
        return self.at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def book_today(self) -> date:
        """Today on the calendar of the main debt's portfolio."""
        main = self.collectable or self.open
        return clock.today(main[0].portfolio.time_zone, self.at) if main else self.today

    @property
    def names(self) -> dict[int, str]:
        return {row.pk: row.creditor.name for row in self.accounts}

    @property
    def best(self) -> reach.Way | None:
        return next((way for way in self.ways if way.first), None)

    @property
    def blocking(self) -> list[Hold]:
        """Holds on all of the person: no buttons to contact."""
        return [hold for hold in self.holds if hold.account_id is None and hold.kind in ALL_STOP]

    @property
    def distress(self) -> Hold | None:
        """The pause of a person in distress or danger, until its review."""
        return next((hold for hold in self.holds if hold.source == contacts.DISTRESS), None)

    @property
    def stops(self) -> tuple[str, ...]:
        return ALL_STOP

    @property
    def checked_words(self) -> str:
        if self.call is None or self.call.verified_at is None:
            return ""
        return f"Identity checked {formats.clock_time(self.call.verified_at.astimezone(ZoneInfo(self.zone)))}"

    @property
    def split(self) -> tuple[list[tuple[Decimal, str]], str] | None:
        """How the total splits over the debts, for the rail; None for one debt."""
        rows = [row for row in self.debts if row.account.is_open and row.account.balance > 0]
        if len(rows) < 2 or not self.owed:
            return None
        kinds = iter(("c1", "c3", "c2", "c4"))
        parts = [(row.account.balance, next(kinds, "c4") if row.collectable else "c0") for row in rows]
        words = [
            f"{row.account.creditor.name} {formats.percent(row.account.balance / self.owed, 0)}"
            f"{'' if row.collectable else ' paused'}"
            for row in rows
        ]
        return parts, ", ".join(words)

    @property
    def totals(self) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        rows = self.debts
        return (
            sum((row.account.placed_amount for row in rows), ZERO),
            sum((row.added for row in rows), ZERO),
            sum((row.paid for row in rows), ZERO),
            sum((row.account.balance for row in rows), ZERO),
        )

    @property
    def one_currency(self) -> bool:
        return len({row.account.currency for row in self.debts}) == 1

    @property
    def left_out(self) -> str:
        """Why fewer debts are offered than are open."""
        missing = len(self.open) - len(self.collectable)
        return f"{missing} paused debt{'s' if missing > 1 else ''} left out" if missing > 0 else ""

    @property
    def queue_words(self) -> str:
        item = self.details.item
        return str(Queue(item["queue"]).label) if item else ""

    @property
    def after_talk(self) -> date:
        """The first day on which we may call again after a talk today (12 CFR 1006.14(b)(2)(i)(B))."""
        return self.today + timedelta(days=7)

    @property
    def born_url(self) -> str:
        return f"{self.debtor.get_absolute_url()}reveal/born/"

    @property
    def numbers(self) -> list[dict[str, str]]:
        """Class-S numbers by their end; each has its address to ask for the rest."""
        found = []
        for row in self.details.identifiers:
            kind = Identifier.Kind(row["kind"])
            shown = formats.mask_ssn(row["last4"]) if kind == Identifier.Kind.SSN else formats.ending(row["last4"])
            url = f"{self.debtor.get_absolute_url()}reveal/{row['id']}/"
            found.append({"label": str(kind.label), "ident": f"fact-{row['id']}", "shown": shown, "url": url})
        return found

    @property
    def attorney(self) -> dict[str, str] | None:
        """Whom to contact instead, with the number."""
        role = next((r for r in self.talk_to if r.party.role == AccountParty.Role.ATTORNEY), None)
        if role is None:
            return None
        point = role.party.debtor.contact_points.filter(kind=ContactPoint.Kind.PHONE).first()
        return {"name": role.name, "phone": formats.phone(point.value) if point else ""}

    @property
    def wishes(self) -> list[str]:
        """Times the person asked us to keep to, in words."""
        wanted = self.look.facts.consumer.preferences
        words = [f"not {_span(w.start, w.end)}" for w in wanted.inconvenient]
        words += [f"best {_span(w.start, w.end)}" for w in wanted.convenient]
        return words + [f"not at {place}" for place in sorted(wanted.inconvenient_places)]

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """The parts of the priority; they add up to it (D10)."""
        item = self.details.item
        parts = item["reasons"] if item else {}
        return [(priority.LABELS.get(code, code), points) for code, points in parts.items()]


def card(*, user: User, debtor_id: int, at: datetime, shown: bool = False) -> Card:
    """One person for one user; raises Http404 when it is not the user's. `shown`: amounts were asked for.

    Amounts are masked for those who talk with people until the identity is checked and the disclosure read.
    """
    debtor, accounts = reads.person(user=user, debtor_id=debtor_id)
    accounts.sort(key=lambda row: (not row.is_open, -row.balance, row.pk))
    ids = [row.pk for row in accounts]
    details = small.read(
        debtor_id=debtor.pk, accounts=ids,
        books=sorted({row.portfolio_id for row in accounts}), user=user, at=at,
    )  # fmt: skip
    call = _call(debtor) if details.has_call else None
    holds = compliance.open_holds(debtor, at) if details.has_holds else []
    seen = look(debtor=debtor, accounts=_asked_about(accounts, holds), holds=holds, at=at)
    zone = debtor.home_zone or (accounts[0].portfolio.time_zone if accounts else "UTC")
    roles = reads.roles(debtor_id=debtor.pk, accounts=ids) if details.has_roles else []
    in_hand = details.in_hand
    return Card(
        debtor=debtor,
        debts=[_debt(row, details, seen, at) for row in accounts],
        ways=reach.ways(seen, zone=zone, at=at),
        holds=seen.holds,
        talk_to=_talk_to(roles, debtor, at),
        answers_for=_answers_for(roles, debtor, user),
        details=details,
        call=call,
        look=seen,
        zone=zone,
        place=_place(seen.points, zone),
        masked=is_masked(user, call, shown) or _no_money(user, call, seen.holds),
        quiet=call is not None and call.officer_id == user.pk and contacts.silent(call),
        may_act=bool(user.roles & ACTORS),
        mine=in_hand is None or in_hand.user_id == user.pk,
        at=at,
    )


def _asked_about(accounts: list[Account], holds: list[Hold]) -> list[Account]:
    """The debts that a contact now would be about: those that do not rest, of one kind of client (DECISIONS 3)."""
    resting = {hold.account_id for hold in holds}
    free = [row for row in accounts if row.is_collectable and row.pk not in resting]
    rows = free or [row for row in accounts if row.is_open] or accounts
    return [row for row in rows if _own(row) == _own(rows[0])]


def _own(account: Account) -> bool:
    return bool(account.portfolio.collector_type == "first_party_creditor")


def _call(debtor: Debtor) -> Interaction | None:
    rows = Interaction.objects.filter(debtor=debtor, kind=Interaction.Kind.CALL, state=Interaction.State.OPEN)
    return rows.select_related("officer", "script_version__script", "contact_point").order_by("-started_at").first()


def is_masked(user: User, call: Interaction | None, shown: bool) -> bool:
    """No amounts on a call until the identity is checked and the disclosure read (F33, F34)."""
    if call is not None and call.officer_id == user.pk:
        return call.verified_at is None or contacts.silent(call) or bool(contacts.unread(call))
    return bool(user.roles & TALKERS) and not shown


def _no_money(user: User, call: Interaction | None, holds: Sequence[Hold]) -> bool:
    """While a person is in distress nobody who talks with her sees an amount."""
    talks = bool(user.roles & TALKERS) or (call is not None and call.officer_id == user.pk)
    return talks and any(hold.source == contacts.DISTRESS for hold in holds)


def _debt(account: Account, details: Details, seen: Look, at: datetime) -> Debt:
    paid, count = details.paid.get(account.pk, (ZERO, 0))
    hold = next((h for h in seen.holds if h.account_id in (None, account.pk)), None)
    calls, limit = seen.calls(account, at) if account.is_open else (0, 7)
    missed = details.missed
    label, kind = DEBT_KINDS.get(account.status, (account.get_status_display(), "plain"))
    if missed is not None and missed.account_id == account.pk and account.is_open:
        label, kind = "Missed", "stop"
    if hold is not None and account.is_open:
        label, kind = "Paused" if hold.kind != "DISPUTE" else "Disputed", "stop"
    if account.needs_decision:
        label, kind = "Waits", "hold"
    dispute = details.disputes.get(account.pk)
    return Debt(
        account=account,
        paid=paid,
        count=count,
        calls=calls,
        limit=limit,
        label=label,
        kind=kind,
        collectable=account.is_collectable and hold is None,
        hold=hold if account.is_open else None,
        dispute=dispute["id"] if dispute else None,
    )


def _talk_to(roles: Sequence[AccountParty], debtor: Debtor, at: datetime) -> list[Role]:
    found: dict[tuple[int, str], Role] = {}
    for party in roles:
        ended = party.valid_until is not None and party.valid_until < at.date()
        if party.debtor_id == debtor.pk or ended:
            continue
        until = f" until {formats.short_day(party.valid_until, at.date())}" if party.valid_until else ""
        hears = "" if party.may_hear_balance else ", no amounts"
        words = f"{party.get_role_display().lower()}{hears}{until}"
        found.setdefault((party.debtor_id, party.role), Role(party, party.debtor.name, words))
    return list(found.values())


def _answers_for(roles: Sequence[AccountParty], debtor: Debtor, user: User) -> list[Role]:
    found = []
    for party in roles:
        if party.debtor_id != debtor.pk or party.account.debtor_id == debtor.pk:
            continue
        url = party.account.debtor.get_absolute_url()
        words = f"{party.get_role_display().lower()} with {party.account.debtor.name}"
        found.append(Role(party, party.account.creditor.name, words, url))
    return found


def _place(points: Sequence[ContactPoint], zone: str) -> str:
    home = next((p for p in points if p.kind == ContactPoint.Kind.ADDRESS and p.usable and p.city), None)
    return f"{home.city}, {home.state}" if home else formats.zone_words(zone)


def _span(start: int, end: int) -> str:
    return f"{formats.hour_words(start / 60)} to {formats.hour_words(end / 60)}"
