"""Leave to act once against a presumption or a house rule: a reason and a second person (F97). Never against law."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounts.models import Account, Debtor
from compliance.models import Override
from compliance.rules.verdict import BLOCK, WARN, Verdict
from core import audit

if TYPE_CHECKING:
    from .asking import Request

LASTS = timedelta(hours=24)
ACTS = frozenset({"dial", "send"})
APPROVERS = frozenset({"lead", "manager", "compliance"})
# House rules that stand for law or for safety: nobody may wave them through.
NEVER = frozenset({"ENGINE-ERROR", "POLICY-POINT", "POLICY-LICENSE", "POLICY-UNKNOWN-PLACE"})


class OverrideRefused(Exception):
    """No override can be asked for or given here; a sentence, and the `field` it is about."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


def blocking(verdict: Verdict) -> list[str]:
    """The ids of the rules that block, each once."""
    return list(dict.fromkeys(f.rule_id for f in verdict.findings if f.decision == BLOCK))


def may_be_overridden(verdict: Verdict) -> bool:
    """True when every rule that blocks leaves room."""
    return verdict.may_override and not NEVER & set(blocking(verdict))


@transaction.atomic
def request_override(
    *,
    debtor: Debtor,
    channel: str,
    verdict: Verdict,
    reason: str,
    by: Any,
    at: datetime,
    accounts: Sequence[Account] = (),
    lasts: timedelta = LASTS,
) -> Override:
    """Ask a second person for leave to act once, within `lasts` of the request. Raises OverrideRefused."""
    if not verdict.is_blocked:
        raise OverrideRefused("Nothing forbids this; no override is needed.")
    if not may_be_overridden(verdict):
        raise OverrideRefused("The law leaves no room here. Nobody can allow this.")
    if len(reason.strip()) < 10:
        raise OverrideRefused("Say why in a sentence, at least 10 characters.", "reason")
    row = Override.objects.create(
        debtor=debtor, channel=channel, rule_ids=blocking(verdict), reason=reason.strip()[:300], requested_by=by,
        requested_at=at, expires_at=at + lasts, account_ids=[a.pk for a in accounts],
    )  # fmt: skip
    audit.record(
        "override.requested", actor=by, subject=row, data={"rules": row.rule_ids, "channel": channel},
        reason=row.reason, person_id=debtor.pk, at=at,
    )  # fmt: skip
    return row


@transaction.atomic
def decide_override(*, override: Override, approve: bool, by: Any, at: datetime, reason: str = "") -> Override:
    """Give or refuse it. Raises OverrideRefused for the asker, for another role, or when it is decided or past."""
    row = Override.objects.select_for_update().get(pk=override.pk)
    if row.requested_by_id == by.pk:
        raise OverrideRefused("Somebody else has to decide what you asked for.")
    if not APPROVERS & set(by.roles):
        raise OverrideRefused("A team lead, a manager or compliance decides this.")
    if row.approved is not None:
        raise OverrideRefused("This is decided already.")
    if row.expires_at <= at:
        raise OverrideRefused("Its time is over. It has to be asked for again.")
    row.approved, row.decided_by, row.decided_at = approve, by, at
    row.save(update_fields=["approved", "decided_by", "decided_at"])
    audit.record(
        "override.approved" if approve else "override.refused", actor=by, subject=row,
        data={"rules": row.rule_ids, "channel": row.channel}, reason=reason, person_id=row.debtor_id, at=at,
    )  # fmt: skip
    return row


def approve_override(*, override: Override, by: Any, at: datetime, reason: str = "") -> Override:
    """`decide_override` with a yes."""
    return decide_override(override=override, approve=True, by=by, at=at, reason=reason)


def apply(verdict: Verdict, *, request: "Request", at: datetime, occasion: str) -> Verdict:
    """The verdict with its blocks turned into warnings where an override covers them all; an act uses it up."""
    if request.inbound or not verdict.is_blocked or not may_be_overridden(verdict):
        return verdict
    row = _covering(request, blocking(verdict), at, take=occasion in ACTS)
    if row is None:
        return verdict
    if occasion in ACTS:
        row.used_at = at
        row.save(update_fields=["used_at"])
        audit.record("override.used", subject=row, data={"rules": row.rule_ids}, person_id=row.debtor_id, at=at)
    named = f" Allowed once by {row.decided_by}: {row.reason}"
    findings = tuple(
        replace(f, decision=WARN, next_allowed=None, sentence=f.sentence + named) if f.decision == BLOCK else f
        for f in verdict.findings
    )
    return replace(verdict, decision=WARN, next_allowed=None, findings=findings, required_content=())


def _covering(request: "Request", rules: list[str], at: datetime, *, take: bool) -> Override | None:
    rows = Override.objects.filter(
        debtor=request.debtor, channel=request.channel, approved=True, used_at=None, expires_at__gt=at,
        rule_ids__contains=rules,
    ).select_related("decided_by")  # fmt: skip
    if take:
        rows = rows.select_for_update(of=("self",))
    about = {a.pk for a in request.accounts or ()}
    return next((row for row in rows if not row.account_ids or (about and about <= set(row.account_ids))), None)
