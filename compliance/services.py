"""The one door for contact. `may_contact` answers; nothing calls, writes or texts without its stored verdict.

Asked when work is offered and again in the moment of acting, inside the transaction that records
the act and with the person's row locked, so two workers can never place the eighth call (DECISIONS 16).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.models import Account, ContactPoint, Debtor
from accounts.states import OPEN
from compliance.rules import engine, helpers
from compliance.rules.facts import CONTACT, Action, Facts
from compliance.rules.verdict import BLOCK, HOUSE_POLICY, Finding, Verdict
from core import audit

from . import gather
from .models import ContactEvent, Hold, Preference, VerdictRecord
from .signals import hold_lifted, hold_placed

HOUSE_HOLDS = (
    Hold.Kind.COMPLAINT,
    Hold.Kind.HARDSHIP,
    Hold.Kind.INTERNAL,
    Hold.Kind.NO_ADDRESS,
    Hold.Kind.IDENTITY_THEFT,
)
_KINDS = {"call": ContactPoint.Kind.PHONE, "sms": ContactPoint.Kind.PHONE, "email": ContactPoint.Kind.EMAIL}


@dataclass(frozen=True, slots=True)
class Request:
    """One question: may we do this to this person now? Empty `accounts` means all the person's open ones."""

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
    act. An error in reading facts propagates (the act fails); one in a rule is a no.
    """
    request = Request(debtor, channel, accounts, point, purpose, inbound, automated, content)
    (answer,) = _judge([request], at)
    if not record:
        return answer
    row = _record(request, answer, at=at, occasion=occasion, by=by, act_type=act_type, act_id=act_id)
    row.save(force_insert=True)
    return Answer(answer.verdict, row.pk, answer.facts)


def may_contact_many(
    requests: Sequence[Request], at: datetime, *, record: bool = False, occasion: str = "list", by: Any = None
) -> list[Answer]:
    """The same answers for many people with a bounded number of queries (about seven per call)."""
    answers = _judge(requests, at)
    if record:
        rows = [_record(r, a, at=at, occasion=occasion, by=by) for r, a in zip(requests, answers, strict=True)]
        VerdictRecord.objects.bulk_create(rows, batch_size=500)
        return [Answer(a.verdict, row.pk, a.facts) for a, row in zip(answers, rows, strict=True)]
    return answers


def badges(
    debtor: Debtor, points: Sequence[ContactPoint], accounts: Sequence[Account], at: datetime
) -> dict[int, Answer]:
    """One answer per contact point of one person by its natural channel (phone: call), facts read once."""
    channels = {"PHONE": "call", "EMAIL": "email", "ADDRESS": "letter"}
    requests = [Request(debtor, channels[p.kind], accounts, p) for p in points]
    return {p.pk: a for p, a in zip(points, _judge(requests, at), strict=True)}


def facts_for(
    debtor: Debtor, at: datetime, accounts: Sequence[Account] | None = None, *, known_at: datetime | None = None
) -> Facts:
    """The engine's facts about one person at a moment; with `known_at` as we knew them then."""
    book = _accounts([debtor.pk], {debtor.pk: accounts})
    rows = gather.read([debtor.pk], at=at, known_at=known_at)[debtor.pk]
    return gather.facts(debtor, book[debtor.pk], rows, gather.house())


def action_for(request: Request) -> Action:
    """The proposed act in the engine's words."""
    point = request.point
    to = "" if point is None else str(point.pk) if point.kind == ContactPoint.Kind.ADDRESS else point.value
    return Action(
        channel=request.channel,
        purpose=request.purpose,
        automated=request.automated,
        to=to,
        debt_ids=tuple(str(a.pk) for a in request.accounts or ()),
        inbound=request.inbound,
        content=request.content,
    )


def _accounts(ids: list[int], given: dict[int, Sequence[Account] | None]) -> dict[int, list[Account]]:
    found: dict[int, list[Account]] = {pk: list(given.get(pk) or ()) for pk in ids}
    wanted = [pk for pk in ids if not found[pk]]
    if wanted:
        rows = Account.objects.filter(debtor__in=wanted, status__in=OPEN).select_related("portfolio__creditor")
        for account in rows.order_by("debtor_id", "pk"):
            found[account.debtor_id].append(account)
    return found


def _judge(requests: Sequence[Request], at: datetime) -> list[Answer]:
    ids = sorted({r.debtor.pk for r in requests})
    given: dict[int, Sequence[Account] | None] = {}
    for r in requests:
        given[r.debtor.pk] = [*(given.get(r.debtor.pk) or ()), *(r.accounts or ())]
    books = _accounts(ids, {pk: list(dict.fromkeys(a)) if a else None for pk, a in given.items()})
    rows = gather.read(ids, at=at)
    house = gather.house()
    people: dict[int, Facts] = {}
    answers = []
    for r in requests:
        pk = r.debtor.pk
        if pk not in people:
            people[pk] = gather.facts(r.debtor, books[pk], rows[pk], house)
        verdict = engine.evaluate(people[pk], action_for(r), at)
        verdict = _with_house_holds(verdict, r, rows[pk].holds, at)
        answers.append(Answer(_with_point(verdict, r), None, people[pk]))
    return answers


def _with_point(verdict: Verdict, request: Request) -> Verdict:
    """A contact point of another person, or of the wrong kind, is a no whatever the rules say."""
    point, kind = request.point, _KINDS.get(request.channel)
    if point is None or (point.debtor_id == request.debtor.pk and (kind is None or point.kind == kind)):
        return verdict
    return _blocked(verdict, "POLICY-POINT", "This way to reach somebody is not this person's.", None)


def _with_house_holds(verdict: Verdict, request: Request, holds: Sequence[Hold], at: datetime) -> Verdict:
    if request.inbound or request.channel not in CONTACT or request.purpose != "collect":
        return verdict
    about = {a.pk for a in request.accounts or ()}
    for hold in holds:
        if hold.kind not in HOUSE_HOLDS or (hold.until is not None and hold.until <= at):
            continue
        if hold.account_id is None or not about or hold.account_id in about:
            since = f"{hold.since:%b} {hold.since.day}, {hold.since.year}"
            verdict = _blocked(
                verdict, f"POLICY-HOLD-{hold.kind}", f"{hold.get_kind_display()}, since {since}.", hold.until
            )
    return verdict


def _blocked(verdict: Verdict, rule_id: str, sentence: str, until: datetime | None) -> Verdict:
    """The verdict with a house-policy block added; the law's own block stays the primary one."""
    finding = Finding(rule_id, BLOCK, HOUSE_POLICY, "House policy", sentence, until, 95)
    opens = until
    if verdict.is_blocked:
        opens = None if until is None or verdict.next_allowed is None else max(until, verdict.next_allowed)
    primary = verdict.rule_id if verdict.is_blocked else rule_id
    return Verdict(BLOCK, primary, opens, (), (*verdict.findings, finding), None, None, verdict.packs, verdict.notes)


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
        account_ids=[a.pk for a in request.accounts or ()],
        channel=request.channel,
        purpose=request.purpose,
        contact_point_id=request.point.pk if request.point else None,
        occasion=occasion,
        decision=answer.verdict.decision,
        rule_id=answer.verdict.rule_id or "",
        next_allowed=answer.verdict.next_allowed,
        findings=verdict["findings"],
        required_content=verdict["required_content"],
        facts=gather.to_dict(answer.facts) if answer.facts else {},
        packs=answer.verdict.packs[:200],
        asked_by_id=getattr(by, "pk", None),
        act_type=act_type,
        act_id=act_id,
    )


def record_contact(
    *,
    debtor: Debtor,
    accounts: Sequence[Account],
    kind: str,
    at: datetime,
    direction: str = "out",
    outcome: str = "",
    point: ContactPoint | None = None,
    address: str = "",
    facts: dict[str, Any] | None = None,
    by: Any = None,
    source: Any = None,
    verdict_id: UUID | None = None,
) -> ContactEvent:
    """Add one thing that happened to the history that the rules read. Never edited, only added to."""
    return ContactEvent.objects.create(
        debtor=debtor,
        account_ids=[a.pk for a in accounts],
        kind=kind,
        at=at,
        direction=direction,
        outcome=outcome,
        contact_point=point,
        address=address or (point.value if point and point.kind != ContactPoint.Kind.ADDRESS else ""),
        facts=facts or {},
        by=by,
        source_type=source._meta.label_lower if source is not None else "",
        source_id=str(source.pk) if source is not None else "",
        verdict_id=verdict_id,
    )


def lock(debtor: Debtor) -> None:
    """Hold the person's row until the transaction ends: acts on one person happen one after another."""
    Debtor.objects.select_for_update(no_key=True).only("pk").get(pk=debtor.pk)


@transaction.atomic
def place_hold(
    *,
    debtor: Debtor,
    kind: str,
    at: datetime,
    account: Account | None = None,
    by: Any = None,
    reason: str = "",
    until: datetime | None = None,
    facts: dict[str, Any] | None = None,
    source: str = "",
) -> Hold:
    """Stop contact for a reason, on one debt or (account None) on all; the same hold again returns the open one."""
    hold, new = Hold.objects.get_or_create(
        debtor=debtor,
        account=account,
        kind=kind,
        lifted_at=None,
        defaults={
            "since": at, "until": until, "facts": facts or {}, "reason": reason, "source": source, "placed_by": by,
        },
    )  # fmt: skip
    if new:
        audit.record(
            "hold.placed",
            actor=by,
            subject=hold,
            data={"kind": kind, "account": account.pk if account else None, "until": until},
            reason=reason,
            person_id=debtor.pk,
        )
        transaction.on_commit(lambda: hold_placed.send(sender=Hold, hold=hold), robust=True)
    return hold


@transaction.atomic
def lift_hold(*, hold: Hold, by: Any, at: datetime, reason: str) -> None:
    """End a hold; lifting it twice changes nothing."""
    if Hold.objects.filter(pk=hold.pk, lifted_at=None).update(lifted_at=at, lifted_by=by):
        audit.record(
            "hold.lifted", actor=by, subject=hold, data={"kind": hold.kind}, reason=reason, person_id=hold.debtor_id
        )
        transaction.on_commit(lambda: hold_lifted.send(sender=Hold, hold=hold), robust=True)


def open_holds(debtor: Debtor, at: datetime | None = None) -> list[Hold]:
    """The person's holds that are in force, most serious first."""
    rows = Hold.objects.filter(debtor=debtor, lifted_at=None).select_related("account", "placed_by")
    if at is not None:
        rows = rows.filter(Q(until=None) | Q(until__gt=at))
    order = list(Hold.Kind.values)
    return sorted(rows, key=lambda h: order.index(h.kind))


def record_consent(
    *,
    debtor: Debtor,
    accounts: Sequence[Account],
    scope: str,
    at: datetime,
    by: Any = None,
    point: ContactPoint | None = None,
    written: bool = False,
    evidence: str = "",
) -> ContactEvent:
    """Consent given to us: scope call, sms, email, ecomm or tcpa; for one number or address, or all."""
    return record_contact(
        debtor=debtor, accounts=accounts, kind="consent", at=at, direction="in", point=point, by=by,
        facts={"scope": scope, "written": written, "evidence": evidence},
    )  # fmt: skip


def record_opt_out(
    *, debtor: Debtor, medium: str, at: datetime, by: Any = None, point: ContactPoint | None = None, words: str = ""
) -> ContactEvent:
    """A request not to use a medium (point None) or one number or address. In force at once, for all debts."""
    event = record_contact(
        debtor=debtor, accounts=(), kind="opt_out", at=at, direction="in", point=point, by=by,
        facts={"medium": medium, "words": words},
    )  # fmt: skip
    audit.record("consent.opted_out", actor=by, subject=event, data={"medium": medium}, person_id=debtor.pk)
    return event


@transaction.atomic
def record_cease(
    *, debtor: Debtor, at: datetime, written: bool, by: Any = None, accounts: Sequence[Account] = (), words: str = ""
) -> ContactEvent:
    """A request to stop. Written: 1006.6(c), all contact about those debts (none named: all). Spoken: no more calls."""
    event = record_contact(
        debtor=debtor, accounts=accounts, kind="cease", at=at, direction="in", by=by,
        facts={"written": written, "received_at": at.isoformat(), "words": words},
    )  # fmt: skip
    if written:
        for account in accounts or [None]:  # type: ignore[list-item]
            place_hold(
                debtor=debtor, account=account, kind=Hold.Kind.CEASE, at=at, by=by, reason=words, source="written"
            )
    else:
        record_opt_out(debtor=debtor, medium="call", at=at, by=by, words=words)
    return event


@transaction.atomic
def record_preference(
    *,
    debtor: Debtor,
    kind: str,
    facts: dict[str, Any],
    at: datetime,
    by: Any = None,
    point: ContactPoint | None = None,
    until: datetime | None = None,
    words: str = "",
    source: str = "",
) -> Preference:
    """Times, places or an employer's ban as the person said it; facts: days, start, end (minutes), tz, until, place."""
    row = Preference.objects.create(
        debtor=debtor, kind=kind, facts=facts, since=at, until=until, contact_point=point, words=words, source=source,
        recorded_by=by,
    )  # fmt: skip
    audit.record("preference.recorded", actor=by, subject=row, data={"kind": kind}, person_id=debtor.pk)
    return row


def open_zone_keys(at: datetime) -> frozenset[str]:
    """The zone keys in use whose calling hours are open in every zone now, for prefilters of lists (decision 0007)."""
    keys = Debtor.objects.order_by("zone_key").values_list("zone_key", flat=True).distinct()
    return frozenset(key for key in keys if key and is_open(key, at))


def is_open(zone_key: str, at: datetime) -> bool:
    """Are the default hours (8 to 21, end exclusive) open in every zone of a key?"""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    minute = (at - midnight).total_seconds() / 60
    for shift in (0, 1):
        day = (midnight - timedelta(days=shift)).date()
        hours = helpers.opening_hours(zone_key.split("|"), on=day)
        if hours is not None and hours[0] <= minute + 1440 * shift < hours[1]:
            return True
    return False
