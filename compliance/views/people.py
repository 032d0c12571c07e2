"""One person's restrictions: holds, wishes, consents; and the forms that record them (F94–F96)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Account, Debtor
from compliance import queries
from compliance import services as compliance
from compliance.forms import (
    CareForm,
    CeaseForm,
    ConsentForm,
    EmployerForm,
    HoldForm,
    LiftForm,
    OfPerson,
    OptOutForm,
    TimesForm,
    WithdrawForm,
    minutes,
)
from compliance.forms_samples import CheckForm
from compliance.models import Hold, Override, Preference
from compliance.reassigned_file import Check
from core import clock
from core.http import go
from core.idempotency import idempotent
from users.permissions import StaffRequest, role

from . import common, words

PAGE = "compliance/person.html"
Save = Callable[[Debtor, dict[str, Any], Any, datetime], None]


def _cease(debtor: Debtor, data: dict[str, Any], by: Any, at: datetime) -> None:
    compliance.record_cease(
        debtor=debtor, at=at, written=data["written"] == "yes", by=by, accounts=list(data["debts"]),
        words=data["words"],
    )  # fmt: skip


def _times(debtor: Debtor, data: dict[str, Any], by: Any, at: datetime) -> None:
    facts: dict[str, Any] = {"start": minutes(data["start"]), "end": minutes(data["end"]) or 1440}
    if data["days"]:
        facts["days"] = sorted(int(day) for day in data["days"])
    compliance.record_preference(
        debtor=debtor, kind=Preference.Kind.INCONVENIENT_TIME, facts=facts, at=at, by=by, words=data["words"]
    )


def _employer(debtor: Debtor, data: dict[str, Any], by: Any, at: datetime) -> None:
    compliance.record_preference(
        debtor=debtor, kind=Preference.Kind.EMPLOYER_PROHIBITS, facts={}, at=at, by=by, words=data["words"]
    )


def _consent(debtor: Debtor, data: dict[str, Any], by: Any, at: datetime) -> None:
    compliance.record_consent(
        debtor=debtor, accounts=(), scope=data["scope"], at=at, by=by, point=data["point"], written=data["written"],
        evidence=data["evidence"],
    )  # fmt: skip


def _opt_out(debtor: Debtor, data: dict[str, Any], by: Any, at: datetime) -> None:
    compliance.record_opt_out(
        debtor=debtor, medium=data["medium"], at=at, by=by, point=data["point"], words=data["words"]
    )


def _care(debtor: Debtor, data: dict[str, Any], by: Any, at: datetime) -> None:
    compliance.record_care(
        debtor=debtor, language=data["language"], vulnerability=data["vulnerability"], review_on=data["review_on"],
        by=by, at=at,
    )  # fmt: skip


def _check(debtor: Debtor, data: dict[str, Any], by: Any, at: datetime) -> None:
    check = Check(data["point"].value, data["asked_on"], data["result"], data["source"])
    compliance.record_checks(checks=[check], by=by, at=at)


FORMS: dict[str, tuple[type[OfPerson], Save, str]] = {
    "cease": (CeaseForm, _cease, "Request to stop"),
    "times": (TimesForm, _times, "Not at these times"),
    "employer": (EmployerForm, _employer, "Employer does not allow calls"),
    "consent": (ConsentForm, _consent, "Consent"),
    "opt-out": (OptOutForm, _opt_out, "Not by this way"),
    "check": (CheckForm, _check, "Reassigned-number check"),
    "care": (CareForm, _care, "Language and care"),
}


@role("officer", "lead", "manager", "compliance")
@require_GET
def person(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """What holds and what was wished, with who recorded it and since when."""
    debtor = common.person(request, debtor_id)
    return render(request, PAGE, _context(request, debtor))


def _context(request: StaffRequest, debtor: Debtor, open_form: OfPerson | None = None) -> dict[str, Any]:
    accounts = common.debts(request, debtor)
    may_record = request.user.has_role("officer", "lead", "manager")
    sections = []
    for what, (kind, _, title) in FORMS.items():
        form = (
            open_form if isinstance(open_form, kind) else kind(debtor=debtor, accounts=accounts, initial=_now(debtor))
        )
        sections.append({"what": what, "title": title, "form": form, "open": form is open_form})
    hold_form = open_form if isinstance(open_form, HoldForm) else HoldForm(debtor=debtor, accounts=accounts)
    return {
        "debtor": debtor,
        "accounts": accounts,
        "holds": compliance.open_holds(debtor),
        "past_holds": Hold.objects.filter(debtor=debtor).exclude(lifted_at=None).select_related("lifted_by")[:20],
        "wishes": [_worded(row) for row in _preferences(debtor)],
        "consents": [(row, words.consent(row.kind, row.facts)) for row in queries.consents_of(debtor)],
        "overrides": Override.objects.filter(debtor=debtor).select_related("requested_by", "decided_by")[:20],
        "sections": sections if may_record else [],
        "hold_form": hold_form,
        "hold_open": hold_form is open_form,
        "may_hold": request.user.has_role("lead", "manager", "compliance"),
        "may_record": may_record,
        "lift_form": LiftForm(),
        "bad": open_form,
        "is_compliance": request.user.has_role("compliance"),
        "crumbs": [{"label": debtor.name, "url": debtor.get_absolute_url()}, {"label": "Compliance", "url": ""}],
        "nav_current": "accounts:people",
    }


def _now(debtor: Debtor) -> dict[str, Any]:
    return {
        "language": debtor.language, "vulnerability": debtor.vulnerability, "review_on": debtor.vulnerability_review_on,
    }  # fmt: skip


def _preferences(debtor: Debtor) -> Any:
    return Preference.objects.filter(debtor=debtor, withdrawn_at=None).select_related("recorded_by", "contact_point")


def _worded(row: Preference) -> Preference:
    """The wish in words, as `row.detail`."""
    facts = row.facts
    parts = []
    if facts.get("days"):
        parts.append(", ".join(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[d] for d in facts["days"]))
    if "start" in facts or "end" in facts:
        parts.append(f"{_clock(int(facts.get('start', 0)))} to {_clock(int(facts.get('end', 1440)))}")
    if facts.get("place"):
        parts.append(str(facts["place"]))
    if facts.get("tz"):
        parts.append(", ".join(facts["tz"]) if isinstance(facts["tz"], list) else str(facts["tz"]))
    row.detail = "; ".join(parts)  # type: ignore[attr-defined]
    return row


def _clock(minute: int) -> str:
    if minute in (0, 1440):
        return "midnight"
    return f"{minute // 60 % 12 or 12}:{minute % 60:02d} {'AM' if minute < 720 else 'PM'}"


@role("officer", "lead", "manager", "compliance")
@require_POST
@idempotent
def record(request: StaffRequest, debtor_id: int, what: str) -> HttpResponse:
    """Put down what the person said; in force at once."""
    if what not in FORMS:
        raise Http404
    debtor = common.person(request, debtor_id)
    kind, save, _ = FORMS[what]
    form = kind(request.POST, debtor=debtor, accounts=common.debts(request, debtor))
    if not form.is_valid():
        return common.refused(request, PAGE, _context(request, debtor, form))
    save(debtor, form.cleaned_data, request.user, clock.now())
    return go(request, _url(debtor))


@role("lead", "manager", "compliance", write=("lead", "manager", "compliance"))
@require_POST
@idempotent
def hold(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """Pause the person or some debts with a reason."""
    debtor = common.person(request, debtor_id)
    form = HoldForm(request.POST, debtor=debtor, accounts=common.debts(request, debtor))
    if not form.is_valid():
        return common.refused(request, PAGE, _context(request, debtor, form))
    data, at = form.cleaned_data, clock.now()
    zone = common.home_zone(debtor)
    until = datetime(data["until"].year, data["until"].month, data["until"].day, tzinfo=zone) if data["until"] else None
    if until is not None and until <= at:
        form.add_error("until", "Choose a day that has not come yet.")
        return common.refused(request, PAGE, _context(request, debtor, form))
    chosen: list[Account | None] = list(data["debts"]) or [None]
    compliance.place_holds(
        debtor=debtor, accounts=chosen, kind=data["kind"], at=at, by=request.user, reason=data["reason"], until=until
    )
    return go(request, _url(debtor))


@role("lead", "manager", "compliance", write=("lead", "manager", "compliance"))
@require_POST
@idempotent
def lift(request: StaffRequest, debtor_id: int, hold_id: int) -> HttpResponse:
    """End a pause with a reason."""
    debtor = common.person(request, debtor_id)
    row = get_object_or_404(Hold, pk=hold_id, debtor=debtor)
    form = LiftForm(request.POST)
    if not form.is_valid():
        context = {**_context(request, debtor), "lift_form": form, "bad": form, "lifting": row.pk}
        return common.refused(request, PAGE, context)
    compliance.lift_hold(hold=row, by=request.user, at=clock.now(), reason=form.cleaned_data["reason"])
    return go(request, _url(debtor))


@role("officer", "lead", "manager")
@require_POST
@idempotent
def withdraw(request: StaffRequest, debtor_id: int, preference_id: int) -> HttpResponse:
    """The person no longer wishes it."""
    debtor = common.person(request, debtor_id)
    row = get_object_or_404(Preference, pk=preference_id, debtor=debtor)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        context = {**_context(request, debtor), "lift_form": form, "bad": form, "withdrawing": row.pk}
        return common.refused(request, PAGE, context)
    compliance.withdraw_preference(preference=row, by=request.user, at=clock.now(), reason=form.cleaned_data["reason"])
    return go(request, _url(debtor))


def _url(debtor: Debtor) -> str:
    return f"/people/P-{debtor.pk}/compliance/"
