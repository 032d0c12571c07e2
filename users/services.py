"""Writes about people who work here: shifts, their states, preferences."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db import transaction

from core import audit

from .middleware import local_time
from .models import Shift, ShiftPart, TimeState, User
from .signals import shift_ended


def may_sign_on(user: User, at: datetime) -> bool:
    """Active, with a role, and within sign-on hours where the person works."""
    return user.is_active and bool(user.roles) and user.may_sign_on(local_time(user, at))


@transaction.atomic
def set_time_state(*, user: User, state: str, at: datetime) -> ShiftPart:
    """Begin a state (and the shift, if none is open). The same state again changes nothing."""
    User.objects.select_for_update().get(pk=user.pk)
    shift, _ = Shift.objects.get_or_create(user=user, ended_at=None, defaults={"started_at": at})
    part = shift.parts.filter(ended_at=None).first()
    if part is not None and part.state == state:
        return part
    if part is not None:
        part.ended_at = at
        part.save(update_fields=["ended_at"])
    return ShiftPart.objects.create(shift=shift, state=TimeState(state), started_at=at)


@transaction.atomic
def end_shift(*, user: User, at: datetime) -> None:
    """Sign off: close the shift; whoever holds things for this person hears `shift_ended`."""
    shift = Shift.objects.select_for_update().filter(user=user, ended_at=None).first()
    if shift is not None:
        shift.parts.filter(ended_at=None).update(ended_at=at)
        shift.ended_at = at
        shift.save(update_fields=["ended_at"])
        audit.record("shift.ended", actor=user, subject=shift)
    shift_ended.send(sender=User, user=user, at=at)


def save_preferences(*, user: User, theme: str, density: str, single_keys: bool, new_password: str = "") -> None:
    """Keep a person's own settings; a new password ends their other sessions (Django's session hash)."""
    user.theme, user.density, user.single_keys = theme, density, single_keys
    fields = ["theme", "density", "single_keys"]
    if new_password:
        user.set_password(new_password)
        fields.append("password")
    with transaction.atomic():
        user.save(update_fields=fields)
        audit.record("user.preferences_saved", actor=user, subject=user, data={"password": bool(new_password)})


def set_look(*, user: User, theme: str | None, density: str | None) -> None:
    """Keep theme or density when it is one of ours; anything else is ignored."""
    if theme in User.Theme.values:
        user.theme = theme or ""
    if density in User.Density.values:
        user.density = density or user.density
    user.save(update_fields=["theme", "density"])


def end_sessions(user: User) -> int:
    """Delete every session of a person (disabled, role taken); returns how many."""
    mine = [s.pk for s in Session.objects.all().iterator() if s.get_decoded().get("_auth_user_id") == str(user.pk)]
    return Session.objects.filter(pk__in=mine).delete()[0]
