"""Real copies of the system for the tests of `collections_crm.local`: started, asked, ended by their own pid."""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from collections_crm.local.processes import spawn

MANAGE = Path(settings.BASE_DIR) / "manage.py"


def bare_environment(**more: str) -> dict[str, str]:
    """Nothing of the test run's settings; CRM_NO_VENV since this interpreter has everything already."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return kept | {"CRM_NO_VENV": "1"} | more


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(true: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Ask ten times a second; fail with `what` after a generous limit."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for: {what}"
        time.sleep(0.1)


def manage(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """One management command, to its end."""
    command = [sys.executable, str(MANAGE), *arguments]
    return subprocess.run(
        command, env=bare_environment(**env), capture_output=True, text=True, timeout=180, check=False
    )


class Copy:
    """One `manage.py up` on a folder and a port of its own."""

    def __init__(self, data: Path, *options: str, **env: str) -> None:
        self.data = data
        self.port = free_port()
        self.output = data.with_name(data.name + ".out")
        command = [sys.executable, str(MANAGE), "up", "--data", str(data), "--port", str(self.port), *options]
        self.output.touch()
        self.process = spawn(command, log=self.output, env=bare_environment(**env))  # goes when pytest goes
        self.family: list[psutil.Process] = []

    @property
    def said(self) -> str:
        return self.output.read_text()

    def ready(self) -> None:
        """Wait for the welcome, and remember every process of the copy."""
        wait_until(
            lambda: "Ready after" in self.said or self.process.poll() is not None,
            seconds=180,
            what="the copy to be ready",
        )
        if self.process.poll() is not None:
            logs = sorted((self.data / "logs").glob("*.log"))
            raise AssertionError(self.said + "".join(f"\n== {log.name}\n{log.read_text()[-2000:]}" for log in logs))
        self.remember()

    def remember(self) -> None:
        self.family = psutil.Process(self.process.pid).children(recursive=True)

    def child(self, word: str) -> psutil.Process:
        """The direct child whose command has this word."""
        for process in psutil.Process(self.process.pid).children():
            if word in " ".join(process.cmdline()):
                return process
        raise AssertionError(f"no child with {word!r}: {self.said}")

    def alive(self) -> list[psutil.Process]:
        return [process for process in self.family if process.is_running() and process.status() != "zombie"]

    def terminate(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(90)


@contextlib.contextmanager
def copy(data: Path, *options: str, **env: str) -> Iterator[Copy]:
    """A copy that is ready; whatever the test did to it, nothing of it is left."""
    running = Copy(data, *options, **env)
    try:
        running.ready()
        yield running
    finally:
        if running.process.poll() is None:
            running.terminate()


def started(factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder of its own in which the system was started once, empty, and stopped.

    Whoever wants one first makes it, the others wait and copy: the migrations take half a minute of CPU.
    """
    root = factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    first, done = root / "started", root / "started.done"
    with (root / "started.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            with copy(first, "--no-demo"):
                pass
            done.touch()
    data = factory.mktemp(name) / "data"
    shutil.copytree(first, data, symlinks=True)
    return data
