"""What the tests of the pages of money share."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.test import Client

from accounts.models import Account
from collections_crm import testing as make
from payments import services as payments
from payments.models import Plan
from payments.services import Terms
from users.models import User

TODAY = date(2026, 11, 17)
SignIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


def paying(account: Account, **more: Any) -> dict[str, Any]:
    facts = {
        "idempotency_key": "k1",
        "debt": account.pk,
        "amount": "40.00",
        "method": "CARD",
        "effective_date": "2026-11-17",
        "seen": account.version,
    }
    return {**facts, **more}


def plan_of(account: Account) -> Plan:
    return payments.open_plan(
        debtor=account.debtor,
        accounts=[account],
        terms=Terms(every="biweekly", first_date=date(2026, 11, 27), amount=Decimal("45.00")),
        by=None,
        at=make.NOON,
        read_back_at=make.NOON,
        terms_channel="EMAIL",
    )
