"""Writes about the second step of signing in: enrol, check, recover, reset, and which roles need it (F110)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from core import audit, crypto

from . import services, totp
from .models import RecoveryCode, Role, RoleRule, SecondFactor, User

CODES = 10
CODE_LENGTH = 12
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that are mistaken for another


class FactorRefused(Exception):
    """The change can't be made; a sentence."""


def has_factor(user: User) -> bool:
    """Whether a code is asked for when this person signs in."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def needs_factor(user: User) -> bool:
    """Whether one of the person's roles may not sign in without a second step."""
    return RoleRule.objects.filter(role__in=user.role_list, second_step=True).exists()


@transaction.atomic
def begin(*, user: User, at: datetime) -> SecondFactor:
    """A new secret, not asked for before it is confirmed. Raises FactorRefused when one is confirmed already."""
    kept = SecondFactor.objects.select_for_update().filter(user=user).first()
    if kept is not None and kept.confirmed_at is not None:
        raise FactorRefused("Your second step is set up already.")
    row = SecondFactor(user=user, created_at=at)
    row.seal(totp.new_secret())
    row.save(force_insert=kept is None)
    return row


@transaction.atomic
def confirm(*, user: User, code: str, at: datetime) -> list[str]:
    """Take the first code and return the recovery codes, which are shown once. Raises FactorRefused."""
    row = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at=None).first()
    if row is None:
        raise FactorRefused("Begin again: there is nothing to confirm.")
    step = totp.step_of(row.secret(), _digits(code), at)
    if step is None:
        raise FactorRefused("This is not the code of now. Is the clock of the phone right?")
    row.last_step, row.confirmed_at = step, at
    row.save(update_fields=["last_step", "confirmed_at"])
    audit.record("user.second_step_set", actor=user, subject=user, at=at)
    return _new_codes(user)


@transaction.atomic
def check(*, user: User, code: str, at: datetime) -> bool:
    """Take a code of the authenticator or a recovery code. Each is good once: the second try of the same is a no."""
    return _take_code(user, code, at) or _take_recovery(user, code, at)


def _take_code(user: User, code: str, at: datetime) -> bool:
    row = SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).first()
    step = totp.step_of(row.secret(), _digits(code), at) if row else None
    if step is None:
        return False
    newer = SecondFactor.objects.filter(user=user, confirmed_at__isnull=False, last_step__lt=step)
    return newer.update(last_step=step) == 1


def _take_recovery(user: User, code: str, at: datetime) -> bool:
    plain = "".join(c for c in code.upper() if c.isalnum())
    if len(plain) != CODE_LENGTH:
        return False
    unused = RecoveryCode.objects.filter(user=user, digest=_digest(user, plain), used_at=None)
    if unused.update(used_at=at) != 1:
        return False
    left = RecoveryCode.objects.filter(user=user, used_at=None).count()
    audit.record("user.recovery_code_used", actor=user, subject=user, data={"left": left}, at=at)
    return True


@transaction.atomic
def renew_codes(*, user: User, at: datetime) -> list[str]:
    """New recovery codes instead of the old ones. The caller has just asked for a code (`check`, throttled)."""
    if not has_factor(user):
        raise FactorRefused("There is no second step to recover.")
    audit.record("user.recovery_codes_made", actor=user, subject=user, at=at)
    return _new_codes(user)


@transaction.atomic
def drop(*, user: User, at: datetime) -> None:
    """Give one's second step up; the caller has just asked for a code. Raises FactorRefused when a role needs it."""
    if needs_factor(user):
        raise FactorRefused("Your role needs a second step, so it stays on.")
    _forget(user)
    audit.record("user.second_step_dropped", actor=user, subject=user, at=at)


@transaction.atomic
def reset(*, person: User, by: User, at: datetime) -> None:
    """Take somebody's authenticator and codes away (a lost phone) and end their sessions; they enrol anew."""
    _forget(person)
    ended = services.end_sessions(person)
    audit.record("user.second_step_reset", actor=by, subject=person, data={"sessions": ended}, at=at)


@transaction.atomic
def require(*, roles: Iterable[str], by: User, at: datetime) -> None:
    """Say which roles need a second step. People of a role that begins to need it and have none are signed out."""
    wanted = {name for name in roles if name in Role.values}
    before = set(RoleRule.objects.filter(second_step=True).values_list("role", flat=True))
    for name in sorted(wanted ^ before):
        RoleRule.objects.update_or_create(pk=name, defaults={"second_step": name in wanted, "changed_at": at})
    signed_out = 0
    for person in _without(wanted - before).exclude(pk=by.pk):
        signed_out += bool(services.end_sessions(person))
    data = {"before": sorted(before), "after": sorted(wanted), "signed_out": signed_out}
    audit.record("sign_in.rules_changed", actor=by, data=data, at=at)


def _without(roles: set[str]) -> QuerySet[User]:
    people = User.objects.filter(is_active=True, role_list__overlap=sorted(roles))
    return people.exclude(second_factor__confirmed_at__isnull=False)


def _forget(user: User) -> None:
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()


def _new_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    plain = ["".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH)) for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(user, one)) for one in plain)
    return ["-".join(one[at : at + 4] for at in range(0, CODE_LENGTH, 4)) for one in plain]


def _digest(user: User, plain: str) -> str:
    return crypto.blind_index(f"recovery {user.pk} {plain}")


def _digits(code: str) -> str:
    return "".join(code.split())
