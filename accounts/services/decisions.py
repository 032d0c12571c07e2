"""Held rows: a person decides, before the load or after it, with a reason (issue 2, section 3)."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.models import Account, ImportFile, ImportRow
from accounts.placement_rows import Problem
from accounts.services.debts import change_status, reverse
from accounts.services.imports import ImportRefused, State
from accounts.services.staging import can_load
from accounts.signals import after_commit, placement_released
from accounts.states import Status
from core import audit, clock
from ledger.models import Journal

OPEN_STATES = (State.READY, State.LOADED)


@transaction.atomic
def decide(*, row: ImportRow, accept: bool, reason: str, by: Any, at: datetime) -> None:
    """Accept or reject a held row. Before the load its outcome changes; afterwards its account opens or goes back.

    A rejected account's opening journal is reversed and the account is recalled. Raises ImportRefused.
    """
    if len(reason.strip()) < 3:
        raise ImportRefused("Say why.")
    file = ImportFile.objects.select_for_update().get(pk=row.import_file_id)
    row = ImportRow.objects.select_for_update().get(pk=row.pk)
    if file.state not in OPEN_STATES:
        raise ImportRefused("Rows can be decided when the check is done, and again when the file is loaded.")
    if row.outcome != ImportRow.Outcome.HELD:
        raise ImportRefused("This row was decided already.")
    if accept and not can_load(tuple(Problem(*p) for p in row.values.get("problems", ()))):
        raise ImportRefused("This row can't become a debt as it stands. Reject it and ask the creditor for a new one.")
    if accept and file.state == State.LOADED and row.account_id is None:
        raise ImportRefused("This row was not loaded. Reject it and ask the creditor for a new one.")
    if row.account_id is not None:
        _settle(row, accept=accept, reason=reason, by=by, at=at)
    amount = row.amount or Decimal(0)
    row.outcome = ImportRow.Outcome.ACCEPTED if accept else ImportRow.Outcome.REJECTED
    row.save(update_fields=["outcome"])
    moved: dict[str, Any] = {"held": F("held") - 1}
    moved |= (
        {"accepted": F("accepted") + 1, "total": F("total") + amount} if accept else {"rejected": F("rejected") + 1}
    )
    ImportFile.objects.filter(pk=file.pk).update(**moved)
    audit.record(
        "import.row_decided",
        actor=by,
        subject=file,
        data={"line": row.line, "accepted": accept, "account": row.account_id},
        reason=reason.strip()[:500],
        portfolio_id=file.portfolio_id,
        at=at,
    )


def _settle(row: ImportRow, *, accept: bool, reason: str, by: Any, at: datetime) -> None:
    account = Account.objects.select_for_update(of=("self",)).select_related("portfolio").get(pk=row.account_id or 0)
    Account.objects.filter(pk=account.pk).update(needs_decision="")
    if accept:
        change_status(account=account, to=Status.ACTIVE, at=at, by=by, reason=reason)
        ready = {"placement_id": account.placement_id, "account_ids": [account.pk], "at": at}
        after_commit(placement_released, ImportFile, **ready)
        return
    opening = Journal.objects.filter(key=f"placement:{row.import_file_id}:{row.line}").first()
    if opening is not None:
        reverse(
            account=account,
            journal_id=opening.pk,
            key=f"placement-back:{row.import_file_id}:{row.line}",
            code=Journal.Code.REVERSAL,
            effective_date=max(clock.today(account.portfolio.time_zone, at), opening.effective_date),
            at=at,
            by=by,
            memo="Rejected after placement",
        )
    change_status(account=account, to=Status.RECALLED, at=at, by=by, reason=reason)
