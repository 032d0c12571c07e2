"""Which letter an officer may send now, best first, and how it would look (J6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Account, Debtor
from compliance import services as compliance
from letters import facts, points, render, subjects
from letters.facts import Book
from letters.models import Message, Template, TemplateVersion
from letters.render import RenderError
from letters.states import OPEN
from letters.subjects import NoReader

from . import preparing, truth
from .judging import Ready, answers, request
from .leasing import Watch
from .queueing import queue

# What an officer most often means, first.
ORDER = (
    "promise_confirmation", "plan_confirmation", "promise_reminder", "installment_reminder", "broken_promise",
    "payment_received", "returned_payment", "validation_notice", "general",
)  # fmt: skip
_CHANNELS = ("email", "sms", "post")


@dataclass(frozen=True, slots=True)
class Choice:
    """One letter that could be sent. `reason` is empty when it may go now; else why not, and `opens` when it may."""

    template: Template
    message: Message
    ready: Ready
    reason: str = ""
    opens: datetime | None = None
    soon: bool = False

    @property
    def allowed(self) -> bool:
        return not self.reason


@dataclass(frozen=True, slots=True)
class Preview:
    """How it would read: text for e-mail and texts (SMS in `segments` parts), a picture for post."""

    subject: str
    text: str
    to: str
    segments: int = 0
    problem: str = ""


def allowed_templates(*, debtor: Debtor, account: Account, at: datetime) -> list[Choice]:
    """Every letter that has something to say about this debt, those that may go now first, each with its reason.

    A bounded number of queries. Nothing is stored: it is asked again when it is sent.
    """
    messages = _possible(debtor, account, at)
    if not messages:
        return []
    book = facts.read(messages, at)
    choices = []
    for message in messages:
        choice = choice_of(message, book)
        if choice is not None:
            choices.append(choice)
    judged = judged_now(choices, at)
    return sorted(judged, key=lambda c: (not c.allowed, *_rank(c)))


def _rank(choice: Choice) -> tuple[int, int]:
    kind = choice.template.kind
    return (ORDER.index(kind) if kind in ORDER else len(ORDER), _CHANNELS.index(choice.template.channel))


def _possible(debtor: Debtor, account: Account, at: datetime) -> list[Message]:
    live = TemplateVersion.objects.filter(state=TemplateVersion.State.LIVE).values("template")
    rows = Template.objects.filter(active=True, pk__in=live, kind__in=ORDER)
    about = {kind: subjects.find(kind, account.pk, at) for kind in {t.kind for t in rows}}
    noticed = "validation_notice" in {t.kind for t in rows} and _has_notice(account)
    found = []
    for template in rows:
        subject = about[template.kind]
        if subject is None and template.kind not in ("general", "validation_notice"):
            continue
        if template.kind == "validation_notice" and noticed:
            continue
        found.append(
            Message(
                debtor=debtor, account=account, account_ids=[account.pk], channel=template.channel, kind=template.kind,
                template=template, subject_type=subject[0] if subject else "",
                subject_id=subject[1] if subject else None, planned_at=at,
            )
        )  # fmt: skip
    return found


def _has_notice(account: Account) -> bool:
    from compliance.models import ContactEvent

    events = ContactEvent.objects.filter(
        debtor=account.debtor_id, kind="validation_notice", account_ids__contains=[account.pk]
    )
    return events.exists() or Message.objects.filter(account=account, kind="validation_notice", state__in=OPEN).exists()


def choice_of(message: Message, book: Book) -> Choice | None:
    """What would be sent for this message; None without a place to send it to or words in use."""
    point = truth.point_for(message, book)
    version = book.version(message.template_id, facts.language(book.debtors[message.debtor_id]))
    if point is None or version is None:
        return None
    no = truth.check(message, book, point)
    ready = Ready(message, book, version, point, version.lang)
    return Choice(message.template, message, ready, reason=no.reason if no else "")


def judged_now(choices: Sequence[Choice], at: datetime) -> list[Choice]:
    """These with the rules' answers of this moment, in their order; a bounded number of queries."""

    def ask(some: Sequence[Ready]) -> list[compliance.Answer]:
        return compliance.may_contact_many([request(one) for one in some], at) if some else []

    found = []
    for choice, answer in zip(choices, answers([c.ready for c in choices], ask), strict=True):
        if choice.reason or answer.allowed:
            found.append(choice)
        else:
            found.append(Choice(choice.template, choice.message, choice.ready, answer.sentence, answer.next_allowed))
    return found


def preview(*, choice: Choice, at: datetime) -> Preview:
    """The words as they would be sent now; a problem in a sentence when they can't be made."""
    to = points.shown(choice.ready.point)
    try:
        made = preparing.rendered(choice.ready, Watch(at))
    except (RenderError, NoReader) as wrong:
        return Preview(choice.ready.version.subject, "", to, problem=str(wrong))
    return Preview(made.subject, made.text, to, made.segments)


def picture(*, choice: Choice, at: datetime) -> bytes:
    """The first page as a PNG of 96 dpi. Raises RenderError."""
    ready, book = choice.ready, choice.ready.book
    account, debtor = book.accounts[choice.message.account_id], book.debtors[choice.message.debtor_id]
    notice = None
    if choice.message.kind == "validation_notice":
        notice = facts.notice(account, debtor, ready.point, book, at.date())
    pages = render.preview_png(
        subject=ready.version.subject,
        body=ready.body,
        context=facts.context(choice.message, book, ready.point, ready.version),
        lang=ready.lang,
        letterhead=facts.letterhead(book.firm, book.licences.get(debtor.state, [])),
        marked=False,
        notice=notice,
    )
    return pages[0]


def send_chosen(*, choice: Choice, key: str, by: Any, at: datetime) -> Message | None:
    """Queue what the officer chose; the form's key makes it once. It is judged again in the moment of sending."""
    message = choice.message
    subject = (message.subject_type, message.subject_id) if message.subject_id is not None else None
    return queue(
        template_slug=choice.template.slug, account=message.account, channel=message.channel, kind=message.kind,
        key=f"officer:{getattr(by, 'pk', 0)}:{key}"[:120], at=at, by=by, point=choice.ready.point, subject=subject,
    )  # fmt: skip
