"""Start children in order, start a crashed one again with back-off, stop all in reverse order."""

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from .environment import BASE_DIR
from .processes import kill_group, spawn, stop
from .trouble import Trouble

_LONGEST_WAIT = 30.0
_CALM_AFTER = 60.0  # seconds up before the back-off starts anew


class Stopped(Exception):
    """SIGTERM, Ctrl-C or a closed terminal, while something was being prepared."""


@dataclass
class Service:
    """One child: how it starts, when it is ready, how it is stopped (signal and seconds; then SIGKILL)."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    ready: Callable[[], bool]
    ladder: Sequence[tuple[int, float]]
    log: Path
    child: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait: float = 0.0
    again_at: float | None = None


@dataclass
class Supervisor:
    say: Callable[[str], None]
    services: list[Service] = field(default_factory=list)
    stopping: bool = False

    def listen(self) -> None:
        """From here on signals ask for an orderly stop instead of ending the process."""

        def asked(number: int, frame: FrameType | None) -> None:
            self.stopping = True

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, asked)

    def start(self, service: Service, *, seconds: float = 90) -> None:
        """Start it and wait until it is ready. Raises Trouble, or Stopped."""
        self._check()
        self.services.append(service)
        self._launch(service)
        deadline = time.monotonic() + seconds
        while not service.ready():
            self._check()
            if service.child is None or service.child.poll() is not None or time.monotonic() > deadline:
                raise Trouble(f"{service.name} did not start; {service.log} says why.")
            time.sleep(0.1)

    def step(self, name: str, command: Sequence[str | Path], *, env: dict[str, str], log: Path | None) -> int:
        """Run something to its end, its output in `log` (None: on the terminal). Raises Stopped."""
        self._check()
        child = spawn(command, log=log, env=env, cwd=BASE_DIR)
        while child.poll() is None:
            if self.stopping:
                stop(child, ladder=[(signal.SIGTERM, 10)])
                raise Stopped(name)
            time.sleep(0.05)
        return child.returncode

    def watch(self) -> None:
        """Until asked to stop: start what ended again, after 1, 2, 4 … 30 seconds."""
        while not self.stopping:
            for service in self.services:
                self._look_after(service)
            time.sleep(0.2)

    def stop_all(self) -> None:
        """The last one started first: beat, worker, web, valkey, postgres."""
        for service in reversed(self.services):
            if service.child is not None and not stop(service.child, ladder=service.ladder):
                self.say(f"{service.name} had to be killed.")

    def _look_after(self, service: Service) -> None:
        now = time.monotonic()
        if service.again_at is not None:
            if now >= service.again_at:
                self._launch(service)
            return
        if service.child is None or service.child.poll() is None:
            return
        kill_group(service.child)
        if now - service.started > _CALM_AFTER:
            service.wait = 0.0
        service.wait = min(_LONGEST_WAIT, service.wait * 2 or 1.0)
        service.again_at = now + service.wait
        self.say(
            f"{service.name} stopped by itself (code {service.child.returncode}); "
            f"starting it again in {service.wait:.0f} s. See {service.log}."
        )

    def _launch(self, service: Service) -> None:
        service.again_at = None
        service.started = time.monotonic()
        try:
            service.child = service.start()
        except (OSError, Trouble) as error:
            if service.child is None:
                raise
            service.wait = min(_LONGEST_WAIT, service.wait * 2 or 1.0)
            service.again_at = time.monotonic() + service.wait
            self.say(f"{service.name} could not be started again: {error}")

    def _check(self) -> None:
        if self.stopping:
            raise Stopped
