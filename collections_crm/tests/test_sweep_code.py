"""Rules that a machine can hold over the whole tree."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from collections_crm.celery import SCHEDULE, Queue
from collections_crm.celery import app as celery
from core.models import AppendOnly

ROOT = Path(settings.BASE_DIR)
APPS = [
    "accounts", "collections_crm", "compliance", "contacts", "core", "ledger", "letters", "payments", "reports",
    "strategies", "users",
]  # fmt: skip


def sources(*, tests: bool = False) -> Iterator[tuple[str, str]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if tests or ("/tests/" not in name and not name.endswith("conftest.py")):
                yield name, path.read_text()


def where(pattern: str, *, but: tuple[str, ...] = ()) -> list[str]:
    found = re.compile(pattern)
    return [f"{n}: {m.group(0)}" for n, text in sources() if n not in but for m in found.finditer(text)]


def test_celery_is_only_woken_by_core_work() -> None:
    assert where(r"\.(delay|apply_async|delay_on_commit|apply_async_on_commit)\(", but=("core/work.py",)) == []


def test_only_the_ledger_writes_the_ledger() -> None:
    written = r"\b(Journal|Entry|Balance)\.objects\.(create|bulk_create|update|filter\([^)]*\)\.(update|delete))"
    by_table = r"(INSERT INTO|UPDATE|DELETE FROM|COPY) \"?ledger_"
    found = where(written) + where(by_table) + where(r"(Sheet|copy)\(\s*(Journal|Entry|Balance)\b")
    assert [hit for hit in found if not hit.startswith("ledger/")] == []


def test_the_clock_is_read_at_the_edge() -> None:
    hits = where(r"datetime\.now\(|timezone\.now\(|date\.today\(|datetime\.utcnow\(", but=("core/clock.py",))
    assert [hit for hit in hits if not hit.startswith("collections_crm/local/")] == []


def test_money_is_never_a_float() -> None:
    assert where(r"models\.FloatField|DecimalField\([^)]*\)\s*#\s*float|float\(\s*\w*(amount|balance|total)\w*") == []


def test_no_page_carries_inline_script_or_style() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=|hx-on|javascript:", re.IGNORECASE)
    letters = ROOT / "templates" / "letters" / "mail"
    found = [
        f"{path.relative_to(ROOT)}: {hit.group(0)}"
        for path in (ROOT / "templates").rglob("*.html")
        if letters not in path.parents
        for hit in inline.finditer(path.read_text())
    ]
    assert found == []


def test_every_queue_has_a_worker_and_every_job_a_task() -> None:
    celery.loader.import_default_modules()
    served = (ROOT / "collections_crm" / "local" / "up.py").read_text() + "".join(
        p.read_text() for p in (ROOT / "collections_crm" / "local").glob("*.py")
    )
    for queue in Queue:
        assert "Queue" in served or queue.value in served, f"no worker listens on {queue.value}"
    missing = [task for task, _, _ in SCHEDULE.values() if task not in celery.tasks]
    assert missing == []


def test_every_job_runs_at_the_interval_the_monitor_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    celery.loader.import_default_modules()
    asked: dict[str, int] = {}
    monkeypatch.setattr("core.jobs.tick", lambda job, seconds, _: asked.update({job: seconds}))

    for task, _, _ in SCHEDULE.values():
        celery.tasks[task].run()

    assert {name: asked[name] for name in SCHEDULE} == {name: every for name, (_, every, _) in SCHEDULE.items()}


def choice_fields() -> list[models.Field]:  # type: ignore[type-arg]
    return [f for m in apps.get_models() if m.__module__.split(".")[0] in APPS for f in m._meta.fields if f.choices]


@pytest.mark.parametrize("field", choice_fields(), ids=str)
def test_every_status_has_a_label_people_can_read(field: models.Field) -> None:  # type: ignore[type-arg]
    for value, label in field.flatchoices:
        assert str(label).strip(), f"{field}: {value} has no label"
        assert not re.fullmatch(r"[A-Z_]{3,}", str(label)), f"{field}: {value} is labelled by its own code"


def test_append_only_rows_are_protected_by_a_trigger_or_have_no_updates() -> None:
    for model in apps.get_models():
        triggers = getattr(model._meta, "triggers", None)
        if issubclass(model, AppendOnly) and triggers:
            assert {t.name for t in triggers} >= {"append_only", "no_truncate"}, model


def test_no_person_data_in_log_calls() -> None:
    risky: list[str] = []
    for name, text in sources():
        for node in ast.walk(ast.parse(text)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr in {"debug", "info", "warning", "error", "exception"} and node.args:
                first = node.args[0]
                if getattr(node.func.value, "id", "") == "log" and not isinstance(first, ast.Constant):
                    risky.append(f"{name}:{node.lineno}")
    assert risky == []
