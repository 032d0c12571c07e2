"""May these go now? Asked for a group in one transaction, with the people's rows locked, and kept."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts.models import ContactPoint, Debtor
from compliance import services as compliance
from letters import channels, facts, kinds
from letters.facts import Book
from letters.models import Message, TemplateVersion
from letters.states import State

from . import recording, truth
from .leasing import WORK, Watch, close, later, mine

EARLIER = "An earlier try may have gone out."


@dataclass(slots=True)
class Ready:
    """Allowed and true at this moment: what to send, in which words, where to."""

    message: Message
    book: Book
    version: TemplateVersion
    point: ContactPoint
    lang: str


@dataclass(slots=True)
class Judged:
    """Who may go, and who waits for the next round because the same person gets another one first."""

    ready: list[Ready]
    waiting: list[Message]


def judge(rows: Sequence[Message], watch: Watch, tally: Counter[str]) -> Judged:
    """Judge claimed rows of one lease; those that don't go are closed or put off with their reason."""
    rows = [row for row in rows if not _settled_before(row, watch, tally)]
    if not rows:
        return Judged([], [])
    with transaction.atomic():
        people = sorted({row.debtor_id for row in rows})
        list(Debtor.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk").values_list("pk"))
        held = list(_held(rows, watch))
        first, waiting = _one_each(held, watch, tally)
        book = facts.read(first, watch.now)
        candidates = [c for c in (_candidate(row, book, watch, tally) for row in first) if c is not None]
        return Judged(_ask(candidates, watch, tally), waiting)


def _settled_before(row: Message, watch: Watch, tally: Counter[str]) -> bool:
    """A try that nobody saw the end of, by a channel without keys: found there, or for a person to decide."""
    if row.prepared is None or channels.is_keyed(row.channel):
        return False
    known = channels.lookup(row.channel, recording.key_of(row))
    if known is not None:
        tally["sent"] += recording.sent([(row, known)], watch.now)
    else:
        with transaction.atomic():
            if close(row, State.UNKNOWN, reason=EARLIER, at=watch.now):
                recording.perhaps(row, watch.now)
                tally["unknown"] += 1
    return True


def _held(rows: Sequence[Message], watch: Watch) -> list[Message]:
    """The rows still ours, their lease renewed: the fence in front of everything that follows."""
    mine(rows[0].lease_token).filter(pk__in=[r.pk for r in rows]).update(lease_until=watch.now + WORK.lease)
    held = mine(rows[0].lease_token).filter(pk__in=[r.pk for r in rows]).select_for_update(of=("self",))
    return list(held.select_related("template").order_by("due_at", "pk"))


def _one_each(held: list[Message], watch: Watch, tally: Counter[str]) -> tuple[list[Message], list[Message]]:
    """One message to a person at a time, so that each is judged knowing the one before."""
    people = {row.debtor_id for row in held}
    elsewhere = Message.objects.filter(debtor__in=people, state=State.SENDING, prepared__isnull=False)
    busy = set(elsewhere.exclude(pk__in=[r.pk for r in held]).values_list("debtor_id", flat=True))
    first: dict[int, Message] = {}
    waiting = []
    for row in held:
        if row.debtor_id in busy:
            tally["waiting"] += later(row, due_at=watch.now + WORK.lease / 2, reason="Another message is on its way.")
        elif row.debtor_id in first:
            waiting.append(row)
        else:
            first[row.debtor_id] = row
    return list(first.values()), waiting


def _candidate(row: Message, book: Book, watch: Watch, tally: Counter[str]) -> Ready | None:
    if row.expires_at is not None and row.expires_at <= watch.now:
        _no(row, State.EXPIRED, "Its time passed before it could go.", watch, tally)
        return None
    point = truth.point_for(row, book)
    no = truth.check(row, book, point)
    lang = facts.language(book.debtors[row.debtor_id])
    version = book.version(row.template_id, lang)
    if no is None and (version is None or not row.template.active):
        no = truth.No(State.WITHHELD, "No version of this template is in use.")
    if no is not None or version is None or point is None:
        _no(row, no.state if no else State.WITHHELD, no.reason if no else "", watch, tally)
        return None
    return Ready(row, book, version, point, version.lang)


def _ask(candidates: list[Ready], watch: Watch, tally: Counter[str]) -> list[Ready]:
    requests = [
        compliance.Request(
            debtor=one.book.debtors[one.message.debtor_id],
            channel=kinds.CHANNEL_IN_RULES[one.message.channel],
            accounts=[one.book.accounts[one.message.account_id]],
            point=one.point,
            purpose=kinds.of(one.message.kind).purpose,
            content=frozenset(one.version.tokens),
        )
        for one in candidates
    ]
    answers = compliance.may_contact_many(requests, watch.now, record=True, occasion="send") if requests else []
    ready = []
    for one, answer in zip(candidates, answers, strict=True):
        one.message.verdict_id = answer.record_id
        if answer.allowed:
            ready.append(one)
            continue
        opens, expires = answer.next_allowed, one.message.expires_at
        if opens is not None and (expires is None or opens < expires):
            tally["waiting"] += later(one.message, due_at=opens, reason=answer.sentence, verdict_id=answer.record_id)
        else:
            _no(one.message, State.WITHHELD, answer.sentence, watch, tally, verdict_id=answer.record_id)
    return ready


def _no(row: Message, state: str, reason: str, watch: Watch, tally: Counter[str], **columns: object) -> None:
    """Close it; but what may have gone out already is never called held back."""
    if row.prepared is not None:
        state, reason = State.UNKNOWN, f"{EARLIER} Now it would not: {reason}"
        recording.perhaps(row, watch.now)
    tally[state.lower()] += close(row, state, reason=reason, at=watch.now, **columns)
