"""Writes about people who work here: shifts, their states, preferences."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db import transaction

from core import audit, prepared

from .middleware import local_time
from .models import Shift, ShiftPart, TimeState, User
from .signals import shift_ended


def may_sign_on(user: User, at: datetime) -> bool:
    """Active, with a role, and within sign-on hours where the person works."""
    return user.is_active and bool(user.roles) and user.may_sign_on(local_time(user, at))


# The open shift, begun if there is none; its row is locked first, so that one person's states follow one another.
_SHIFT = """INSERT INTO users_shift (user_id, started_at) VALUES (%(user)s, %(at)s)
    ON CONFLICT (user_id) WHERE ended_at IS NULL DO UPDATE SET user_id = EXCLUDED.user_id RETURNING id"""
_PART = """WITH same AS (
    SELECT * FROM users_shiftpart WHERE shift_id = %(shift)s AND ended_at IS NULL AND state = %(state)s
), ended AS (
    UPDATE users_shiftpart SET ended_at = %(at)s
    WHERE shift_id = %(shift)s AND ended_at IS NULL AND state <> %(state)s RETURNING id
), made AS (
    INSERT INTO users_shiftpart (shift_id, state, started_at)
    SELECT %(shift)s, %(state)s, %(at)s
    WHERE (SELECT count(*) FROM ended) >= 0 AND NOT EXISTS (SELECT 1 FROM same) RETURNING *
) SELECT id, shift_id, state, started_at, ended_at FROM made
UNION ALL SELECT id, shift_id, state, started_at, ended_at FROM same"""
_SHIFT_TYPES = {"user": "bigint", "at": "timestamptz"}
_PART_TYPES = {"shift": "bigint", "state": "text", "at": "timestamptz"}


@transaction.atomic(savepoint=False)
def set_time_state(*, user: User, state: str, at: datetime) -> ShiftPart:
    """Begin a state (and the shift, if none is open). The same state again changes nothing. Two statements."""
    (shift,) = prepared.rows(_SHIFT, {"user": user.pk, "at": at}, _SHIFT_TYPES)[0]
    (part,) = prepared.rows(_PART, {"shift": shift, "state": TimeState(state).value, "at": at}, _PART_TYPES)
    found: ShiftPart = prepared.read(ShiftPart, part)
    return found


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
