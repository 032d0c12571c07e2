"""The words that go into a message, read for a whole chunk at once (about eight queries, whatever its size)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from accounts.models import Account, ContactPoint, Debtor, Firm, Licence
from core import clock, formats
from core.dates import validation_period_end
from ledger import queries as ledger
from ledger.models import Entry
from letters import points, subjects
from letters.merge_fields import LANGUAGES, Context, date_text, money_text
from letters.models import Message, TemplateVersion
from letters.render import Letterhead, NoticeData
from letters.subjects import Day, Money, Subject, Words

ZERO = Decimal("0.00")
_SUFFIXES = (", Inc.", ", LLC", " Inc.", " LLC", ", L.P.", ", Ltd.")
_CREDITS = ("ADJUSTMENT", "WRITE_OFF")


@dataclass(frozen=True, slots=True)
class Since:
    """What the ledger has added since placement, each as a positive figure of its own line of the notice."""

    interest: Decimal = ZERO
    fees: Decimal = ZERO
    payments: Decimal = ZERO
    credits: Decimal = ZERO


@dataclass(slots=True)
class Book:
    """Everything that a chunk of messages may need, as it is now."""

    at: datetime
    firm: Firm | None
    licences: dict[str, list[str]]
    accounts: dict[int, Account]
    debtors: dict[int, Debtor]
    points: dict[int, list[ContactPoint]]
    unapplied: dict[int, Decimal]
    versions: dict[tuple[int, str], TemplateVersion]
    subjects: dict[subjects.Key, Subject]
    since: dict[int, Since] = field(default_factory=dict)

    @property
    def zone(self) -> str:
        return self.firm.time_zone if self.firm else "America/Chicago"

    def subject(self, message: Message) -> Subject:
        """What a message is about. Raises subjects.NoReader."""
        return subjects.of(self.subjects, message.kind, message.subject_type, message.subject_id)

    def version(self, template_id: int, lang: str) -> TemplateVersion | None:
        """The words in use in that language, else in English, else none."""
        return self.versions.get((template_id, lang)) or self.versions.get((template_id, "en"))


def read(messages: Iterable[Message], at: datetime) -> Book:
    """Facts for these messages."""
    rows = list(messages)
    debtors = Debtor.objects.in_bulk({m.debtor_id for m in rows})
    accounts = _accounts({m.account_id for m in rows}, debtors)
    notices = {m.account_id for m in rows if m.kind == "validation_notice"}
    book = Book(
        at=at,
        firm=Firm.objects.first(),
        licences=_licences(clock.today("UTC", at)),
        accounts=accounts,
        debtors=debtors,
        points={},
        unapplied=unapplied(accounts),
        versions=_versions({m.template_id for m in rows}),
        subjects=subjects.read(((m.kind, m.subject_type, m.subject_id) for m in rows if m.subject_id is not None), at),
        since=_since(notices),
    )
    for point in ContactPoint.objects.filter(debtor__in=book.debtors).order_by("pk"):
        book.points.setdefault(point.debtor_id, []).append(point)
    return book


def unapplied(accounts: Iterable[int]) -> dict[int, Decimal]:
    """Money received that no debt part has taken yet, by account; accounts without any are left out."""
    held = ledger.balances(accounts, prefix="suspense.")
    return {pk: -sum(parts.values(), ZERO) for pk, parts in held.items()}


def _accounts(ids: set[int], debtors: Mapping[int, Debtor]) -> dict[int, Account]:
    """Portfolios are few and shared, so they are read once for all."""
    shared = ("portfolio__creditor", "portfolio__owner", "portfolio__servicer")
    rows = Account.objects.prefetch_related(*shared).in_bulk(ids)
    for account in rows.values():
        if account.debtor_id in debtors:
            account.debtor = debtors[account.debtor_id]
    return rows


def _licences(on: date) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in Licence.objects.filter(valid_from__lte=on).exclude(valid_until__lt=on):
        found.setdefault(row.state, []).append(row.wording or f"{row.state} license {row.number}")
    return found


def _versions(templates: set[int]) -> dict[tuple[int, str], TemplateVersion]:
    live = TemplateVersion.objects.filter(template__in=templates, state=TemplateVersion.State.LIVE)
    return {(v.template_id, v.lang): v for v in live}


def _since(accounts: set[int]) -> dict[int, Since]:
    if not accounts:
        return {}
    rows = (
        Entry.objects.filter(subject_id__in=accounts, account__code__startswith="receivable.")
        .exclude(journal__code="PLACEMENT")
        .values_list("subject_id", "journal__code")
        .annotate(debit=Sum("debit"), credit=Sum("credit"))
    )
    sums: dict[int, dict[str, Decimal]] = {}
    for account, code, debit, credit in rows:
        sums.setdefault(account, {})[code] = (debit or ZERO) - (credit or ZERO)
    return {pk: _since_one(codes) for pk, codes in sums.items()}


def _since_one(codes: Mapping[str, Decimal]) -> Since:
    credits_ = -sum((codes.get(code, ZERO) for code in _CREDITS), ZERO)
    rest = -sum((v for code, v in codes.items() if code not in (*_CREDITS, "INTEREST", "FEE")), ZERO)
    return Since(codes.get("INTEREST", ZERO), codes.get("FEE", ZERO), rest, credits_)


def language(debtor: Debtor) -> str:
    """The language the person is written to: theirs when we have it, else English."""
    lang = debtor.language.split("-")[0].lower()
    return lang if lang in LANGUAGES else "en"


def context(message: Message, book: Book, point: ContactPoint, version: TemplateVersion) -> Context:
    """The merge fields that a version uses of one message, in its language; nothing but text."""
    lang, words = version.lang, version.subject + version.body
    account, debtor = book.accounts[message.account_id], book.debtors[message.debtor_id]
    today = clock.today(book.zone, book.at)
    subject = book.subject(message)
    whole: Context = {
        "today": date_text(today, lang),
        "person": {
            "name": debtor.name,
            "first_name": debtor.given_name,
            "address_lines": _lines(point, book.points.get(debtor.pk, [])),
        },
        "debt": _debt(account, lang, itemized="itemization" in words),
        "firm": firm_fields(book.firm, book.licences.get(debtor.state, [])),
    }
    if "notice." in words:
        whole["notice"] = {"validation_end": date_text(validation_period_end(today), lang)}
    for group, values in (*subject.values.items(), *message.facts.items()):
        if isinstance(values, Mapping):
            whole.setdefault(group, {}).update({name: written(value, lang) for name, value in values.items()})
    return whole


def written(value: Any, lang: str) -> Any:
    """A value of a subject as text in a language."""
    if isinstance(value, Money):
        return money_text(value.amount, value.currency, lang)
    if isinstance(value, Day):
        return date_text(value.day, lang, weekday=value.weekday)
    if isinstance(value, Words):
        return value.es if lang == "es" else value.en
    if isinstance(value, Mapping) and set(value) == {"day"}:  # a day among facts that were kept as JSON
        return date_text(date.fromisoformat(value["day"]), lang)
    if isinstance(value, Mapping):
        return {name: written(inner, lang) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [written(inner, lang) for inner in value]
    return value


def _lines(point: ContactPoint, known: list[ContactPoint]) -> list[str]:
    if point.kind == ContactPoint.Kind.ADDRESS:
        return point.address_lines
    home = points.best(known, "post")
    return home.address_lines if home else []


def _debt(account: Account, lang: str, *, itemized: bool) -> dict[str, Any]:
    def money(amount: Decimal | None) -> str:
        return "" if amount is None else money_text(amount, account.currency, lang)

    owner, creditor = account.portfolio.owner, account.portfolio.creditor
    original = account.original_creditor or creditor.name
    tail = account.reference_end
    found: dict[str, Any] = {
        "reference": account.ref,
        "reference_masked": f"terminada en {tail}" if lang == "es" else f"ending {tail}",
        "creditor": owner.name,
        "original_creditor": original,
        "original_creditor_address": " ".join(creditor.address.split()) if original == creditor.name else "",
        "product": (account.product or account.portfolio.product).lower(),
        "balance": money(account.balance),
    }
    if itemized:
        found["itemization"] = {
            "date": date_text(account.itemization_date, lang) if account.itemization_date else "",
            "amount": money(account.itemization_amount),
            "interest": money(account.itemization_interest),
            "fees": money(account.itemization_fees),
            "payments": money(account.itemization_payments),
            "credits": money(account.itemization_credits),
        }
    return found


def firm_fields(firm: Firm | None, licences: list[str]) -> dict[str, Any]:
    """Who we are, as merge fields; empty texts before the first-run page was filled in."""
    if firm is None:
        return {}
    return {
        "name": firm.name,
        "short_name": short_name(firm),
        "address": ", ".join(address_lines(firm)),
        "phone": formats.phone(firm.phone),
        "hours": firm.hours,
        "website": firm.website.removeprefix("https://").rstrip("/"),
        "email": firm.email,
        "licence_lines": licences,
    }


def short_name(firm: Firm) -> str:
    """The name without its legal form, for texts."""
    for suffix in _SUFFIXES:
        if firm.name.endswith(suffix):
            return firm.name.removesuffix(suffix)
    return firm.name


def address_lines(firm: Firm) -> list[str]:
    """Our address as printed."""
    place = f"{firm.city}, {firm.state} {firm.postal_code}".strip(", ")
    return [line for line in (firm.address_line1, firm.address_line2, place) if line]


def letterhead(firm: Firm | None, licences: Iterable[str] = ()) -> Letterhead:
    """Who writes, at the head and the foot of the sheet."""
    if firm is None:
        return Letterhead(name="", address="")
    return Letterhead(
        name=firm.name,
        address=", ".join(address_lines(firm)),
        phone=formats.phone(firm.phone),
        hours=firm.hours,
        website=firm.website.removeprefix("https://").rstrip("/"),
        licence_lines=tuple(licences),
        logo=bytes(firm.logo or b""),
    )


def notice(account: Account, debtor: Debtor, point: ContactPoint, book: Book, sent_on: date) -> NoticeData:
    """The validation notice of a debt as of a day: figures at placement plus what the ledger added since.

    It is not checked here: letters.render.check_notice refuses one that is incomplete or a cent off.
    """
    firm, since = book.firm, book.since.get(account.pk, Since())

    def plus(start: Decimal | None, more: Decimal) -> Decimal | None:
        return None if start is None else start + more

    return NoticeData(
        collector_name=firm.name if firm else "",
        collector_address_lines=tuple(address_lines(firm)) if firm else (),
        collector_phone=formats.phone(firm.phone) if firm else "",
        collector_hours=firm.hours if firm else "",
        collector_website=firm.website if firm else "",
        consumer_name=debtor.name,
        consumer_address_lines=tuple(point.address_lines),
        current_creditor=account.portfolio.owner.name,
        creditor_on_itemization_date=account.original_creditor or account.portfolio.creditor.name,
        product=(account.product or account.portfolio.product).lower(),
        account_number_truncated=account.reference_end,
        itemization_kind=account.itemization_kind,
        itemization_date=account.itemization_date,
        amount_on_itemization_date=account.itemization_amount,
        interest=plus(account.itemization_interest, since.interest),
        fees=plus(account.itemization_fees, since.fees),
        payments=plus(account.itemization_payments, since.payments),
        credits=plus(account.itemization_credits, since.credits),
        current_amount=account.balance,
        sent_on=sent_on,
        validation_end=validation_period_end(sent_on),
        currency=account.currency,
        reference=account.ref,
        offer_spanish=True,
    )
