"""What a payment has to know once the debts are locked, in one statement. Amounts in the debts' currency."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.models import Account
from accounts.states import Status

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
SELECT 'promised', account_id, '', NULL, 0 FROM payments_promise
WHERE account_id = ANY(%(debts)s) AND state NOT IN ('CANCELLED', 'REPLACED')
UNION ALL
SELECT 'planned', d.account_id, '', NULL, 0 FROM payments_plandebt d JOIN payments_plan p ON p.id = d.plan_id
WHERE d.account_id = ANY(%(debts)s) AND p.state <> 'CANCELLED'
UNION ALL
SELECT 'payment', id, '', NULL, 0 FROM payments_payment WHERE key = %(key)s
UNION ALL
SELECT 'payment', id, '', NULL, 0 FROM payments_payment
WHERE provider_ref = %(reference)s AND provider = %(provider)s AND %(reference)s <> ''
ORDER BY 5, 3
"""


@dataclass(slots=True)
class Standing:
    """Open components by debt in the chart's order, the disputed debts, those with promises, those with plans, and
    the payment that was recorded under this key or provider's reference before (None: it is new)."""

    balances: dict[int, dict[str, Decimal]] = field(default_factory=dict)
    disputed: frozenset[int] = frozenset()
    promised: frozenset[int] = frozenset()
    planned: frozenset[int] = frozenset()
    earlier: int | None = None


def standing(*, rows: Sequence[Account], key: str = "", provider: str = "", reference: str = "") -> Standing:
    """Where these debts stand. Call it with their rows locked when something follows from it."""
    found = Standing(balances={row.pk: {} for row in rows})
    seen: dict[str, set[int]] = {name: set() for name in ("person", "debt", "promised", "planned", "payment")}
    values: dict[str, Any] = {
        "debts": [row.pk for row in rows],
        "people": list({row.debtor_id for row in rows}),
        "key": key,
        "provider": provider,
        "reference": reference,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL, values)
        for what, number, code, amount, _ in cursor.fetchall():
            if what == "balance":
                found.balances[number][code.removeprefix("receivable.")] = amount
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
