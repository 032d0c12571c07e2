"""The one gate for rows: which portfolios a user may see. Every list starts at `visible_to` (DECISIONS 3)."""

from typing import Any, Self, TypeVar

from django.db import models

from core import prepared
from users.models import Role, Team, User

M = TypeVar("M", bound=models.Model)
_WHOLE = frozenset({Role.COMPLIANCE.value})
_BY_TEAM = frozenset({Role.OFFICER.value, Role.LEAD.value, Role.MANAGER.value})


_TEAMS = """SELECT DISTINCT b.portfolio_id FROM accounts_portfolio_teams b
JOIN users_user_teams m ON m.team_id = b.team_id WHERE m.user_id = %(user)s"""


def portfolio_ids(user: Any) -> frozenset[int] | None:
    """Ids of the portfolios whose accounts the user may see; None means all of them. Read once per request."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    if user.roles & _WHOLE:
        return None
    kept: frozenset[int] | None = getattr(user, "_portfolio_ids", None)
    if kept is None:
        kept = frozenset(_read(user))
        user._portfolio_ids = kept  # type: ignore[attr-defined]
    return kept


def _read(user: User) -> set[int]:
    from .models import Portfolio

    found: set[int] = set()
    if user.roles & _BY_TEAM:
        found |= {row[0] for row in prepared.rows(_TEAMS, {"user": user.pk}, {"user": "bigint"})}
    if Role.CLIENT.value in user.roles:
        found |= set(Portfolio.objects.filter(creditor__client_access__user=user).values_list("pk", flat=True))
    return found


def team_ids(user: User) -> list[int]:
    """The teams a user belongs to (compliance: every team)."""
    if user.roles & _WHOLE:
        return list(Team.objects.values_list("pk", flat=True))
    return list(user.teams.values_list("pk", flat=True))


def settings_rows(rows: Any, user: Any) -> Any:
    """Portfolios, organizations' imports and the like as settings: all for admins and compliance (DECISIONS 3)."""
    if isinstance(user, User) and user.is_active and user.roles & {Role.ADMIN.value, Role.COMPLIANCE.value}:
        return rows
    return rows.visible_to(user)


def sees_persons(user: Any) -> bool:
    """Admins who are nothing else run imports without seeing whose they are."""
    return bool(user.roles & (_WHOLE | _BY_TEAM))


class VisibleQuerySet(models.QuerySet[M]):
    """Rows of a table that hangs on a portfolio; the model's `portfolio_path` says by which lookup."""

    def visible_to(self, user: Any) -> Self:
        """The rows this user may see; nothing for a user without a right."""
        ids = portfolio_ids(user)
        if ids is None:
            return self
        if not ids:
            return self.none()
        path: str = self.model.portfolio_path  # type: ignore[attr-defined]
        return self.filter(**{f"{path}__in": sorted(ids)})
