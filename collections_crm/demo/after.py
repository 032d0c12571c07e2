"""What follows from the history: shifts of the last weeks, targets, the worklist, call-backs, the day facts."""

import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum

from core.dates import add_months
from payments.models import Payment
from reports import services as reports
from reports.models import Target
from strategies import services as strategies
from strategies.models import WorkItem

from . import shifts
from .world import World

FACT_DAYS = 60
Say = Callable[[str], None]


def work(world: World, *, say: Say) -> None:
    """Everything that is made from the loaded rows."""
    steps: tuple[tuple[str, Callable[[World], Any]], ...] = (
        ("statistics", _analyze),
        ("nights", _nights),
        ("shifts", shifts.write),
        ("targets", _targets),
        ("worklist", _worklist),
        ("day facts", _facts),
    )
    for name, act in steps:
        began = time.monotonic()
        act(world)
        say(f"{name}: {time.monotonic() - began:.1f} s")


def _analyze(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _nights(world: World) -> None:
    """What the nightly run would have left on the portfolios: their rows are written, up to the last month end.

    The second night is over (a new portfolio is in its first); a load that goes on here leaves it at that.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_portfolio p SET night = greatest(night, 3), month_ended_on = (SELECT max(valid_from) "
            "FROM accounts_accountsnapshot s WHERE s.portfolio_id = p.id AND s.month_end)"
        )


def _targets(world: World) -> None:
    """For each team and month: a round figure above what came in the month before."""
    this = world.today.replace(day=1)
    teams = {shelf.portfolio.teams.all()[0] for shelf in world.shelves}
    for team in sorted(teams, key=lambda one: one.pk):
        for back in (2, 1, 0):
            month, before = add_months(this, -back), add_months(this, -back - 1)
            got = Payment.objects.filter(
                account__portfolio__teams=team, state="POSTED", effective_date__gte=before, effective_date__lt=month
            ).aggregate(total=Sum("amount"))["total"]
            amount = max(round((got or Decimal(0)) * Decimal("1.08"), -3), Decimal(5000))
            Target.objects.get_or_create(
                month=month, team=team, officer=None, portfolio=None, defaults={"amount": amount}
            )


def _worklist(world: World) -> None:
    strategies.refresh_all(world.now)
    for debtor, officer, due in world.callbacks:
        WorkItem.objects.filter(debtor=debtor, state="OPEN").update(
            queue="callbacks", due_at=due, not_before=due, assigned_to=officer, next_step="Call back as agreed"
        )
    if world.callbacks:
        strategies.refresh_people([debtor for debtor, _, _ in world.callbacks], world.now)
    strategies.refresh_counts(at=world.now)


def _facts(world: World) -> None:
    reports.build_history(first=world.today - timedelta(days=FACT_DAYS), at=world.now)
