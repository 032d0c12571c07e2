"""What the pages of compliance share."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.models import Account, ContactPoint, Debtor, Firm
from accounts.states import OPEN
from compliance.rules.verdict import BLOCK, REQUIRE, WARN, Verdict
from core import formats
from core.http import tell

READERS = ("officer", "lead", "manager", "compliance")
CHANNEL_WORDS = {"call": "Calls", "sms": "Texts", "email": "E-mails", "letter": "Letters", "in_person": "Visits"}
LOOKS = {"allow": "ok", "warn": "hold", "require": "hold", "block": "stop"}
DECISIONS = {"allow": "Allowed", "warn": "Allowed with care", "require": "Something is missing", "block": "Blocked"}
KINDS = {
    "prohibition": "Law", "presumption": "Presumption of the law", "house_policy": "House policy",
    "bureau_rule": "Bureau rule",
}  # fmt: skip


def person(request: HttpRequest, debtor_id: int) -> Debtor:
    """The person if this user may see them. Raises Http404."""
    return get_object_or_404(Debtor.objects.visible_to(request.user), pk=debtor_id)


def debts(request: HttpRequest, debtor: Debtor) -> list[Account]:
    """The person's open debts that this user may see, portfolios and creditors loaded."""
    rows = Account.objects.visible_to(request.user).filter(debtor=debtor, status__in=OPEN)
    return list(rows.select_related("portfolio__creditor", "creditor").order_by("pk"))


def home_zone(debtor: Debtor) -> ZoneInfo:
    """The clock on the person's wall; Eastern when nobody knows where they are."""
    return ZoneInfo(debtor.home_zone or "America/New_York")


def office_zone() -> str:
    """The clock on our own wall, by which rules take effect."""
    return Firm.objects.values_list("time_zone", flat=True).first() or "America/Chicago"


def day_from(text: str) -> date | None:
    """A day of a filter, or None for anything else."""
    try:
        return date.fromisoformat(text) if len(text) == 10 and text.isascii() else None
    except ValueError:
        return None


def title_of(verdict: Verdict, channel: str, point: ContactPoint | None, zone: ZoneInfo) -> str:
    """The answer as a headline: Calls to (312) 555-0119 are on hold until 5:00 PM their time."""
    what = CHANNEL_WORDS.get(channel, channel)
    if point is not None:
        what += " to " + (formats.phone(point.value) if point.kind == ContactPoint.Kind.PHONE else point.value)
    if not verdict.is_blocked:
        return f"{what} are allowed now" if verdict.decision == "allow" else f"{what} are allowed with care"
    if verdict.next_allowed is None:
        return f"{what} are blocked until something new is known"
    opens = verdict.next_allowed.astimezone(zone)
    return f"{what} are on hold until {formats.day(opens, opens.date())}, {formats.clock_time(opens)} their time"


def rules_of(verdict: Verdict) -> list[dict[str, str]]:
    """The findings as the rules component shows them."""
    kinds = {BLOCK: "stop", REQUIRE: "hold", WARN: "hold"}
    rows = []
    for f in verdict.findings:
        kind = "hold" if f.decision == BLOCK and f.next_allowed is not None else kinds.get(f.decision, "info")
        rows.append({"kind": kind, "words": f.sentence, "cite": f"{f.citation}. {KINDS.get(f.kind, f.kind)}"})
    return rows


def refused(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The same page again with the errors; the focus goes to their summary."""
    return tell(render(request, template, context, status=422), setfocus="#errsum")


def cursors(request: HttpRequest) -> tuple[str, bool]:
    """The cursor of a list and whether it leads back."""
    return request.GET.get("before") or request.GET.get("after") or "", "before" in request.GET
