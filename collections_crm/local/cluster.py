"""Who runs the cluster of a state folder: one `up`, or one ordinary command for as long as it needs it."""

import contextlib
import fcntl
import signal
import time
from collections.abc import Iterator

from .folders import Folders, locked, sign
from .postgres import DATABASE, SUPERUSER, Postgres
from .processes import stop
from .roles import APP, OWNER, READ, Urls, make_database
from .trouble import Trouble

STOP_POSTGRES = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0))  # fast, then immediate
_WAIT_FOR_COMMAND = 60.0


def embedded(folders: Folders) -> Postgres:
    """The cluster of this folder, running or not."""
    return Postgres(data=folders.cluster, sockets=folders.sockets, log=folders.logs / "postgres.log")


def urls(server: Postgres) -> Urls:
    """What Django is handed for a cluster of ours."""
    return Urls(app=server.url(role=APP), owner=server.url(role=OWNER), read=server.url(role=READ))


def complete(server: Postgres) -> None:
    """Roles, database and extensions, where missing."""
    make_database(superuser_url=server.url(role=SUPERUSER, database="postgres"), database=DATABASE)


@contextlib.contextmanager
def owned(folders: Folders, *, port: int) -> Iterator[None]:
    """`up` holds this for its life. Raises Trouble when another one does."""
    deadline = time.monotonic() + _WAIT_FOR_COMMAND
    while True:
        with locked(folders.data / "owner.lock", how=fcntl.LOCK_EX, wait=False) as lock:
            if lock is not None:
                sign(lock, f"up on port {port}")
                yield
                return
        holder = (folders.data / "owner.lock").read_text(encoding="ascii") or "another command"
        if holder.startswith("up") or time.monotonic() > deadline:
            raise Trouble(
                f"Another `manage.py {holder}` is using the folder {folders.data}. "
                "Stop it first, or start this copy with another --data and --port."
            )
        time.sleep(0.1)


@contextlib.contextmanager
def borrowed(folders: Folders) -> Iterator[Urls]:
    """The running cluster, or one that we start as our child and stop when the last user is done."""
    server = embedded(folders)
    folders.make()
    deadline = time.monotonic() + _WAIT_FOR_COMMAND
    while time.monotonic() < deadline:
        with locked(folders.data / "owner.lock", how=fcntl.LOCK_EX, wait=False) as owner:
            if owner is not None:
                sign(owner, "command")
                with _started(folders, server):
                    yield urls(server)
                return
        with locked(folders.data / "users.lock", how=fcntl.LOCK_SH, wait=True):
            if server.answers():
                yield urls(server)
                return
        time.sleep(0.1)
    raise Trouble(f"The PostgreSQL of {folders.data} is held by another process but doesn't answer.")


@contextlib.contextmanager
def _started(folders: Folders, server: Postgres) -> Iterator[None]:
    server.init()
    child = server.start()
    try:
        complete(server)
        yield
    finally:
        with locked(folders.data / "users.lock", how=fcntl.LOCK_EX, wait=True):  # let the others finish
            stop(child, ladder=STOP_POSTGRES)
