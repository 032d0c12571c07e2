"""kill -9 of what the system stands on, while it is used: nothing that was acknowledged is lost, nothing happens twice.

One copy of the system for the module, its processes really killed. RELIABILITY_TESTS D1, D3, D5, D9. Small counts
in the plain run; `--nightly` does fifty times as many.
"""

import contextlib
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from collections_crm.celery import SCHEDULE
from collections_crm.local import services
from collections_crm.local.cluster import embedded, urls
from collections_crm.local.environment import for_django
from collections_crm.local.folders import Folders
from collections_crm.local.processes import stop
from collections_crm.local.valkey import Valkey
from collections_crm.tests.browser_helpers import Ask, asking
from collections_crm.tests.faults_stage import Desk, Payments, inside, kill_while, printed, worker_of
from collections_crm.tests.local_helpers import Copy, copy, manage, started, wait_until


@dataclass
class Stage:
    """The running copy, what stands on it, Olive at her desk, and one value of one SELECT."""

    up: Copy
    people: dict[str, Any]
    desk: Desk
    ask: Ask

    def pay(self, run: str, count: int) -> Payments:
        return Payments(self.desk, self.people, run=run, count=count)

    def proves_itself(self) -> None:
        done = manage("check_ledger", "--data", str(self.up.data))
        assert done.returncode == 0, done.stdout + done.stderr

    def has_each_once(self, payments: Payments) -> None:
        """Every acknowledged payment stands once, no other stands, and the ledger moved by as much."""
        assert payments.refusals == [], "\n".join(payments.refusals)
        assert len(payments.acknowledged) == payments.count
        mine = f"FROM payments_payment WHERE key LIKE 'desk:%:{payments.run_name}-%'"
        assert self.ask(f"SELECT count(*) {mine}") == payments.count
        found = self.ask(f"SELECT array_agg(split_part(key, ':', 3)) {mine}")
        assert sorted(found) == sorted(payments.acknowledged)
        journals = f"FROM ledger_journal WHERE key LIKE 'payment:desk:%:{payments.run_name}-%' AND code = 'PAYMENT'"
        assert self.ask(f"SELECT count(*) {journals}") == payments.count
        self.proves_itself()


PARTS = r"^(load_demo|reports\.rebuild|accounts\.nightly .+)$"  # runs that a scheduled job or the loader keeps itself


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    data = started(tmp_path_factory, "faults")
    with copy(data, "--no-demo") as running:
        people = inside(data, "s.build(30)")
        ask = asking(urls(embedded(Folders(data))).owner)
        yield Stage(running, people, Desk(running.port), ask)


def test_passwords_are_hashed_at_the_full_cost(stage: Stage) -> None:
    """In the tests' own process it is lowered (conftest.py); a running copy has it."""
    assert stage.ask("SELECT password FROM users_user LIMIT 1").startswith("argon2$argon2id$v=19$m=102400,t=2,p=8$")


def test_no_payment_is_lost_or_doubled_when_postgresql_is_killed(stage: Stage) -> None:
    payments = stage.pay("pg", 24)

    struck = kill_while(payments, 1, lambda: stage.up.child("pginstall"))

    assert struck == 1
    assert payments.tries > payments.count, "the kill was noticed at the desk"
    stage.has_each_once(payments)
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        assert stage.ask(f"SHOW {name}") == "on"


def test_no_payment_is_lost_or_doubled_when_a_web_worker_is_killed(stage: Stage) -> None:
    payments = stage.pay("web", 24)

    struck = kill_while(payments, 3, lambda: worker_of(stage.up, "gunicorn"))

    assert struck == 3
    stage.has_each_once(payments)


def test_pages_go_on_and_each_letter_goes_out_once_when_the_broker_is_killed_and_emptied(stage: Stage) -> None:
    letters_survive_the_broker(stage, run="broker", first=0, count=8, kills=2)


def letters_survive_the_broker(stage: Stage, *, run: str, first: int, count: int, kills: int) -> None:
    seen: list[int] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            seen.append(stage.desk.ask("GET", "/work/")[0])

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    broker = Valkey(data=stage.up.data / "valkey", socket=Folders(stage.up.data).broker_socket)
    stage.up.child("valkey-server").send_signal(signal.SIGKILL)
    assert inside(stage.up.data, f"s.queue_letters({run!r}, {first}, {count})") == count
    for _ in range(kills - 1):
        wait_until(broker.answers, seconds=60, what="the broker to be back")
        flush(broker)
        stage.up.child("valkey-server").send_signal(signal.SIGKILL)
    wait_until(broker.answers, seconds=60, what="the broker to be back")
    flush(broker)

    all_go_out_once(stage, run, count, seconds=120)
    over.set()
    looking.join(30)
    assert set(seen) == {200}, "the pages answered all the time"


def flush(broker: Valkey) -> None:
    import redis

    with contextlib.suppress(redis.exceptions.ConnectionError):
        redis.Redis(unix_socket_path=str(broker.socket)).flushall()


def all_go_out_once(stage: Stage, run: str, count: int, *, seconds: float) -> None:
    """Every message of the run is sent; the print folder has each key once, and the timeline each letter once."""
    rows = f"FROM letters_message WHERE run = '{run}'"
    wait_until(
        lambda: stage.ask(f"SELECT count(*) {rows} AND state IN ('QUEUED', 'SENDING')") == 0,
        seconds=seconds,
        what=f"the letters of {run} to leave",
    )
    states = stage.ask(f"SELECT array_agg(DISTINCT state || ' ' || reason) {rows}")
    assert states == ["SENT "], states
    keys = printed(stage.up.data)
    assert len(keys) == len(set(keys)), "no letter was printed twice"
    assert len(set(stage.ask(f"SELECT array_agg('message:' || id) {rows}")) & set(keys)) == count
    told = "SELECT count(*) FROM compliance_contactevent WHERE source_type = 'letters.message' AND source_id IN"
    assert stage.ask(f"{told} (SELECT id::text {rows})") == count


def test_a_killed_celery_worker_leaves_no_letter_unsent_and_no_row_half_loaded(stage: Stage) -> None:
    work_survives_its_worker(stage, run="worker", first=8, letters=12, rows=60, kills=2)


def work_survives_its_worker(stage: Stage, *, run: str, first: int, letters: int, rows: int, kills: int) -> None:
    """An import and a letter run side by side; the worker is killed child and parent in turn while they go on."""
    file = inside(stage.up.data, f"s.receive_file({run!r}, {rows})")
    kill_worker(stage)
    wait_until(lambda: state_of(stage, file) == "READY", seconds=180, what="the file to be checked")
    before = stage.ask("SELECT count(*) FROM accounts_account")
    inside(stage.up.data, f"[s.release_file({file}), s.queue_letters({run!r}, {first}, {letters})]")
    done = f"SELECT count(*) FROM letters_message WHERE run = '{run}' AND state <> 'QUEUED'"
    for turn in range(kills):
        wait_until(lambda: stage.ask(done) > 0, seconds=60, what="the letters to begin")
        kill_worker(stage, child=turn % 2 == 0)

    wait_until(lambda: state_of(stage, file) == "LOADED", seconds=240, what="the file to be loaded")
    all_go_out_once(stage, run, letters, seconds=240)
    assert stage.ask("SELECT count(*) FROM accounts_account") == before + rows
    assert stage.ask(f"SELECT loaded_rows FROM accounts_importfile WHERE id = {file}") == rows
    opened = "SELECT count(*) FROM ledger_journal WHERE code = 'PLACEMENT' AND subject_id IN"
    assert stage.ask(f"{opened} (SELECT id FROM accounts_account WHERE reference LIKE '{run}-%')") == rows
    stage.proves_itself()


def state_of(stage: Stage, file: int) -> str:
    return str(stage.ask(f"SELECT state FROM accounts_importfile WHERE id = {file}"))


def kill_worker(stage: Stage, *, child: bool = False) -> None:
    """The worker (the supervisor starts another), or one of the processes in which its tasks run."""
    with contextlib.suppress(AssertionError, psutil.NoSuchProcess):
        victim = worker_of(stage.up, "celery:app worker") if child else stage.up.child("celery:app worker")
        victim.send_signal(signal.SIGKILL)


def test_two_beats_let_each_occurrence_happen_once(stage: Stage) -> None:
    beats_are_harmless(stage, periods=2)


def beats_are_harmless(stage: Stage, *, periods: int) -> None:
    """A second beat on a schedule file of its own; both send every tick, and each period is worked once."""
    folders = Folders(stage.up.data)
    broker = Valkey(data=folders.data / "valkey", socket=folders.broker_socket)
    env = for_django(
        folders=folders, urls=urls(embedded(folders)),
        broker={"CELERY_BROKER_URL": broker.broker_url, "CACHE_URL": broker.cache_url},
    )  # fmt: skip
    other = folders.data / "second"
    other.mkdir(exist_ok=True)
    (other / "logs").mkdir(exist_ok=True)
    began = stage.ask("SELECT now()")
    second = services.beat(Folders(other), env).start()
    try:
        often = "core_jobrun WHERE job = 'letters.send_due' AND period >="
        wait_until(
            lambda: (
                stage.ask(f"SELECT count(*) FROM {often} '{began}'") > periods
                and log(other, "beat").count("send_due") > periods
            ),
            seconds=60 + 20 * periods,
            what="some periods with two beats",
        )
    finally:
        stop(second, ladder=[(signal.SIGTERM, 10)])
    twice = "SELECT count(*) - count(DISTINCT (job, period)) FROM core_jobrun"
    assert stage.ask(twice) == 0
    assert (
        stage.ask(f"SELECT array_agg(DISTINCT job) FROM core_jobrun WHERE state = 'FAILED' AND period >= '{began}'")
        is None
    )
    unknown = stage.ask(
        "SELECT array_agg(DISTINCT job) FROM core_jobrun WHERE job <> ALL(string_to_array('{}', ','))"
        " AND job !~ '{}'".format(",".join(SCHEDULE), PARTS)
    )
    assert unknown is None, "every run is of a job in the schedule or of one of its parts"
    ticks = log(stage.up.data, "worker").count("letters.tasks.send_due")
    assert ticks > stage.ask("SELECT count(*) FROM core_jobrun WHERE job = 'letters.send_due'"), "ticks came twice"


def log(data: Path, name: str) -> str:
    path = data / "logs" / f"{name}.log"
    return path.read_text(errors="replace") if path.exists() else ""


@pytest.mark.nightly
def test_no_payment_of_a_thousand_is_lost_when_postgresql_and_web_workers_are_killed_again_and_again(
    stage: Stage,
) -> None:
    for turn in range(10):
        payments = stage.pay(f"night-pg-{turn}", 120)
        assert kill_while(payments, 1, lambda: stage.up.child("pginstall")) == 1
        stage.has_each_once(payments)
    payments = stage.pay("night-web", 600)
    assert kill_while(payments, 25, lambda: worker_of(stage.up, "gunicorn")) >= 20
    stage.has_each_once(payments)


@pytest.mark.nightly
def test_a_thousand_letters_go_out_once_through_killed_brokers_and_workers(stage: Stage) -> None:
    inside(stage.up.data, "s.more_people(1000)")
    letters_survive_the_broker(stage, run="night-broker", first=200, count=400, kills=5)
    work_survives_its_worker(stage, run="night-worker", first=600, letters=400, rows=5000, kills=20)


@pytest.mark.nightly
def test_two_beats_for_ten_minutes(stage: Stage) -> None:
    beats_are_harmless(stage, periods=40)
