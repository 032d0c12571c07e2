"""Planning: a message is a row with the key of its business fact, so planning twice plans once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import Account, ContactPoint, Debtor
from compliance import services as compliance
from letters import facts, kinds, points
from letters.models import Message, Template, TemplateVersion
from letters.states import State

from . import truth
from .judging import opens_at

KEEP = timedelta(days=7)  # a message that could not go for a week is too late


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One message that should go out. `ways`: (channel, due_at) in order of preference; the account carries its
    debtor and portfolio. `subject`: (model label, id) or None."""

    account: Account
    kind: str
    key: str
    ways: tuple[tuple[str, datetime], ...]
    expires_at: datetime | None = None
    subject: tuple[str, int] | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    slug: str = ""


def queue(
    *,
    template_slug: str,
    account: Account,
    channel: str,
    kind: str,
    key: str,
    at: datetime,
    by: Any = None,
    due_at: datetime | None = None,
    point: ContactPoint | None = None,
    facts: dict[str, Any] | None = None,
    subject: models.Model | tuple[str, int] | None = None,
    expires_at: datetime | None = None,
    run: str = "",
) -> Message | None:
    """Plan one message; the same key again gives the row that is there, whatever became of it.

    channel: post, email, sms, or "" for the first of the kind's channels that may be used. `template_slug` may be
    the shipped one (promise_reminder) or a template's own. None when there is no template in use for it, or no
    phone, e-mail or address that could take it. Compliance is asked when it is sent, not here.
    """
    known = Message.objects.filter(key=key).first()
    if known is not None:
        return known
    about = (subject._meta.label_lower, subject.pk) if isinstance(subject, models.Model) else subject
    ways = tuple((c, due_at or at) for c in ((channel,) if channel else kinds.of(kind).channels))
    plan = Plan(
        account=account, kind=kind, key=key, ways=ways, expires_at=expires_at, subject=about, facts=facts or {},
        slug=template_slug,
    )  # fmt: skip
    queue_many([plan], at=at, by=by, run=run, point=point)
    return Message.objects.filter(key=key).first()


def queue_many(
    plans: Sequence[Plan], *, at: datetime, by: Any = None, run: str = "", point: ContactPoint | None = None
) -> int:
    """Plan many with a bounded number of queries; returns how many rows are new."""
    if not plans:
        return 0
    there = set(Message.objects.filter(key__in=[p.key for p in plans]).values_list("key", flat=True))
    new = [p for p in plans if p.key not in there]
    templates = _templates(new)
    found = _points([p.account.debtor for p in new])
    chosen = _choose(new, templates, found, point, at)
    rows = [_row(plan, way, at, by, run) for plan, way in zip(new, chosen, strict=True) if way is not None]
    before = Message.objects.filter(key__in=[r.key for r in rows]).count() if rows else 0
    Message.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    return len(rows) - before


@dataclass(frozen=True, slots=True)
class _Way:
    channel: str
    due_at: datetime
    template: Template
    point: ContactPoint


def _row(plan: Plan, way: _Way, at: datetime, by: Any, run: str) -> Message:
    account = plan.account
    return Message(
        debtor_id=account.debtor_id,
        account_id=account.pk,
        account_ids=[account.pk],
        channel=way.channel,
        kind=plan.kind,
        template=way.template,
        contact_point=way.point,
        key=plan.key,
        due_at=way.due_at,
        expires_at=plan.expires_at or max(way.due_at, at) + KEEP,
        subject_type=plan.subject[0] if plan.subject else "",
        subject_id=plan.subject[1] if plan.subject else None,
        facts=plan.facts,
        planned_at=at,
        planned_by=by,
        run=run,
    )


def _choose(
    plans: list[Plan],
    templates: dict[tuple[str, str], Template],
    found: dict[int, list[ContactPoint]],
    point: ContactPoint | None,
    at: datetime,
) -> list[_Way | None]:
    """For each plan the first way that the rules allow now or will by themselves, else the first way there is.

    A way by a point she prefers comes before the others. With one way there is nothing to choose. What is then
    refused at sending is listed with its reason.
    """
    ways = [_ways(plan, templates, found.get(plan.account.debtor_id, []), point) for plan in plans]
    open_ = [(i, way) for i, mine in enumerate(ways) if len(mine) > 1 for way in mine]
    requests = [
        compliance.Request(
            debtor=plans[i].account.debtor,
            channel=kinds.CHANNEL_IN_RULES[way.channel],
            accounts=[plans[i].account],
            point=way.point,
            purpose=kinds.of(plans[i].kind).purpose,
        )
        for i, way in open_
    ]
    allowed: dict[int, _Way] = {}
    for (i, way), answer in zip(open_, compliance.may_contact_many(requests, at) if requests else [], strict=True):
        # An hour that is closed now opens again; a consent or an address does not come by waiting.
        if i not in allowed and (answer.allowed or opens_at(answer, at) is not None):
            allowed[i] = way
    return [allowed.get(i) or (mine[0] if mine else None) for i, mine in enumerate(ways)]


def _ways(
    plan: Plan, templates: dict[tuple[str, str], Template], mine: list[ContactPoint], point: ContactPoint | None
) -> list[_Way]:
    found = []
    for channel, due_at in plan.ways:
        template = templates.get((plan.slug or plan.kind, channel))
        to = point if point is not None and points.fits(point, channel) else points.best(mine, channel)
        if template is not None and to is not None:
            found.append(_Way(channel, due_at, template, to))
    return sorted(found, key=lambda way: not way.point.preferred)


def _templates(plans: Iterable[Plan]) -> dict[tuple[str, str], Template]:
    wanted = {(p.slug or p.kind, channel) for p in plans for channel, _ in p.ways}
    names = {slug for slug, _ in wanted} | {shipped(slug, channel) for slug, channel in wanted}
    live = TemplateVersion.objects.filter(state=TemplateVersion.State.LIVE).values("template")
    rows = {t.slug: t for t in Template.objects.filter(slug__in=names, active=True, pk__in=live)}
    found = {}
    for slug, channel in wanted:
        own = rows.get(slug)
        template = own if own is not None and own.channel == channel else rows.get(shipped(slug, channel))
        if template is not None:
            found[slug, channel] = template
    return found


def shipped(slug: str, channel: str) -> str:
    """promise_reminder by text is promise-reminder-sms (collections_crm/demo/content.py)."""
    return f"{slug.replace('_', '-')}-{channel}"


def _points(debtors: Iterable[Debtor]) -> dict[int, list[ContactPoint]]:
    found: dict[int, list[ContactPoint]] = {}
    for point in ContactPoint.objects.filter(debtor__in={d.pk for d in debtors}).order_by("pk"):
        found.setdefault(point.debtor_id, []).append(point)
    return found


def cancel_for(
    *,
    kinds: Iterable[str],
    reason: str,
    at: datetime,
    account: Account | int | None = None,
    debtor: Debtor | int | None = None,
    subject: tuple[str, int] | None = None,
) -> int:
    """Take back what waits, of these kinds, about an account or a person (or one subject). What is being sent is
    not touched: it is judged again in its own moment. Returns how many."""
    where = Q(state=State.QUEUED, kind__in=list(kinds))
    if account is None and debtor is None and subject is None:
        raise ValueError("Say whose messages: an account, a person or a subject.")
    if account is not None:
        where &= Q(account=account)
    if debtor is not None:
        where &= Q(debtor=debtor)
    if subject is not None:
        where &= Q(subject_type=subject[0], subject_id=subject[1])
    return Message.objects.filter(where, prepared__isnull=True).update(
        state=State.CANCELLED, reason=reason[:300], finished_at=at, lease_token=None, lease_until=None
    )


def drop_gone(*, account: Account | int, at: datetime) -> int:
    """Cancel what waits about an account and has no reason any more (paid, kept, closed). Returns how many.

    Only tidiness: the same is asked again in the moment of sending.
    """
    rows = list(Message.objects.filter(account=account, state=State.QUEUED, prepared__isnull=True))
    book = facts.read(rows, at) if rows else None
    dropped = 0
    for row in rows:
        no = truth.check(row, book, truth.point_for(row, book)) if book else None
        if no is not None and no.state == State.CANCELLED:
            mine = Message.objects.filter(pk=row.pk, state=State.QUEUED)
            dropped += mine.update(state=State.CANCELLED, reason=no.reason[:300], finished_at=at)
    return dropped
