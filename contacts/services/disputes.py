"""A person contests a debt: what stops, what is asked for, by when, and how it is answered (F69, J4)."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts import services as accounts
from accounts.models import Account
from accounts.states import OPEN, Status
from contacts import gate, signals, states
from contacts.models import Dispute
from core import audit, clock, transitions
from core.money import ZERO, MoneyError, require_cents
from ledger import queries as ledger
from ledger.services import Line

ANSWER_DAYS = 30  # written: 15 USC 1692g(b) period at most; spoken ones get the same by house rule
EVIDENCE: dict[str, list[str]] = {
    "N": ["Signed agreement or application", "Proof of who opened the account"],
    "A": ["Itemized bill", "Payment ledger of the creditor"],
    "P": ["Proof of payment", "Payment ledger of the creditor"],
    "F": ["Identity theft report", "Signed statement", "Signed agreement or application"],
    "O": ["What the person says is wrong, in writing"],
}
RIGHT, AMOUNT, NOT_OWED, WITHDRAWN = "RIGHT", "AMOUNT", "NOT_OWED", "WITHDRAWN"
ANSWERS = {
    RIGHT: "The debt is right as it stands. Verification was mailed; collection may go on.",
    AMOUNT: "The amount is wrong. The balance is corrected with this answer; collection may go on.",
    NOT_OWED: "It is not this person’s, or it is paid. The debt is closed.",
    WITHDRAWN: "The person has taken the dispute back.",
}


class DisputeRefused(Exception):
    """The dispute cannot be opened or answered so; a sentence, and the `field` it is about."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


@transaction.atomic
def open_dispute(
    *,
    account: Account,
    reason: str,
    amount: Decimal | None,
    written: bool,
    words: str,
    by: Any,
    at: datetime,
    received_at: datetime | None = None,
) -> Dispute:
    """Record a dispute of a debt or part of it (`amount` None: all). The debt stops at once.

    The reason sets the evidence asked and the deadline: ANSWER_DAYS days on the portfolio's calendar. Raises
    DisputeRefused, also when one is open on this debt.
    """
    account = Account.objects.select_for_update(of=("self",)).select_related("portfolio", "debtor").get(pk=account.pk)
    disputed = _checked(account, reason, amount)
    moment = received_at or at
    dispute = Dispute.objects.create(
        account=account,
        debtor_id=account.debtor_id,
        reason=reason,
        amount=disputed,
        written=written,
        words=words,
        evidence_asked=EVIDENCE[reason],
        received_at=moment,
        recorded_at=at,
        due_on=clock.today(account.portfolio.time_zone, moment) + timedelta(days=ANSWER_DAYS),
        opened_by=by,
    )
    facts = {"written": written, "reason": reason, "amount": str(disputed), "debt_ids": [account.pk]}
    gate.record_words(
        debtor=account.debtor, accounts=[account], kind="dispute", facts=facts, by=by, source=dispute, at=moment
    )
    gate.place_hold(
        debtor=account.debtor, account=account, kind="DISPUTE", by=by, at=at, source=dispute.ref,
        reason=Dispute.Reason(reason).label, facts={"written": written},
    )  # fmt: skip
    if account.status != Status.DISPUTED:
        accounts.change_status(account=account, to=Status.DISPUTED, at=at, by=by, reason=f"Dispute {dispute.ref}")
    _tell("dispute.opened", dispute, by, {"reason": reason, "written": written, "amount": disputed}, at)
    return dispute


def _checked(account: Account, reason: str, amount: Decimal | None) -> Decimal:
    if reason not in EVIDENCE:
        raise DisputeRefused("Choose what is wrong with the debt.", "reason")
    if account.status not in OPEN:
        raise DisputeRefused("This debt is closed; there is nothing to dispute.")
    if account.disputes.filter(state=Dispute.State.OPEN).exists():
        raise DisputeRefused("This debt is disputed already. Add what is new as a note.")
    most = max(account.balance, ZERO)
    if amount is None:
        if most == ZERO:
            raise DisputeRefused("Nothing is owed on this debt.")
        return most
    try:
        exact = require_cents(amount) == amount
    except MoneyError:
        exact = False
    if not exact or not ZERO < amount <= most:
        raise DisputeRefused(f"Enter an amount from $0.01 to ${most:,.2f}.", "amount")
    return amount


@transaction.atomic
def answer_dispute(
    *,
    dispute: Dispute,
    outcome: str,
    answer: str,
    by: Any,
    at: datetime,
    verification_mailed_on: date | None = None,
    corrected: Decimal | None = None,
) -> Dispute:
    """Answer an open dispute. Collection goes on only after verification was mailed (15 USC 1692g(b)).

    RIGHT: the debt is open again. AMOUNT: the difference to `corrected`, the right balance, is posted off the books
    (fees, costs and interest first, principal last) and the debt is open again, or closed when nothing is left.
    NOT_OWED: it is closed. WITHDRAWN: it is open again without a verification. Raises DisputeRefused.
    """
    account = (
        Account.objects.select_for_update(of=("self",)).select_related("portfolio", "debtor").get(pk=dispute.account_id)
    )
    dispute = Dispute.objects.select_for_update().get(pk=dispute.pk)
    _check_answer(dispute, account, outcome, answer, verification_mailed_on, corrected, at)
    to = Dispute.State.WITHDRAWN if outcome == WITHDRAWN else Dispute.State.ANSWERED
    extra = {"answer": answer, "answered_at": at, "answered_by": by}
    transitions.move(dispute, to, table=states.DISPUTE, at=at, by=by, field="state", reason=outcome, extra=extra)
    if verification_mailed_on is not None:
        facts = {"debt_ids": [account.pk], "mailed_on": verification_mailed_on.isoformat()}
        gate.record_words(
            debtor=account.debtor,
            accounts=[account],
            kind="verification_sent",
            facts=facts,
            by=by,
            source=dispute,
            at=at,
        )
    nothing_left = outcome == NOT_OWED or (outcome == AMOUNT and corrected == ZERO)
    if outcome == AMOUNT and corrected is not None:
        _correct(account, account.balance - corrected, dispute, by, at)
    if account.status == Status.DISPUTED:
        goal = Status.CLOSED if nothing_left else Status.ACTIVE
        accounts.change_status(account=account, to=goal, at=at, by=by, reason=f"Dispute {dispute.ref} answered")
    gate.lift_dispute_hold(account=account, by=by, at=at, reason=f"Dispute {dispute.ref}: {outcome.lower()}")
    _tell("dispute.answered", dispute, by, {"outcome": outcome, "corrected": corrected}, at)
    transaction.on_commit(lambda: signals.dispute_answered.send(sender=Dispute, dispute=dispute, at=at), robust=True)
    return dispute


LAST = "receivable.principal"


def _correct(account: Account, difference: Decimal, dispute: Dispute, by: Any, at: datetime) -> None:
    """Take what was too much off the debt's parts, in one journal of its own; `difference` is positive."""
    parts = ledger.balances([account.pk]).get(account.pk, {})
    lines, left = [Line("expense.adjustment", debit=difference)], difference
    for code in sorted(parts, key=lambda code: (code == LAST, code)):
        taken = min(left, max(parts[code], ZERO))
        if taken > ZERO:
            lines.append(Line(code, credit=taken))
            left -= taken
    accounts.post(
        account=account, key=f"dispute:{dispute.pk}", code="ADJUSTMENT", lines=lines, at=at, by=by,
        effective_date=clock.today(account.portfolio.time_zone, at), memo=f"{dispute.ref} answered",
    )  # fmt: skip
    account.refresh_from_db()


def _check_answer(
    dispute: Dispute, account: Account, outcome: str, answer: str, mailed: date | None, corrected: Decimal | None,
    at: datetime,
) -> None:  # fmt: skip
    if dispute.state != Dispute.State.OPEN:
        raise DisputeRefused("This dispute has its answer already.")
    if outcome not in ANSWERS:
        raise DisputeRefused("Choose what is right.", "outcome")
    if not answer.strip():
        raise DisputeRefused("Say why, in one or two plain sentences.", "answer")
    if outcome in (RIGHT, AMOUNT) and mailed is None:
        raise DisputeRefused("Enter the day the verification was mailed.", "verification_mailed_on")
    today = clock.today(account.portfolio.time_zone, at)
    if mailed is not None and not clock.today(account.portfolio.time_zone, dispute.received_at) <= mailed <= today:
        raise DisputeRefused("Enter a day from the dispute's to today.", "verification_mailed_on")
    if outcome == AMOUNT and (corrected is None or not ZERO <= corrected < account.balance):
        raise DisputeRefused(f"Enter an amount from $0.00 to less than ${account.balance:,.2f}.", "corrected")


def _tell(action: str, dispute: Dispute, by: Any, data: dict[str, Any], at: datetime) -> None:
    audit.record(
        action,
        actor=by,
        subject=dispute,
        data={"account": dispute.account_id, **data},
        person_id=dispute.debtor_id,
        portfolio_id=dispute.account.portfolio_id,
        at=at,
    )
