"""One e-mail to many people: who may get it now and why the others don't, in bulk; each is judged again when sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Account
from letters import facts, subjects
from letters.facts import Book
from letters.models import Channel, Message, Template, TemplateVersion
from letters.states import OPEN, State

from . import truth
from .choosing import ORDER, Choice, choice_of, judged_now
from .queueing import Plan, queue_many

NOTHING = "This letter has nothing to say about the debt now."
NO_ADDRESS = "There is no e-mail address in use."
NO_WORDS = "No version of this e-mail is in use in their language."
ON_ITS_WAY = "The same letter is on its way already."


@dataclass(frozen=True, slots=True)
class Mailing:
    """`allowed`: what may go now, one a debt. `left_out`: the other debts, each with its reason and when it opens."""

    template: Template
    allowed: list[Choice]
    left_out: list[tuple[Account, str, datetime | None]]


def something_to_say(accounts: Sequence[Account], at: datetime) -> list[Template]:
    """E-mail templates in use that have something to say about at least one of these debts, most meant first."""
    live = TemplateVersion.objects.filter(state=TemplateVersion.State.LIVE).values("template")
    rows = Template.objects.filter(active=True, channel=Channel.EMAIL, pk__in=live, kind__in=ORDER)
    found = [row for row in rows if row.kind == "general" or subjects.find_many(row.kind, _ids(accounts), at)]
    return sorted(found, key=lambda row: (ORDER.index(row.kind), row.name))


def mailing(*, template: Template, accounts: Sequence[Account], at: datetime) -> Mailing:
    """Judge one e-mail about each of these debts (they carry their debtor). Nothing is stored; queries are bounded."""
    about = subjects.find_many(template.kind, _ids(accounts), at)
    waiting = Message.objects.filter(account__in=accounts, template=template, state__in=OPEN)
    busy = set(waiting.values_list("account", flat=True))
    messages: list[Message] = []
    left_out: list[tuple[Account, str, datetime | None]] = []
    for account in accounts:
        if account.pk in busy:
            left_out.append((account, ON_ITS_WAY, None))
        elif account.pk not in about and template.kind != "general":
            left_out.append((account, NOTHING, None))
        else:
            messages.append(_message(template, account, about.get(account.pk), at))
    book = facts.read(messages, at)
    choices = {message.account_id: choice_of(message, book) for message in messages}
    judged = judged_now([choice for choice in choices.values() if choice is not None], at)
    by_id = {account.pk: account for account in accounts}
    left_out += [(by_id[m.account_id], _missing(m, book), None) for m in messages if choices[m.account_id] is None]
    left_out += [(by_id[one.message.account_id], one.reason, one.opens) for one in judged if not one.allowed]
    return Mailing(template, [one for one in judged if one.allowed], left_out)


def mail(*, allowed: Sequence[Choice], key: str, run: str, by: Any, at: datetime, due_at: datetime) -> int:
    """Queue what may go, one row a debt under the form's key; returns how many are new. It leaves from `due_at` on."""
    plans = [_plan(choice, f"bulk:{by.pk}:{key}"[:100], due_at) for choice in allowed]
    return queue_many(plans, at=at, by=by, run=run)


def take_back(*, run: str, reason: str, at: datetime) -> int:
    """Cancel those of a run that still wait; what is being sent is not touched. Returns how many."""
    waiting = Message.objects.filter(run=run, state=State.QUEUED, prepared__isnull=True)
    return waiting.update(
        state=State.CANCELLED, reason=reason[:300], finished_at=at, lease_token=None, lease_until=None
    )


def _ids(accounts: Sequence[Account]) -> list[int]:
    return [account.pk for account in accounts]


def _message(template: Template, account: Account, subject: tuple[str, int] | None, at: datetime) -> Message:
    return Message(
        debtor=account.debtor, account=account, account_ids=[account.pk], channel=template.channel,
        kind=template.kind, template=template, subject_type=subject[0] if subject else "",
        subject_id=subject[1] if subject else None, planned_at=at,
    )  # fmt: skip


def _missing(message: Message, book: Book) -> str:
    return NO_ADDRESS if truth.point_for(message, book) is None else NO_WORDS


def _plan(choice: Choice, key: str, due_at: datetime) -> Plan:
    message = choice.message
    subject = (message.subject_type, message.subject_id) if message.subject_id is not None else None
    return Plan(
        account=message.account, kind=message.kind, key=f"{key}:{message.account_id}",
        ways=((message.channel, due_at),), subject=subject, slug=choice.template.slug,
    )  # fmt: skip
