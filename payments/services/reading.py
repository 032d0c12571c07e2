"""What a payment has to know once the debts are locked, in one statement. Amounts in the debts' currency."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import Account
from accounts.states import Status
from core import prepared

# Read after the lock and never with it: a statement that waits for a row still sees what was there before it waited.
_SQL = """
SELECT 'balance' AS what, b.subject_id AS number, b.account_id AS code, b.amount, l.position
FROM ledger_balance b JOIN ledger_ledgeraccount l ON l.code = b.account_id
WHERE b.subject_id = ANY(%(debts)s) AND b.account_id LIKE 'receivable.%%' AND b.amount <> 0
UNION ALL
SELECT CASE WHEN account_id IS NULL THEN 'person' ELSE 'debt' END, COALESCE(account_id, debtor_id), '', NULL, 0
FROM compliance_hold
WHERE (account_id = ANY(%(debts)s) OR (account_id IS NULL AND debtor_id = ANY(%(people)s)))
    AND kind = 'DISPUTE' AND lifted_at IS NULL
UNION ALL
SELECT 'accrued', subject_id, accrued_to::text, NULL, 0 FROM ledger_balance
WHERE subject_id = ANY(%(debts)s) AND account_id = 'receivable.interest' AND accrued_to IS NOT NULL
UNION ALL
SELECT 'promised', account_id, '', NULL, 0 FROM payments_promise
WHERE account_id = ANY(%(debts)s) AND state NOT IN ('CANCELLED', 'REPLACED') AND grace_until >= %(received_on)s
UNION ALL
SELECT 'planned', d.account_id, '', NULL, 0 FROM payments_plandebt d JOIN payments_plan p ON p.id = d.plan_id
WHERE d.account_id = ANY(%(debts)s) AND p.state NOT IN ('CANCELLED', 'DONE')
UNION ALL
SELECT 'payment', id, '', NULL, 0 FROM payments_payment WHERE key = %(key)s
UNION ALL
SELECT 'payment', id, '', NULL, 0 FROM payments_payment
WHERE provider_ref = %(reference)s AND provider = %(provider)s AND provider_ref <> ''
ORDER BY 5, 3
"""
_TYPES = {
    "debts": "bigint[]", "people": "bigint[]", "key": "text", "provider": "text", "reference": "text",
    "received_on": "date",
}  # fmt: skip


@dataclass(slots=True)
class Standing:
    """Open components by debt in the chart's order, the disputed debts, those with promises or plans that money of the
    day can still move, the day up to which interest is posted (missing: placement), and the payment that was recorded
    under this key or provider's reference before (None: it is new)."""

    balances: dict[int, dict[str, Decimal]] = field(default_factory=dict)
    disputed: frozenset[int] = frozenset()
    promised: frozenset[int] = frozenset()
    planned: frozenset[int] = frozenset()
    accrued: dict[int, date] = field(default_factory=dict)
    earlier: int | None = None


def standing(
    *,
    rows: Sequence[Account],
    key: str = "",
    provider: str = "",
    reference: str = "",
    received_on: date = date.min,
) -> Standing:
    """Where these debts stand. Call it with their rows locked when something follows from it.

    Money received on a day counts for no promise whose grace was over then, and moves no other one: those are left out.
    """
    found = Standing(balances={row.pk: {} for row in rows})
    seen: dict[str, set[int]] = {name: set() for name in ("person", "debt", "promised", "planned", "payment")}
    values: dict[str, Any] = {
        "debts": prepared.array(row.pk for row in rows),
        "people": prepared.array({row.debtor_id for row in rows}),
        "key": key,
        "provider": provider,
        "reference": reference,
        "received_on": received_on,
    }
    for what, number, code, amount, _ in prepared.rows(_SQL, values, _TYPES):
        if what == "balance":
            found.balances[number][code.removeprefix("receivable.")] = amount
        elif what == "accrued":
            found.accrued[number] = date.fromisoformat(code)
        else:
            seen[what].add(number)
    found.disputed = frozenset(
        row.pk
        for row in rows
        if row.status == Status.DISPUTED or row.pk in seen["debt"] or row.debtor_id in seen["person"]
    )
    found.promised, found.planned = frozenset(seen["promised"]), frozenset(seen["planned"])
    found.earlier = min(seen["payment"], default=None)
    return found
