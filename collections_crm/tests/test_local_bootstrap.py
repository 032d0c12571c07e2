"""The first start on a machine that has nothing but Python."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

BOOTSTRAP = Path(settings.BASE_DIR) / "collections_crm" / "bootstrap.py"
MANAGE = (
    "import runpy, sys\n"
    "runpy.run_path('collections_crm/bootstrap.py')['ensure']()\n"
    "print('inside', sys.prefix, *sys.argv[1:])\n"
)
FAKE_UV = '#!/bin/sh\necho "$@" >> "$(dirname "$0")/called"\nexit ${UV_FAILS:-0}\n'


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A small project with the real bootstrap, and a `uv` that only notes what it was asked."""
    (tmp_path / "collections_crm").mkdir()
    (tmp_path / "collections_crm" / "bootstrap.py").write_text(BOOTSTRAP.read_text())
    (tmp_path / "manage.py").write_text(MANAGE)
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uv").write_text(FAKE_UV)
    (tmp_path / "bin" / "uv").chmod(0o755)
    return tmp_path


def _start(clone: Path, *, uv: bool = True, **env: str) -> subprocess.CompletedProcess[str]:
    base = getattr(sys, "_base_executable", sys.executable)
    path = f"{clone / 'bin'}:/usr/bin:/bin" if uv else "/nonexistent"
    env = {"PATH": path, "HOME": os.environ.get("HOME", "/"), **env}
    command = [base, "manage.py", "up", "--port", "9"]
    return subprocess.run(command, cwd=clone, env=env, capture_output=True, text=True, timeout=120, check=False)


def _installs(clone: Path) -> int:
    called = clone / "bin" / "called"
    return called.read_text().count("pip install") if called.exists() else 0


def test_the_first_start_makes_the_environment_and_goes_on_in_it_with_the_same_words(clone: Path) -> None:
    first = _start(clone)

    assert first.returncode == 0, first.stderr
    assert first.stdout == f"inside {clone / '.venv'} up --port 9\n"
    assert _installs(clone) == 1


def test_only_changed_requirements_are_installed_again(clone: Path) -> None:
    _start(clone)
    _start(clone)
    assert _installs(clone) == 1

    (clone / "requirements.txt").write_text("# something else\n")
    _start(clone)

    assert _installs(clone) == 2


def test_a_failed_installation_is_said_and_tried_again_next_time(clone: Path) -> None:
    (clone / "requirements.txt").write_text("not a requirement\n")
    failed = _start(clone, UV_FAILS="1")
    assert failed.returncode == 1
    assert "The packages could not be installed" in failed.stderr
    assert "Traceback" not in failed.stderr

    (clone / "requirements.txt").write_text("# nothing\n")
    assert _start(clone).returncode == 0


def test_a_python_without_venv_is_told_which_package_is_missing(clone: Path) -> None:
    (clone / "broken").mkdir()
    (clone / "broken" / "ensurepip.py").write_text("raise ImportError\n")

    told = _start(clone, uv=False, PYTHONPATH=str(clone / "broken"))

    assert told.returncode == 1
    assert "sudo apt-get install python3-venv" in told.stderr
    assert "Traceback" not in told.stderr


def test_an_old_python_is_told_so(clone: Path) -> None:
    script = "import sys; sys.version_info = (3, 9, 2); exec(open('manage.py').read())"

    told = subprocess.run(
        [sys.executable, "-c", script], cwd=clone, env={"PATH": "/bin"}, capture_output=True, text=True, check=False
    )

    assert told.returncode == 1
    assert told.stderr.startswith("This project needs Python 3.11 or newer; this is 3.9.")
