"""Writes about other people's log-ins: made, changed, switched off, given a new password (F110). By admins."""

import secrets
from collections.abc import Iterable
from datetime import datetime, time

from django.db import IntegrityError, transaction

from core import audit

from . import services
from .models import Role, Team, User

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are mistaken for another


class StaffRefused(Exception):
    """The change can't be made; a sentence, and the `field` it is about."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


def one_time_password() -> str:
    """Four groups of four letters; shown once, to be changed by its owner."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


@transaction.atomic
def create_person(
    *,
    username: str,
    display_name: str,
    email: str,
    roles: Iterable[str],
    teams: Iterable[Team],
    by: User | None,
    at: datetime,
    password: str = "",
    sign_on_from: time | None = None,
    sign_on_until: time | None = None,
) -> tuple[User, str]:
    """A new log-in and its password (made here unless given). Raises StaffRefused for a name that is taken."""
    secret = password or one_time_password()
    wanted = _roles(roles)
    try:
        with transaction.atomic():
            person = User.objects.create_user(
                username,
                secret,
                display_name=display_name,
                email=email,
                role_list=wanted,
                sign_on_from=sign_on_from,
                sign_on_until=sign_on_until,
                created_at=at,
            )
    except IntegrityError as taken:
        raise StaffRefused("Somebody has this name already.", "username") from taken
    person.teams.set(teams)
    data = {"roles": wanted, "teams": [team.pk for team in teams]}
    audit.record("user.created", actor=by, subject=person, data=data, at=at)
    return person, secret


@transaction.atomic
def change_person(
    *,
    person: User,
    display_name: str,
    email: str,
    roles: Iterable[str],
    teams: Iterable[Team],
    sign_on_from: time | None,
    sign_on_until: time | None,
    by: User,
    at: datetime,
) -> User:
    """Name, roles, teams, sign-on hours. Roles are read at each request, so this counts at the next click.

    Raises StaffRefused when an admin would take the admin's role from themself.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    wanted = _roles(roles)
    if person.pk == by.pk and Role.ADMIN not in wanted:
        raise StaffRefused("You can't take the administrator's role from yourself.", "roles")
    before = {"roles": list(person.role_list), "teams": sorted(person.teams.values_list("pk", flat=True))}
    person.display_name, person.email, person.role_list = display_name, email, wanted
    person.sign_on_from, person.sign_on_until = sign_on_from, sign_on_until
    person.save(update_fields=["display_name", "email", "role_list", "sign_on_from", "sign_on_until"])
    person.teams.set(teams)
    after = {"roles": wanted, "teams": sorted(team.pk for team in teams)}
    audit.record("user.changed", actor=by, subject=person, data={"before": before, "after": after}, at=at)
    return person


@transaction.atomic
def disable(*, person: User, by: User, at: datetime) -> None:
    """Switch a log-in off and end its sessions in the same transaction; its shift ends. Never one's own."""
    if person.pk == by.pk:
        raise StaffRefused("You can't switch yourself off.")
    person = User.objects.select_for_update().get(pk=person.pk)
    if not person.is_active:
        return
    person.is_active = False
    person.save(update_fields=["is_active"])
    services.end_shift(user=person, at=at)
    ended = services.end_sessions(person)
    audit.record("user.disabled", actor=by, subject=person, data={"sessions": ended}, at=at)


@transaction.atomic
def enable(*, person: User, by: User, at: datetime) -> None:
    """Let somebody sign in again."""
    if User.objects.filter(pk=person.pk, is_active=False).update(is_active=True):
        audit.record("user.enabled", actor=by, subject=person, at=at)


@transaction.atomic
def new_password(*, person: User, by: User, at: datetime) -> str:
    """A one-time password, shown once; the old one and every session end."""
    person = User.objects.select_for_update().get(pk=person.pk)
    secret = one_time_password()
    person.set_password(secret)
    person.save(update_fields=["password"])
    services.end_sessions(person)
    audit.record("user.password_reset", actor=by, subject=person, at=at)
    return secret


def _roles(names: Iterable[str]) -> list[str]:
    wanted = [name for name in Role.values if name in set(names)]
    if not wanted:
        raise StaffRefused("Give at least one role.", "roles")
    return wanted
