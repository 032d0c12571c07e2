"""Money on the debts of the demo: opening journals, payments by the creditor's order, returns, settlements."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from ledger.services import Line, Posting
from users.models import User

from .hours import OFFICE, local
from .life import Life
from .persons import ZERO, Debt

RETURNS = (("R01", "Insufficient funds"), ("R09", "Uncollected funds"), ("R02", "Account closed"))


@dataclass(slots=True)
class Paid:
    """A payment that was posted; its row is written at the end, when it is known whether it came back."""

    id: int
    debt: Debt
    amount: Decimal
    method: str
    at: datetime
    on: date
    journal: UUID
    lines: list[Line]
    allocation: dict[str, Any]
    by: User | None
    state: str = "POSTED"


def post(
    life: Life, when: datetime, debt: Debt, key: str, code: str, lines: list[Line], on: date, *,
    by: User | None = None, reverses: UUID | None = None,
) -> UUID:  # fmt: skip
    """Write one balanced journal, with all others at the end of the batch, through the ledger's own door."""
    posting = Posting(
        key=key, code=code, subject_id=debt.id, currency=debt.shelf.portfolio.currency, effective_date=on, lines=lines,
        reverses=reverses, at=when, actor_id=by.pk if by else None,
    )  # fmt: skip
    life.desk.postings.append(posting)
    return posting.id


def place(life: Life, debt: Debt) -> None:
    """The opening journal of a placed debt."""
    when = local(debt.placed_on, 7)
    creditor = debt.shelf.portfolio.creditor_id
    lines = [Line(f"receivable.{name}", debit=amount) for name, amount in debt.placed.items()]
    lines.append(Line("clearing.placed", credit=debt.balance, party_id=creditor))
    post(life, when, debt, f"placement:demo:{debt.id}", "PLACEMENT", lines, debt.placed_on)
    life.mark(when, debt)


def pay(life: Life, when: datetime, debt: Debt, amount: Decimal, method: str, by: User | None = None) -> Paid | None:
    """Post a payment; nothing on a debt that is settled, disputed or paused."""
    if not debt.open or debt.balance <= 0:
        return None
    amount = min(amount, debt.balance)
    on = when.astimezone(OFFICE).date()
    order = debt.shelf.portfolio.allocation_order
    parts, left = {}, amount
    for name in [*order, *(n for n in debt.parts if n not in order)]:
        part = min(left, debt.parts.get(name, ZERO))
        if part > 0:
            parts[name] = part
            debt.parts[name] -= part
            left -= part
    number = life.desk.payments.new_id()
    source = "trust.direct" if method == "DIRECT" else "trust.cash"
    lines = [Line(source, debit=amount, party_id=debt.shelf.portfolio.creditor_id)]
    lines += [Line(f"receivable.{name}", credit=part) for name, part in parts.items()]
    journal = post(life, when, debt, f"payment:demo:{number}", "PAYMENT", lines, on, by=by)
    last = debt.last_paid
    allocation = {
        "received": f"{amount:.2f}", "parts": {n: str(p) for n, p in parts.items()}, "reasons": [], "order": order,
        "last_payment": [last[0].isoformat(), str(last[1])] if last else [None, None],
    }  # fmt: skip
    paid = Paid(number, debt, amount, method, when, on, journal, lines, allocation, by)
    debt.paid.append(paid)
    debt.last_paid = (on, amount)
    data = {"amount": str(amount), "method": method, "on": str(on), "parts": allocation["parts"]}
    life.audit(when, "payment.recorded", "payments.payment", number, debt, by, data)
    _after(life, when, debt, by)
    if method in ("ACH", "CHECK") and life.rng.random() < 0.035:
        life.at(when + timedelta(days=life.rng.randint(2, 4)), bounce, paid)
    return paid


def _after(life: Life, when: datetime, debt: Debt, by: User | None) -> None:
    if debt.balance == 0:
        life.status(when, debt, "PAID", by, "Paid in full")
    else:
        life.mark(when, debt)


def bounce(life: Life, when: datetime, paid: Paid) -> None:
    """The bank sends a payment back: a mirror journal, the debt owed again."""
    debt = paid.debt
    if debt.status in ("SETTLED", "RECALLED", "CLOSED") or paid.state != "POSTED":
        return
    code, reason = life.rng.choices(RETURNS, weights=(80, 12, 8))[0]
    on = when.astimezone(OFFICE).date()
    lines = [Line(x.account, debit=x.credit, credit=x.debit, party_id=x.party_id) for x in paid.lines]
    journal = post(life, when, debt, f"return:demo:{paid.id}", "RETURN", lines, on, reverses=paid.journal)
    for name, part in paid.allocation["parts"].items():
        debt.parts[name] += Decimal(part)
    paid.state = "RETURNED"
    life.desk.returns.add(paid.id, code, reason, on, when, journal)
    data = {"amount": str(paid.amount), "code": code}
    life.audit(when, "payment.returned", "payments.payment", paid.id, debt, None, data, reason)
    if debt.status == "PAID":
        life.status(when, debt, "ACTIVE", None, "Payment returned")
    else:
        life.mark(when, debt)
    for fall in life.on_return:
        fall(life, when, debt)


def settle(life: Life, when: datetime, debt: Debt, by: User) -> None:
    """Less than the balance, agreed as full: a payment, and the rest adjusted away."""
    amount = (debt.balance * life.rng.choice((60, 70, 75, 80)) / 100).quantize(Decimal("0.01"))
    paid = pay(life, when, debt, amount, "CARD", by)
    if paid is None or debt.balance == 0:
        return
    rest = debt.balance
    lines = [Line("expense.adjustment", debit=rest)]
    lines += [Line(f"receivable.{name}", credit=part) for name, part in debt.parts.items() if part > 0]
    post(life, when, debt, f"settlement:demo:{debt.id}", "ADJUSTMENT", lines, paid.on, by=by)
    debt.parts = dict.fromkeys(debt.parts, ZERO)
    life.status(when, debt, "SETTLED", by, f"Settled for {amount}")


def write_payments(life: Life) -> None:
    """The payment rows, as they are now."""
    for debt in life.person.debts:
        currency = debt.shelf.portfolio.currency
        for p in debt.paid:
            life.desk.payments.add(
                p.id, debt.id, life.person.id, p.amount, currency, p.method, p.state, p.on, p.at, p.at, f"demo:{p.id}",
                json.dumps(p.allocation), p.journal, p.by.pk if p.by else None,
            )  # fmt: skip
