"""A person's budget: put down as they say it, the newest one counts."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import Debtor
from contacts import budget
from contacts.budget import Line
from contacts.models import BudgetSheet, Interaction
from core import audit
from users.models import User


class BudgetRefused(Exception):
    """There is nothing to add up; a sentence."""


@transaction.atomic
def save_budget(
    *, debtor: Debtor, call: Interaction | None, lines: Sequence[Line], currency: str, by: User, at: datetime
) -> BudgetSheet:
    """Keep a budget with its month, who wrote it and when. Raises BudgetRefused without any income or outgoing."""
    if not lines:
        raise BudgetRefused("Enter at least one amount.")
    month = budget.month(lines)
    made = BudgetSheet.objects.create(
        debtor=debtor, call=call, income=month.income, outgoings=month.outgoings, currency=currency, made_by=by,
        made_at=at, lines=[{"code": row.code, "amount": str(row.amount), "every": row.every} for row in lines],
    )  # fmt: skip
    audit.record("person.budget_saved", actor=by, subject=made, person_id=debtor.pk, at=at)
    return made


def budget_of(debtor: Debtor) -> BudgetSheet | None:
    """The newest budget with who wrote it, or None."""
    return BudgetSheet.objects.filter(debtor=debtor).select_related("made_by").order_by("-made_at", "-pk").first()
