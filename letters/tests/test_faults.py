"""Killed for real, stopped, run twice, overtaken: each letter goes out once, every row ends (RELIABILITY D1–D4, C4)."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection

from accounts.models import Account, Debtor
from collections_crm import testing as make
from compliance import services as compliance
from compliance.models import ContactEvent
from core import clock
from core.models import JobRun
from letters import channels, services, subjects, tasks
from letters.channels import SendResult
from letters.models import Message
from letters.services import sending
from letters.states import OPEN, State
from letters.subjects import Subject

from . import mailhouse, scene


@pytest.fixture(autouse=True)
def _own_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "_readers", dict(subjects._readers))


def people(count: int, at: datetime) -> list[Account]:
    """So many who may be written to, each with one debt."""
    make.firm()
    scene.templates(at)
    found = []
    for number in range(count):
        person = make.debtor(f"Dana{number} Reyes")
        make.address(person, f"{number} Magoffin Ave")
        account = make.account("250.00", debtor=person, at=at)
        scene.noticed(person, account, at=at)
        found.append(account)
    return found


def letter(account: Account, at: datetime) -> Message:
    slug = scene.plain_letter().slug
    found = services.queue(
        template_slug=slug, account=account, channel="post", kind="general", key=f"letter:{account.pk}",
        at=at,
    )  # fmt: skip
    assert found is not None
    return found


@contextmanager
def worker(house: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A sending process, ready to be killed."""
    facts = connection.settings_dict
    host = facts["HOST"] or facts["OPTIONS"].get("host", "")
    url = f"postgresql://{facts['USER']}:{facts['PASSWORD']}@/{facts['NAME']}?host={host}"
    if facts["PORT"] and not str(host).startswith("/"):
        url = f"postgresql://{facts['USER']}:{facts['PASSWORD']}@{host}:{facts['PORT']}/{facts['NAME']}"
    env = os.environ | {
        "DATABASE_URL": url, "CRM_POST_ADAPTER": "http", "CRM_POST_URL": house, "CRM_DATA": str(folder),
        "MEDIA": str(folder / "media"), "DJANGO_SETTINGS_MODULE": "collections_crm.settings",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "letters.tests.worker"],
        cwd=django_settings.BASE_DIR, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def still_open() -> int:
    return Message.objects.filter(state__in=OPEN).count()


def _survives(*, letters: int, kills: int, tmp_path: Path, seed: int, patience: float) -> None:
    at = clock.now()
    for account in people(letters, at):
        letter(account, at)
    luck = random.Random(seed)
    with mailhouse.running(seed=seed) as house:
        for kill in range(kills):
            with worker(house.url, tmp_path) as victim:
                time.sleep(luck.uniform(0.05, 0.6))
                if kill % 3 == 2:  # stopped past its lease while another one takes over, then it wakes up
                    victim.send_signal(signal.SIGSTOP)
                    with worker(house.url, tmp_path):
                        time.sleep(2.5)
                        victim.send_signal(signal.SIGCONT)
                        time.sleep(0.5)
                victim.send_signal(signal.SIGKILL)
        with worker(house.url, tmp_path), worker(house.url, tmp_path):
            until = time.monotonic() + patience
            while still_open() and time.monotonic() < until:
                time.sleep(0.2)
        states = list(Message.objects.values_list("state", flat=True))
        assert states.count(State.SENT) == letters, (seed, Counter(states))
        assert len(house.effects) == letters and set(house.effects.values()) == {1}, seed
        assert all(len(seen) == 1 for seen in house.bytes.values()), "the same key carried other bytes"
    assert ContactEvent.objects.filter(source_type="letters.message").count() == letters
    assert Message.objects.exclude(document=None).values("document").distinct().count() == letters


@pytest.mark.django_db(transaction=True)
def test_sixty_letters_survive_five_kills_and_each_goes_out_once(tmp_path: Path) -> None:
    _survives(letters=60, kills=5, tmp_path=tmp_path, seed=20261117, patience=180)


@pytest.mark.nightly
@pytest.mark.django_db(transaction=True)
def test_two_thousand_letters_survive_twenty_kills(tmp_path: Path) -> None:
    _survives(letters=2000, kills=20, tmp_path=tmp_path, seed=7, patience=600)


@pytest.mark.django_db
def test_a_worker_that_slept_past_its_lease_writes_nothing(
    danas_account: Account, dana: Debtor, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.reachable(dana, danas_account)
    letter(danas_account, noon)
    real, calls = channels.send, []

    def slept(**given: Any) -> SendResult:
        calls.append(given["key"])
        if len(calls) == 1:  # while this one sleeps, another worker finds the lease run out and sends
            services.send_due(at=noon + timedelta(minutes=5))
        return real(**given)

    monkeypatch.setattr(channels, "send", slept)
    assert services.send_due(at=noon) == {}, "the late one counts nothing"
    assert len(calls) == 2 and len(set(calls)) == 1
    assert Message.objects.get().state == State.SENT
    assert len(channels.fake_outbox("post")) == 1
    assert ContactEvent.objects.filter(source_type="letters.message").count() == 1
    assert dana.documents.count() == 1


@pytest.mark.django_db
def test_a_hold_in_the_middle_of_a_run_stops_the_rest(
    northwind: Any, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = people(6, noon)
    for account in accounts:
        letter(account, noon)
    monkeypatch.setattr(sending, "FRESH", 0.0)  # each verdict is asked right before its letter
    real, sent = channels.send, []

    def send(**given: Any) -> SendResult:
        sent.append(given["key"])
        if len(sent) == 2:
            for account in accounts:
                compliance.place_hold(debtor=account.debtor, kind="BANKRUPTCY", at=noon)
        return real(**given)

    monkeypatch.setattr(channels, "send", send)
    assert services.send_due(at=noon) == {"sent": 2, "withheld": 4}
    assert len(channels.fake_outbox("post")) == 2


@pytest.mark.django_db
def test_two_beats_make_one_tick(
    danas_account: Account, dana: Debtor, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.reachable(dana, danas_account)
    letter(danas_account, noon)
    for _ in range(2):
        tasks.send_due()
    run = JobRun.objects.get(job="letters.send_due")
    assert run.counts == {"sent": 1} and run.state == "DONE"


@pytest.mark.django_db
def test_one_broken_letter_does_not_stop_the_others(
    northwind: Any, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = people(3, noon)
    for account in accounts:
        letter(account, noon)
    Debtor.objects.filter(pk=accounts[1].debtor_id).update(name="Dana \U0001f4b8")  # no font has it
    assert services.send_due(at=noon) == {"sent": 2, "failed": 1}
    assert "could not be displayed" in Message.objects.get(account=accounts[1]).reason


@pytest.mark.django_db
def test_a_chunk_asks_the_database_few_times_a_letter(
    northwind: Any, noon: datetime, django_assert_max_num_queries: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for account in people(50, noon):
        letter(account, noon)
    monkeypatch.setattr(sending, "FRESH", 600.0)  # on a slow machine verdicts are asked more often
    with django_assert_max_num_queries(50):
        assert services.send_due(at=noon) == {"sent": 50}


@pytest.mark.django_db
def test_a_reader_that_breaks_sends_nothing_and_loses_nothing(
    danas_account: Account, dana: Debtor, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.reachable(dana, danas_account)
    message = scene.reminder(danas_account)

    def broken(ids: Any, at: datetime) -> dict[int, Subject]:
        raise RuntimeError("no")

    with monkeypatch.context() as patch:
        patch.setattr(subjects, "_readers", {("", "payments.promise"): broken})
        with pytest.raises(RuntimeError):
            services.send_due(at=noon)
    scene.promise()
    assert services.send_due(at=noon + timedelta(minutes=5)) == {"sent": 1}
    message.refresh_from_db()
    assert message.state == State.SENT
