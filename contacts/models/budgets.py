"""A person's income and outgoings as they told them: the newest sheet counts, none is edited."""

from django.conf import settings
from django.db import models

from accounts.models import Debtor
from core import clock
from core.models import AppendOnly
from core.triggers import append_only

from .talks import Interaction


class BudgetSheet(AppendOnly):
    """One budget: the lines as said, and what they come to in a month, in `currency` (contacts.budget)."""

    debtor = models.ForeignKey(Debtor, on_delete=models.PROTECT, related_name="budgets")
    call = models.ForeignKey(Interaction, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    lines = models.JSONField()
    income = models.DecimalField(max_digits=14, decimal_places=2)
    outgoings = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3, default="USD")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        triggers = append_only()
        indexes = [models.Index(fields=["debtor", "-made_at"], name="budget_newest")]
        constraints = [
            models.CheckConstraint(condition=models.Q(income__gte=0, outgoings__gte=0), name="budget_not_negative")
        ]

    def __str__(self) -> str:
        return f"budget {self.pk}"
