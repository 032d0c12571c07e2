"""A person in distress or danger: everything stops at once, the lead is called, what was said is locked away."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Account, Debtor
from compliance import services as compliance
from compliance.models import Hold
from contacts.models import Draft, Interaction, LeadRequest
from core import audit, dates, formats
from users.models import Role, User

from .notes import LOCKED, lock

SOURCE = "distress"


class ReviewRefused(Exception):
    """The review cannot be recorded so; a sentence, and the `field` it is about."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


@transaction.atomic
def call_for_help(
    *, debtor: Debtor, account: Account, call: Interaction | None, text: str, by: User, at: datetime
) -> LeadRequest:
    """Pause all of the person's debts until a named review, call the lead, and lock what was written.

    `account` is a debt through which the lead sees the request; `text` what the officer had typed (may be empty).
    Pressed again for the same person, the first call stands and only the text is added.
    """
    debtor = Debtor.objects.select_for_update().get(pk=debtor.pk)
    found = LeadRequest.objects.filter(
        debtor=debtor, kind=LeadRequest.Kind.DISTRESS, state=LeadRequest.State.OPEN
    ).first()
    request = found or _called(debtor, account, call, by, at)
    if call is not None and call.state == Interaction.State.OPEN and "distress" not in call.facts:
        call = Interaction.objects.select_for_update().get(pk=call.pk)
        call.facts = {**call.facts, "distress": at.isoformat()}
        call.save(update_fields=["facts"])
    if text.strip():
        where = call if call is not None and call.state == Interaction.State.OPEN else _line(debtor, account, by, at)
        lock(interaction=where, account=account, text=text, by=by, at=at)
        Draft.objects.filter(user=by, debtor=debtor).delete()
    return request


def _called(debtor: Debtor, account: Account, call: Interaction | None, by: User, at: datetime) -> LeadRequest:
    reviewer = _reviewer(by)
    review_on = dates.add_business_days(_today(debtor, at), 1)
    _pause(debtor, reviewer, review_on, by, at)
    request = LeadRequest.objects.create(
        kind=LeadRequest.Kind.DISTRESS, debtor=debtor, account=account, call=call, asked_by=by, asked_at=at,
        reviewer=reviewer, review_on=review_on,
    )  # fmt: skip
    audit.record(
        "person.in_distress", actor=by, subject=request, data={"review_on": review_on}, person_id=debtor.pk,
        portfolio_id=account.portfolio_id, at=at,
    )  # fmt: skip
    return request


def _today(debtor: Debtor, at: datetime) -> date:
    return at.astimezone(ZoneInfo(debtor.home_zone or "UTC")).date()


def _reviewer(by: User) -> User | None:
    """A lead of the officer's team; None when there is none yet: any lead may review."""
    leads = User.objects.filter(is_active=True, role_list__contains=[Role.LEAD], teams__in=by.teams.all())
    return leads.exclude(pk=by.pk).order_by("display_name").distinct().first()


def _pause(debtor: Debtor, reviewer: User | None, review_on: date, by: Any, at: datetime) -> None:
    """One pause of our own on all of the person; an earlier one is kept in its facts and comes back after it."""
    earlier = Hold.objects.filter(
        debtor=debtor, account=None, kind=Hold.Kind.INTERNAL, lifted_at=None
    ).first()  # fmt: skip
    facts: dict[str, Any] = {"review_on": review_on.isoformat(), "reviewer": reviewer.pk if reviewer else None}
    if earlier is not None:
        facts["earlier"] = {
            "reason": earlier.reason,
            "source": earlier.source,
            "until": earlier.until.isoformat() if earlier.until else None,
        }
        compliance.lift_hold(hold=earlier, by=by, at=at, reason="A wider pause takes its place")
    compliance.place_hold(
        debtor=debtor, kind=Hold.Kind.INTERNAL, at=at, by=by, facts=facts, source=SOURCE,
        reason=_until_words(reviewer, review_on, _today(debtor, at)),
    )  # fmt: skip


def _until_words(reviewer: User | None, review_on: date, today: date) -> str:
    who = str(reviewer) if reviewer is not None else "a team lead"
    return f"until {who} has looked at it, by {formats.day(review_on, today)}"


def _line(debtor: Debtor, account: Account, by: User, at: datetime) -> Interaction:
    """A note on the timeline that says only that there is a locked one."""
    return Interaction.objects.create(
        debtor=debtor, account=account, account_ids=[account.pk], kind=Interaction.Kind.NOTE,
        state=Interaction.State.CLOSED, officer=by, started_at=at, ended_at=at, recorded_at=at, note=LOCKED,
    )  # fmt: skip


@transaction.atomic
def review(
    *,
    request: LeadRequest,
    by: User,
    at: datetime,
    words: str,
    release: bool,
    review_on: date | None = None,
    reviewer: User | None = None,
) -> LeadRequest:
    """Look at the pause: end it with a reason, or keep it until another named review.

    Reviewing what is reviewed changes nothing. Raises ReviewRefused.
    """
    request = LeadRequest.objects.select_for_update(of=("self",)).select_related("debtor").get(pk=request.pk)
    if request.state == LeadRequest.State.ANSWERED:
        return request
    if not words.strip():
        raise ReviewRefused("Say what was decided, and why.", "words")
    if request.seen_at is None:
        request.seen_by, request.seen_at = by, at
        request.save(update_fields=["seen_by", "seen_at"])
    if release:
        return _released(request, by, at, words)
    today = _today(request.debtor, at)
    if review_on is None or not today < review_on:
        raise ReviewRefused("Choose a day for the next review that has not come yet.", "review_on")
    request.reviewer, request.review_on = reviewer or by, review_on
    request.save(update_fields=["reviewer", "review_on"])
    facts = {"review_on": review_on.isoformat(), "reviewer": request.reviewer.pk}
    for hold in _holds(request.debtor):
        compliance.lift_hold(hold=hold, by=by, at=at, reason="Looked at; another pause takes its place")
        compliance.place_hold(
            debtor=request.debtor, kind=Hold.Kind.INTERNAL, at=at, by=by, facts={**hold.facts, **facts}, source=SOURCE,
            reason=_until_words(request.reviewer, review_on, today),
        )  # fmt: skip
    audit.record(
        "person.pause_kept", actor=by, subject=request, data=facts, reason=words, person_id=request.debtor_id, at=at
    )
    return request


def _holds(debtor: Debtor) -> list[Hold]:
    return list(Hold.objects.filter(debtor=debtor, source=SOURCE, lifted_at=None))


def _released(request: LeadRequest, by: User, at: datetime, words: str) -> LeadRequest:
    _answer(request, by, at, words)
    for hold in _holds(request.debtor):
        compliance.lift_hold(hold=hold, by=by, at=at, reason=words[:300])
        _put_back(request.debtor, hold.facts.get("earlier"), by, at)
    return request


def _answer(request: LeadRequest, by: Any, at: datetime, words: str) -> None:
    request.state, request.answer = LeadRequest.State.ANSWERED, words.strip()[:1000]
    request.answered_by, request.answered_at = by, at
    request.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    audit.record("person.pause_reviewed", actor=by, subject=request, reason=words, person_id=request.debtor_id, at=at)


def _put_back(debtor: Debtor, earlier: dict[str, Any] | None, by: Any, at: datetime) -> None:
    """The pause that was there before, if it has not run out."""
    if earlier is None:
        return
    until = datetime.fromisoformat(earlier["until"]) if earlier["until"] else None
    if until is None or until > at:
        compliance.place_hold(
            debtor=debtor, kind=Hold.Kind.INTERNAL, at=at, by=by, until=until, reason=earlier["reason"],
            source=earlier["source"],
        )  # fmt: skip


@transaction.atomic
def lifted_elsewhere(*, hold: Hold, at: datetime) -> None:
    """Somebody ended the pause on the compliance page: that was the review."""
    rows = LeadRequest.objects.select_for_update(of=("self",)).filter(
        debtor=hold.debtor_id, kind=LeadRequest.Kind.DISTRESS, state=LeadRequest.State.OPEN
    )
    if hold.source == SOURCE and not _holds(hold.debtor):
        hold.refresh_from_db()
        for request in rows:
            _answer(request, hold.lifted_by, at, "The pause was ended on the compliance page.")
