"""What an officer does with the time of a shift: one state after another, none twice, none at once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from collections_crm import testing as make
from users.models import Shift, ShiftPart, User
from users.services import set_time_state

NOON = make.NOON


@pytest.mark.django_db
def test_a_state_ends_the_one_before_and_the_same_again_changes_nothing(olive: User) -> None:
    ready = set_time_state(user=olive, state="READY", at=NOON)
    with CaptureQueriesContext(connection) as seen:
        called = set_time_state(user=olive, state="ON_CALL", at=NOON + timedelta(minutes=1))
    again = set_time_state(user=olive, state="ON_CALL", at=NOON + timedelta(minutes=2))

    assert again == called and again.started_at == NOON + timedelta(minutes=1)
    assert ShiftPart.objects.get(pk=ready.pk).ended_at == called.started_at
    assert Shift.objects.get().started_at == NOON and ShiftPart.objects.count() == 2
    assert len(seen) == 1


@pytest.mark.django_db(transaction=True)
def test_two_windows_at_once_leave_one_shift_and_one_open_state(olive: User) -> None:
    start, failed = threading.Barrier(8), []

    def press(state: str) -> None:
        try:
            start.wait(timeout=20)
            for minute in range(5):
                set_time_state(user=olive, state=state, at=NOON + timedelta(minutes=minute))
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(state,)) for state in ("READY", "ON_CALL", "BREAK", "MEETING") * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert not failed
    assert Shift.objects.count() == 1 and ShiftPart.objects.filter(ended_at=None).count() == 1
