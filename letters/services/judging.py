"""May these go now? Asked for a group in one transaction, with the people's rows locked, and kept.

A block that passes by itself (hours, a frequency, a first notice that is still to go) makes a message wait, at most
until its own time is over; one that only a person can cure holds it back.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import ContactPoint
from compliance import services as compliance
from compliance.services import Answer, recording_many
from letters import channels, facts, kinds
from letters.facts import Book
from letters.models import Message, TemplateVersion
from letters.states import State

from . import recording, rows, truth
from .leasing import TOO_LATE, WORK, Watch, close, mine
from .rows import Outcome

EARLIER = "An earlier try may have gone out."
NOTICE_FIRST = "REGF-1006.34A-OVERDUE"  # over as soon as our own first notice is out
NOTICE_WAIT = timedelta(hours=1)
LATER, FIRST = "subsequent_disclosure", "initial_disclosure"


@dataclass(slots=True)
class Ready:
    """Allowed and true at this moment: what to send, in which words, where to.

    `first`: nothing in writing went before it, so the first disclosure stands where its template has the later one
    (12 CFR 1006.18(e)(1); the first one also serves as the later).
    """

    message: Message
    book: Book
    version: TemplateVersion
    point: ContactPoint
    lang: str
    first: bool = False

    @property
    def body(self) -> str:
        return self.version.body.replace(f"legal.{LATER}", f"legal.{FIRST}") if self.first else self.version.body

    @property
    def content(self) -> frozenset[str]:
        """The content tokens its words carry."""
        return frozenset(FIRST if self.first and token == LATER else token for token in self.version.tokens)


@dataclass(slots=True)
class Judged:
    """Who may go, and who waits for the next round because the same person gets another one first."""

    ready: list[Ready]
    waiting: list[Message]


def judge(claimed: Sequence[Message], watch: Watch, tally: Counter[str]) -> Judged:
    """Judge claimed rows of one lease; those that don't go are closed or put off with their reason."""
    todo = [row for row in claimed if not _settled_before(row, watch, tally)]
    if not todo:
        return Judged([], [])
    outcomes: list[Outcome] = []
    with transaction.atomic():
        recording_many.lock_many(sorted({row.debtor_id for row in todo}))
        first, waiting = _one_each(_held(todo, watch), watch, outcomes)
        book = facts.read(first, watch.now)
        candidates = [c for c in (_candidate(row, book, watch, outcomes) for row in first) if c is not None]
        ready = _ask(candidates, watch, outcomes)
        tally.update(rows.settle(outcomes, watch.now))
    return Judged(ready, waiting)


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


def _held(claimed: Sequence[Message], watch: Watch) -> list[Message]:
    """The rows still ours, an old lease renewed: the fence in front of everything that follows. A first notice comes
    before anything else to its person."""
    ids, token = [r.pk for r in claimed], claimed[0].lease_token
    if any(r.lease_until is None or r.lease_until < watch.now + WORK.lease / 2 for r in claimed):
        mine(token).filter(pk__in=ids).update(lease_until=watch.now + WORK.lease)
    held = mine(token).filter(pk__in=ids).select_for_update(of=("self",)).select_related("template")
    return sorted(held, key=lambda r: (r.kind != "validation_notice", r.due_at, r.pk))


def _one_each(
    held: list[Message], watch: Watch, outcomes: list[Outcome]
) -> tuple[list[Message], list[Message]]:  # fmt: skip
    """One message to a person at a time, so that each is judged knowing the one before."""
    people = {row.debtor_id for row in held}
    elsewhere = Message.objects.filter(debtor__in=people, state=State.SENDING, prepared__isnull=False)
    busy = set(elsewhere.exclude(pk__in=[r.pk for r in held]).values_list("debtor_id", flat=True))
    first: dict[int, Message] = {}
    waiting = []
    for row in held:
        if row.debtor_id in busy:
            outcomes.append(_later(row, watch.now + WORK.lease / 2, "Another message is on its way."))
        elif row.debtor_id in first:
            waiting.append(row)
        else:
            first[row.debtor_id] = row
    return list(first.values()), waiting


def _candidate(row: Message, book: Book, watch: Watch, outcomes: list[Outcome]) -> Ready | None:
    if row.expires_at is not None and row.expires_at <= watch.now:
        outcomes.append(_no(row, State.EXPIRED, f"{TOO_LATE} {row.reason}".strip(), watch))
        return None
    point = truth.point_for(row, book)
    no = truth.check(row, book, point)
    lang = facts.language(book.debtors[row.debtor_id])
    version = book.version(row.template_id, lang)
    if no is None and (version is None or not row.template.active):
        no = truth.No(State.WITHHELD, "No version of this template is in use.")
    if no is not None or version is None or point is None:
        outcomes.append(_no(row, no.state if no else State.WITHHELD, no.reason if no else "", watch))
        return None
    return Ready(row, book, version, point, version.lang)


def answers(candidates: Sequence[Ready], ask: Callable[[Sequence[Ready]], list[Answer]]) -> list[Answer]:
    """What `ask` says of each; what lacks nothing but the first disclosure gets it and is asked again."""
    found = ask(candidates)
    lacking = [at for at, answer in enumerate(found) if answer.verdict.required_content == (FIRST,)]
    lacking = [at for at in lacking if LATER in candidates[at].content]
    for at in lacking:
        candidates[at].first = True
    for at, answer in zip(lacking, ask([candidates[at] for at in lacking]), strict=True):
        found[at] = answer
    return found


def _ask(candidates: list[Ready], watch: Watch, outcomes: list[Outcome]) -> list[Ready]:
    def ask(some: Sequence[Ready]) -> list[Answer]:
        acts = [recording_many.Act(request(one), "letters.message", str(one.message.pk)) for one in some]
        return recording_many.judge_acts(acts, watch.now)

    ready = []
    for one, answer in zip(candidates, answers(candidates, ask), strict=True):
        one.message.verdict_id = answer.record_id
        opens = opens_at(answer, watch.now)
        if answer.allowed:
            ready.append(one)
        elif opens is not None:
            until = min(opens, one.message.expires_at) if one.message.expires_at else opens
            outcomes.append(_later(one.message, until, answer.sentence))
        else:
            outcomes.append(_no(one.message, State.WITHHELD, answer.sentence, watch))
    return ready


def request(one: Ready) -> compliance.Request:
    """What is asked about it."""
    return compliance.Request(
        debtor=one.book.debtors[one.message.debtor_id],
        channel=kinds.CHANNEL_IN_RULES[one.message.channel],
        accounts=[one.book.accounts[one.message.account_id]],
        point=one.point,
        purpose=kinds.of(one.message.kind).purpose,
        content=one.content,
    )


def opens_at(answer: Answer, now: datetime) -> datetime | None:
    """When to ask again; None when only a new fact of somebody else's would help."""
    if answer.next_allowed is not None:
        return answer.next_allowed
    blocking = [f for f in answer.verdict.findings if f.decision == "block"]
    passing = [f for f in blocking if f.rule_id == NOTICE_FIRST or f.next_allowed is not None]
    if not blocking or len(passing) < len(blocking):
        return None
    return max([now + NOTICE_WAIT, *(f.next_allowed for f in passing if f.next_allowed is not None)])


def _later(row: Message, due_at: datetime, reason: str) -> Outcome:
    """Waiting is no try."""
    return Outcome(row, State.QUEUED, reason, due_at=due_at)


def _no(row: Message, state: str, reason: str, watch: Watch) -> Outcome:
    """Close it; but what may have gone out already is never called held back."""
    if row.prepared is None:
        return Outcome(row, state, reason)
    recording.perhaps(row, watch.now)
    return Outcome(row, State.UNKNOWN, f"{EARLIER} Now it would not: {reason}")
