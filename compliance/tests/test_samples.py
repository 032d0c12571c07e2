"""An examiner asks for sixty debts at random: drawn by a seed, packed in the background, then downloaded."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, ContactPoint, Portfolio
from collections_crm import testing as make
from compliance import services as compliance
from compliance.models import ContactEvent, EvidenceSample
from compliance.services import sampling
from core import work
from core.models import AuditEvent
from users.models import Team, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
SignIn = Callable[[User], Client]
DAY = make.NOON.date()


@pytest.fixture
def called(northwind: Portfolio) -> list[Account]:
    """Twelve debts, each with one call of yesterday, and one that nobody called about."""
    found = []
    for number in range(13):
        person = make.debtor(f"Dana{number} Reyes")
        point = make.phone(person, f"+1915555{number:04d}")
        account = make.account("250.00", debtor=person, portfolio=northwind)
        if number < 12:
            rang(account, make.NOON - timedelta(days=1), point)
            found.append(account)
    return found


def rang(account: Account, recorded_at: datetime, point: ContactPoint | None = None) -> None:
    """A call of yesterday, written down at that moment."""
    ContactEvent.objects.create(
        debtor=account.debtor, account_ids=[account.pk], kind="call", at=make.NOON - timedelta(days=1),
        recorded_at=recorded_at, contact_point=point,
    )  # fmt: skip


def ask(by: User, **more: Any) -> EvidenceSample:
    more = {"since": DAY - timedelta(days=7), "until": DAY, "size": 5, "seed": "walnut", **more}
    return compliance.ask_sample(by=by, at=make.NOON + timedelta(hours=1), **more)


def test_the_same_seed_draws_the_same_debts_and_another_seed_others(called: list[Account], cora: User) -> None:
    first, again, other = ask(cora), ask(cora), ask(cora, seed="kettle")

    ids, population = sampling.draw(first)

    assert (len(ids), population) == (5, 12)
    assert sampling.draw(again) == (ids, 12)
    assert sampling.draw(other)[0] != ids
    assert set(ids) < {account.pk for account in called}


def test_what_is_recorded_later_does_not_move_the_draw(called: list[Account], cora: User) -> None:
    sample = ask(cora, size=60)
    extra = make.account("80.00", debtor=make.debtor("Gus Okafor"), portfolio=called[0].portfolio)
    rang(extra, sample.asked_at + timedelta(hours=1))

    assert sampling.draw(sample)[1] == 12
    assert sampling.draw(compliance.ask_sample(since=DAY, until=DAY, size=60, by=cora, at=make.NOON))[1] == 0


def test_the_filter_names_creditor_channel_and_days(called: list[Account], cora: User, north: Team) -> None:
    harbor = make.portfolio("Harbor cards", team=north, creditor=make.organization("Harbor Bank"))

    assert sampling.draw(ask(cora, channel="sms")) == ([], 0)
    assert sampling.draw(ask(cora, until=DAY - timedelta(days=3))) == ([], 0)
    assert sampling.draw(ask(cora, creditor=harbor.creditor)) == ([], 0)
    assert sampling.draw(ask(cora, portfolio=called[0].portfolio, channel="call"))[1] == 12


def test_the_pack_has_everything_of_each_debt_and_an_index(called: list[Account], cora: User) -> None:
    sample = ask(cora)

    assert compliance.build_samples(at=make.NOON + timedelta(hours=2)) == {"made": 1, "failed": 0}

    sample.refresh_from_db()
    assert (sample.state, sample.population, sample.done) == ("DONE", 12, 5)
    path = compliance.take_sample(sample=sample, by=cora, at=make.NOON)
    with zipfile.ZipFile(path) as archive:
        refs = {name.split("/")[0] for name in archive.namelist() if "/" in name}
        assert len(refs) == 5
        said = json.loads(archive.read("sample.json"))
        assert (said["seed"], said["population"], set(said["debts"])) == ("walnut", 12, refs)
        lines = list(csv.DictReader(io.StringIO(archive.read("index.csv").decode())))
        names = set(archive.namelist())
        assert {line["file"] for line in lines} == names - {"index.csv", "sample.json"}
        some = refs.pop()
        for needed in ("contacts", "decisions", "messages", "calls_and_notes", "entries", "wishes", "holds"):
            assert f"{some}/{needed}.json" in names
        assert len(json.loads(archive.read(f"{some}/contacts.json"))) == 1
    assert AuditEvent.objects.filter(action="evidence.taken", actor=cora).count() == 1


def test_a_worker_that_lost_its_lease_writes_nothing(called: list[Account], cora: User) -> None:
    sample = ask(cora)
    (mine,) = work.claim(sampling.KIND, at=make.NOON + timedelta(hours=2))
    (theirs,) = work.claim(sampling.KIND, at=make.NOON + timedelta(hours=4))

    assert not sampling._build(mine)
    assert sampling._build(theirs)

    sample.refresh_from_db()
    assert sample.state == "DONE" and len(list(sampling.path_of(sample).parent.iterdir())) == 1


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"until": DAY - timedelta(days=30)}, "The last day comes after the first."),
        ({"size": "0"}, "Take from 1 to 500 debts."),
        ({"size": "many"}, "Enter a whole number."),
        ({"since": "soon"}, "Enter a day, such as 2026-11-27."),
        ({"since": date(2027, 1, 1), "until": date(2027, 1, 2)}, "The period has not begun yet."),
    ],
)
def test_a_wrong_filter_is_told_at_its_field(wrong: dict[str, Any], says: str, cora: User, sign_in: SignIn) -> None:
    given = {"since": DAY - timedelta(days=7), "until": DAY, "size": "5", "idempotency_key": "one", **wrong}

    answer = sign_in(cora).post("/evidence/", given)

    assert answer.status_code == 422 and says in answer.content.decode()
    assert not EvidenceSample.objects.exists()


def test_cora_draws_looks_and_downloads_and_olive_may_not(
    called: list[Account], cora: User, olive: User, sign_in: SignIn
) -> None:
    browser = sign_in(cora)
    given = {"since": DAY - timedelta(days=7), "until": DAY, "size": "3", "idempotency_key": "one"}
    path = browser.post("/evidence/", given)["Location"]
    assert browser.post("/evidence/", given)["Location"] == path, "the form twice asks once"
    assert 'hx-trigger="every 3s"' in browser.get(path).content.decode()
    assert browser.get(f"{path}sample.zip").status_code == 404

    compliance.build_samples(at=make.NOON + timedelta(hours=2))

    page = browser.get(path).content.decode()
    assert "Download the ZIP" in page and 'hx-trigger="every 3s"' not in page
    content = b"".join(browser.get(f"{path}sample.zip").streaming_content)  # type: ignore[attr-defined]
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    assert sign_in(olive).get(f"{path}sample.zip").status_code == 403
