"""A gunicorn of its own for a benchmark, with the arguments of `up` (collections_crm/local/services.py)."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import psutil

from collections_crm.local.services import answers

from .measure import Missing
from .setup import ROOT


class Server:
    """Two workers with four threads each on the loopback address; `settings` says the product or the bare one."""

    def __init__(self, settings: str, port: int) -> None:
        self.settings, self.port = settings, port
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it unless it runs, and wait until it answers."""
        if self.child is not None:
            return
        command = [sys.executable, "-m", "gunicorn", "collections_crm.wsgi:application", "--workers", "2"]
        command += ["--threads", "4", "--bind", f"127.0.0.1:{self.port}", "--timeout", "60"]
        command += ["--graceful-timeout", "20", "--no-control-socket", "--access-logfile", "/dev/null"]
        env = os.environ | {"DJANGO_SETTINGS_MODULE": self.settings}
        self.child = subprocess.Popen(command, cwd=ROOT, env=env)  # noqa: S603
        path = "/healthz" if self.settings.startswith("collections_crm") else "/floor/up/"
        for _ in range(240):
            if answers(self.port, path):
                return
            time.sleep(0.5)
        raise Missing(f"The server with {self.settings} does not answer.")

    def resident_mb(self) -> int:
        """Resident memory of the workers, without the master."""
        if self.child is None:
            return 0
        sizes = [int(one.memory_info().rss) for one in psutil.Process(self.child.pid).children()]
        return sum(sizes) // 2**20

    def stop(self) -> None:
        """End it politely."""
        if self.child is not None:
            self.child.terminate()
            self.child.wait(30)
            self.child = None
