"""May we? One answer for the desk, the list, the letter run and the auditor's screen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects
from django.db.models.expressions import RawSQL

from accounts import loaded
from accounts.models import Account, ContactPoint, Debtor, Portfolio
from accounts.states import OPEN, WORKABLE
from compliance import gather, past, portrait
from compliance.gather import Book, Rows
from compliance.models import VerdictRecord
from compliance.rules import engine
from compliance.rules.facts import Action, Collector, Debt, Facts, Policy
from compliance.rules.packs import Rulebook
from compliance.rules.verdict import BLOCK, HOUSE_POLICY, RANK, Finding, Verdict
from core import prepared

from . import overrides

_KINDS = {"call": ContactPoint.Kind.PHONE, "sms": ContactPoint.Kind.PHONE, "email": ContactPoint.Kind.EMAIL}
_NATURAL = {"PHONE": "call", "EMAIL": "email", "ADDRESS": "letter"}
_STRICTEST = ("third_party", "debt_buyer", "first_party_creditor")


@dataclass(frozen=True, slots=True)
class Request:
    """One question: may we do this to this person now? Empty `accounts` means the person's open, unpaused ones."""

    debtor: Debtor
    channel: str
    accounts: Sequence[Account] | None = None
    point: ContactPoint | None = None
    purpose: str = "collect"
    inbound: bool = False
    automated: str = "none"
    content: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict with what screens need of it, and the id under which it was stored (None: not stored)."""

    verdict: Verdict
    record_id: UUID | None = None
    facts: Facts | None = field(default=None, repr=False)
    account_ids: tuple[int, ...] = ()
    rules: Rulebook | None = field(default=None, repr=False)  # by which it was judged

    @property
    def allowed(self) -> bool:
        return self.verdict.decision in ("allow", "warn")

    @property
    def decision(self) -> str:
        return self.verdict.decision

    @property
    def rule_id(self) -> str:
        return self.verdict.rule_id or ""

    @property
    def next_allowed(self) -> datetime | None:
        return self.verdict.next_allowed

    @property
    def sentence(self) -> str:
        """The primary reason in one plain sentence; empty for a yes."""
        primary = self.verdict.primary
        return primary.sentence if primary else ""


def may_contact(
    *,
    debtor: Debtor,
    channel: str,
    at: datetime,
    occasion: str,
    accounts: Sequence[Account] | None = None,
    point: ContactPoint | None = None,
    purpose: str = "collect",
    by: Any = None,
    inbound: bool = False,
    automated: str = "none",
    content: frozenset[str] | None = None,
    record: bool = True,
    act_type: str = "",
    act_id: str = "",
) -> Answer:
    """May this person be contacted so, now? Stored with its facts unless `record` is False.

    `occasion` says who asks: claim, dial, send, refuse, look. Call it inside the transaction of the
    act. An approved override turns a block of house policy or a presumption into a warning; an act
    (dial, send) uses it up. An error in reading facts propagates (the act fails); one in a rule is a no.
    """
    request = Request(debtor, channel, accounts, point, purpose, inbound, automated, content)
    (answer,) = _judge([request], at)
    with transaction.atomic(savepoint=False):  # in the act's transaction: what fails here fails the act
        verdict = overrides.apply(answer.verdict, request=request, at=at, occasion=occasion)
        answer = replace(answer, verdict=verdict)
        if not record:
            return answer
        row = _record(request, answer, at=at, occasion=occasion, by=by, act_type=act_type, act_id=act_id)
        prepared.insert(row)
    return replace(answer, record_id=row.pk)


def may_contact_many(
    requests: Sequence[Request], at: datetime, *, record: bool = False, occasion: str = "list", by: Any = None
) -> list[Answer]:
    """The same answers for many people with a bounded number of queries (five per call)."""
    answers = _judge(requests, at)
    if record:
        rows = [_record(r, a, at=at, occasion=occasion, by=by) for r, a in zip(requests, answers, strict=True)]
        VerdictRecord.objects.bulk_create(rows, batch_size=500)
        return [replace(a, record_id=row.pk) for a, row in zip(answers, rows, strict=True)]
    return answers


def badges(
    debtor: Debtor, points: Sequence[ContactPoint], accounts: Sequence[Account], at: datetime
) -> dict[int, Answer]:
    """One answer per contact point of one person by its natural channel (phone: call), facts read once."""
    requests = [Request(debtor, _NATURAL[p.kind], accounts, p) for p in points]
    return {p.pk: a for p, a in zip(points, _judge(requests, at), strict=True)}


def facts_for(
    debtor: Debtor, at: datetime, accounts: Sequence[Account] | None = None, *, known_at: datetime | None = None
) -> Facts:
    """The engine's facts about one person at a moment; with `known_at` as we knew them then."""
    (answer,) = _judge([Request(debtor, "call", accounts)], at, known_at=known_at, stood_then=known_at is not None)
    return answer.facts or Facts()


def judge_as_known(
    request: Request, at: datetime, known_at: datetime | None, *, rules_of: datetime | None = None
) -> Answer:
    """The answer at a past moment from what was known by `known_at` (None: from what is known now). Not stored.

    Numbers and debts count as they stood at that moment. By the rules in force then, or at `rules_of`.
    """
    (answer,) = _judge([request], at, known_at=known_at, rules_of=rules_of, stood_then=True)
    return answer


def judge_now(request: Request, at: datetime) -> Answer:
    """The answer of this moment for a screen. Not stored."""
    (answer,) = _judge([request], at)
    return answer


def action_for(
    request: Request, accounts: Iterable[Account] = (), *, person_id: str = "", ids: Iterable[int] = ()
) -> Action:
    """The proposed act in the engine's words; about these debts, or the request's own."""
    point = request.point
    to = "" if point is None else str(point.pk) if point.kind == ContactPoint.Kind.ADDRESS else point.value
    about = list(ids) or [a.pk for a in accounts or request.accounts or ()]
    return Action(
        channel=request.channel,
        purpose=request.purpose,
        automated=request.automated,
        to=to,
        person_id=person_id,
        debt_ids=tuple(str(pk) for pk in about),
        inbound=request.inbound,
        content=request.content,
    )


def _open_accounts(ids: list[int], closed_too: bool = False) -> list[Account]:
    """Open debts that these people owe, alone or with others. Portfolios are few: many people share their rows."""
    if not ids:
        return []
    if len(ids) <= gather.FEW and not closed_too:
        return loaded.debts(f"a.id IN ({_OWED}) AND a.status = ANY(%(open)s)", _owed(ids), _OWED_TYPES)
    owed = RawSQL(_OWED.replace("%(people)s", "%s").replace("%(roles)s", "%s"), [ids, ids, _ROLES])
    rows = Account.objects.filter(pk__in=owed).order_by("pk")
    if not closed_too:
        rows = rows.filter(status__in=OPEN)
    if len(ids) == 1:
        return list(rows.select_related("portfolio__creditor"))
    return list(rows.prefetch_related(Prefetch("portfolio", Portfolio.objects.select_related("creditor"))))


_ROLES = [str(role) for role in gather.LIABLE]
_OWED = (
    "SELECT id FROM accounts_account WHERE debtor_id = ANY(%(people)s) UNION "
    "SELECT account_id FROM accounts_accountparty WHERE debtor_id = ANY(%(people)s) AND role = ANY(%(roles)s)"
)
_OWED_TYPES = {"people": "bigint[]", "roles": "text[]", "open": "text[]"}


def _owed(ids: list[int]) -> dict[str, Any]:
    return {"people": ids, "roles": _ROLES, "open": sorted(str(status) for status in OPEN)}


def _judge(
    requests: Sequence[Request],
    at: datetime,
    *,
    known_at: datetime | None = None,
    rules_of: datetime | None = None,
    stood_then: bool = False,
) -> list[Answer]:
    named = {a.pk: a for r in requests for a in r.accounts or ()}
    found = _open_accounts(sorted({r.debtor.pk for r in requests if not r.accounts}), stood_then)
    if stood_then:
        named = {a.pk: a for a in past.as_they_stood(named.values(), at, known_at)}
        found = past.open_then(found, at, known_at)
    debtors = [r.debtor for r in requests]
    book = read_for(debtors, [*named.values(), *found], at, known_at=known_at, stood_then=stood_then)
    by_person = _shelve(found, book)
    rules = book.library.at(rules_of or at)
    kept: dict[tuple[int, ...], Facts] = {}
    answers = []
    for r in requests:
        accounts = [named[a.pk] for a in r.accounts or ()] or _workable(by_person.get(r.debtor.pk, []), book)
        answers.append(answer_from(book, r, accounts, at, kept, rules))
    return answers


def read_for(
    debtors: Iterable[Debtor],
    accounts: Sequence[Account],
    at: datetime,
    *,
    known_at: datetime | None = None,
    stood_then: bool = False,
) -> Book:
    """The rows for questions about these people and debts: as gather.read when portfolios and creditors are loaded."""
    if not all(_is_loaded(account) for account in accounts):
        prefetch_related_objects(list(accounts), "portfolio__creditor")
    people = {d.pk for d in debtors} | {a.debtor_id for a in accounts}
    return gather.read(people, [a.pk for a in accounts], at=at, known_at=known_at, stood_then=stood_then)


def _is_loaded(account: Account) -> bool:
    known = Account.portfolio.is_cached(account)
    return known and Portfolio.creditor.is_cached(account.portfolio)


def facts_from(book: Book, debtor: Debtor, accounts: Sequence[Account]) -> Facts:
    """The facts about one person and these debts, by who first owes the first of them."""
    primary = accounts[0].debtor_id if accounts else debtor.pk
    return _facts(debtor, primary, [a for a in accounts if a.debtor_id == primary], book)


def _shelve(accounts: Iterable[Account], book: Book) -> dict[int, list[Account]]:
    shelves: dict[int, list[Account]] = {}
    for account in accounts:
        shelves.setdefault(account.debtor_id, []).append(account)
    by_pk = {a.pk: a for a in accounts}
    for (account_id, debtor_id), role in book.roles.items():
        owed = by_pk.get(account_id)
        if owed is not None and role in gather.LIABLE and debtor_id != owed.debtor_id:
            shelves.setdefault(debtor_id, []).append(owed)
    return shelves


def _workable(accounts: list[Account], book: Book) -> list[Account]:
    """Without those that rest on their own (disputed, paused, closed to us); when all rest, all of them."""
    free = [a for a in accounts if a.status in WORKABLE and not _is_held(a, book)]
    return free or accounts


def _is_held(account: Account, book: Book) -> bool:
    rows = book.people.get(account.debtor_id)
    return rows is not None and any(h.account == account.pk for h in rows.holds)


def answer_from(
    book: Book,
    request: Request,
    accounts: Sequence[Account],
    at: datetime,
    kept: dict[tuple[int, ...], Facts],
    rules: Rulebook,
) -> Answer:
    """Judged once for each person who first owes one of the debts; the strictest answer counts."""
    primaries: dict[int, list[Account]] = {}
    for account in accounts:
        primaries.setdefault(account.debtor_id, []).append(account)
    worst: Answer | None = None
    for primary, theirs in (primaries or {request.debtor.pk: []}).items():
        key = (request.debtor.pk, primary, *(a.pk for a in theirs))
        facts = kept.get(key)
        if facts is None:
            facts = kept[key] = _facts(request.debtor, primary, theirs, book)
        action = action_for(request, theirs, person_id=str(request.debtor.pk))
        verdict = _with_point(engine.evaluate(facts, action, at, packs=rules), request)
        answer = Answer(verdict, None, facts, tuple(a.pk for a in accounts), rules)
        if worst is None or _strictness(answer) > _strictness(worst):
            worst = answer
    assert worst is not None
    return worst


def _strictness(answer: Answer) -> tuple[int, bool, float]:
    opens = answer.verdict.next_allowed
    return RANK[answer.decision], opens is None, opens.timestamp() if opens else 0.0


def _facts(debtor: Debtor, primary: int, accounts: Sequence[Account], book: Book) -> Facts:
    own, hers = book.people[debtor.pk], book.people[primary]
    details = {"name": debtor.name, "state": debtor.state, "language": debtor.language}
    history = portrait.history(primary, hers)
    if debtor.pk == primary:
        consumer, persons = portrait.person(primary, hers, **details), ()
    else:
        consumer = portrait.person(primary, hers)
        role = portrait.ROLES.get(_role(debtor.pk, accounts, book), "third_party")
        persons = (portrait.person(debtor.pk, own, role=role, **details),)  # type: ignore[assignment]
        history += portrait.history(debtor.pk, own)
    types = {a.portfolio.collector_type for a in accounts}
    return Facts(
        consumer=consumer,
        debts=tuple(portrait.debt(a, hers.holds) for a in accounts) or (Debt(),),
        persons=persons,
        history=tuple(sorted(history, key=lambda e: e.at)),
        collector=Collector(type=next((t for t in _STRICTEST if t in types), "third_party"), licenses=book.licenses),
        policy=Policy(
            presumptions="advise" if accounts and all(a.portfolio.presumptions == "advise" for a in accounts)
            else "enforce"
        ),
        jurisdiction=_jurisdiction(own, hers),
    )  # fmt: skip


def _role(debtor_id: int, accounts: Sequence[Account], book: Book) -> str:
    return next((book.roles[a.pk, debtor_id] for a in accounts if (a.pk, debtor_id) in book.roles), "")


def _jurisdiction(own: Rows, hers: Rows) -> str:
    return portrait.jurisdiction(own if own.points else hers)


def _with_point(verdict: Verdict, request: Request) -> Verdict:
    """A contact point of another person, or of the wrong kind, is a no whatever the rules say."""
    point, kind = request.point, _KINDS.get(request.channel)
    if point is None or (point.debtor_id == request.debtor.pk and (kind is None or point.kind == kind)):
        return verdict
    sentence = "This way to reach somebody is not this person's."
    finding = Finding("POLICY-POINT", BLOCK, HOUSE_POLICY, "House policy", sentence, None, 1)
    return Verdict(
        BLOCK, "POLICY-POINT", None, (), (finding, *verdict.findings), None, None, verdict.packs, verdict.notes
    )  # fmt: skip


def _record(
    request: Request,
    answer: Answer,
    *,
    at: datetime,
    occasion: str,
    by: Any = None,
    act_type: str = "",
    act_id: str = "",
) -> VerdictRecord:
    verdict = answer.verdict.to_dict()
    return VerdictRecord(
        asked_at=at,
        debtor_id=request.debtor.pk,
        account_ids=list(answer.account_ids),
        channel=request.channel,
        purpose=request.purpose,
        contact_point_id=request.point.pk if request.point else None,
        occasion=occasion,
        decision=answer.verdict.decision,
        rule_id=answer.verdict.rule_id or "",
        next_allowed=answer.verdict.next_allowed,
        findings=verdict["findings"],
        required_content=verdict["required_content"],
        facts=portrait.to_dict(answer.facts) if answer.facts else {},
        packs=answer.verdict.packs,
        asked_by_id=getattr(by, "pk", None),
        act_type=act_type,
        act_id=act_id,
    )
