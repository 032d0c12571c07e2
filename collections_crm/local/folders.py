"""The state folder of one copy (`--data`): where each thing lies, and who may use the cluster in it."""

import contextlib
import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .trouble import Trouble

_SOCKET_PATH = re.compile(r"[\w./-]{1,80}", re.ASCII)  # the kernel's limit is 107 bytes, file name included


@dataclass(frozen=True)
class Folders:
    """Everything a copy owns is below `data`, except its sockets when that path is too long for one."""

    data: Path

    @property
    def cluster(self) -> Path:
        return self.data / "postgres"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def sockets(self) -> Path:
        own = self.data / "run"
        if _SOCKET_PATH.fullmatch(str(own)):
            return own
        name = hashlib.sha256(str(self.data).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"crm-{os.geteuid()}-{name}"

    @property
    def broker_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def has_cluster(self) -> bool:
        return (self.cluster / "PG_VERSION").exists()

    def make(self) -> None:
        """Create what is missing, readable by us alone. Raises Trouble when it can't be ours."""
        try:
            for folder in (self.data, self.logs, self.sockets, self.data / "mail", self.data / "print"):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise Trouble(f"The folder {error.filename} can't be made: {error.strerror}.") from error
        found = self.sockets.lstat()
        if self.sockets.is_symlink() or found.st_uid != os.geteuid():
            raise Trouble(f"The folder {self.sockets} belongs to somebody else. Choose another --data.")
        self.sockets.chmod(0o700)


@contextlib.contextmanager
def locked(path: Path, *, how: int, wait: bool) -> Iterator[IO[str] | None]:
    """The open lock file while held; None when somebody else has it and we don't wait."""
    with path.open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, how if wait else how | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        yield lock


def sign(lock: IO[str], text: str) -> None:
    """Write who holds it, for the sentence somebody else will read."""
    lock.truncate(0)
    lock.write(text)
    lock.flush()
