"""The row is the queue: claimed once, fenced, retried, never lost."""

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.models import ImportFile, Portfolio
from collections_crm import testing as make
from core import work
from core.work import WorkKind
from users.models import User

pytestmark = pytest.mark.django_db
KIND = WorkKind(ImportFile, ready=("TO_CHECK",), leased="CHECKING", lease=timedelta(seconds=60), max_tries=3)


@pytest.fixture
def row(northwind: Portfolio, ada: User) -> ImportFile:
    return ImportFile.objects.create(
        creditor=northwind.creditor,
        portfolio=northwind,
        name="a.csv",
        sha256="0" * 64,
        size=1,
        state="TO_CHECK",
        placed_on=make.NOON.date(),
        uploaded_by=ada,
        due_at=make.NOON,
    )


def test_a_due_row_is_claimed_by_one_worker_only(row: ImportFile) -> None:
    first = work.claim(KIND, at=make.NOON)
    second = work.claim(KIND, at=make.NOON)

    assert [r.pk for r in first] == [row.pk]
    assert second == []


def test_a_row_due_later_waits(row: ImportFile) -> None:
    assert work.claim(KIND, at=make.NOON - timedelta(seconds=1)) == []


def test_a_lapsed_lease_is_taken_over_and_the_first_worker_writes_nothing_more(row: ImportFile) -> None:
    (mine,) = work.claim(KIND, at=make.NOON)
    (theirs,) = work.claim(KIND, at=make.NOON + timedelta(seconds=61))

    late = work.finish(KIND, pk=mine.pk, token=mine.lease_token, state="READY")
    good = work.finish(KIND, pk=theirs.pk, token=theirs.lease_token, state="LOADED")

    row.refresh_from_db()
    assert (late, good, row.state) == (False, True, "LOADED")


def test_a_failed_row_comes_back_later_and_dies_after_its_last_try(row: ImportFile) -> None:
    at = make.NOON
    for _ in range(3):
        (mine,) = work.claim(KIND, at=at)
        work.retry(KIND, row=mine, at=at, error="away", dead="FAULTED")
        row.refresh_from_db()
        assert row.due_at >= at
        at = row.due_at

    assert (row.state, row.tries, row.last_error) == ("FAULTED", 3, "away")


def test_a_strangers_token_finishes_nothing(row: ImportFile) -> None:
    work.claim(KIND, at=make.NOON)

    assert work.finish(KIND, pk=row.pk, token=uuid4(), state="READY") is False
