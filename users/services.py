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
# `part` is the state that runs then. It is empty when another window changed it while this one waited for the lock:
# then the statement did not see the other's row, nothing was begun, and it is sent again. For statements of others:
# %(by)s is who, %(at)s when, %(doing)s the state; the names shift, same, ended, begun and part are taken.
TIME_STATE = """shift AS (
    INSERT INTO users_shift (user_id, started_at) VALUES (%(by)s, %(at)s)
    ON CONFLICT (user_id) WHERE ended_at IS NULL DO UPDATE SET user_id = EXCLUDED.user_id RETURNING id
), same AS (
    SELECT * FROM users_shiftpart
    WHERE shift_id = (SELECT id FROM shift) AND ended_at IS NULL AND state = %(doing)s FOR UPDATE
), ended AS (
    UPDATE users_shiftpart SET ended_at = %(at)s
    WHERE shift_id = (SELECT id FROM shift) AND ended_at IS NULL AND state <> %(doing)s RETURNING id
), begun AS (
    INSERT INTO users_shiftpart (shift_id, state, started_at) SELECT id, %(doing)s, %(at)s FROM shift
    WHERE (SELECT count(*) FROM ended) >= 0 AND NOT EXISTS (SELECT 1 FROM same)
    ON CONFLICT (shift_id) WHERE ended_at IS NULL DO NOTHING RETURNING *
), part AS (SELECT * FROM begun UNION ALL SELECT * FROM same)"""
TIME_STATE_TYPES = {"by": "bigint", "doing": "text", "at": "timestamptz"}
_STATE = f"WITH {TIME_STATE} SELECT {prepared.columns(ShiftPart, 'part')} FROM part"  # noqa: S608


@transaction.atomic(savepoint=False)
def set_time_state(*, user: User, state: str, at: datetime) -> ShiftPart:
    """Begin a state (and the shift, if none is open). The same state again changes nothing. One statement."""
    values = {"by": user.pk, "doing": TimeState(state).value, "at": at}
    row = prepared.one(_STATE, values, TIME_STATE_TYPES) or prepared.one(_STATE, values, TIME_STATE_TYPES)
    assert row is not None  # the lock is held since the first time
    found: ShiftPart = prepared.read(ShiftPart, row)
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
