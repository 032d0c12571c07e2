"""The five children of `up`: how each is started, known to be ready, and stopped."""

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from ..celery import Queue
from .cluster import STOP_POSTGRES, complete, embedded
from .environment import BASE_DIR
from .folders import Folders
from .processes import spawn
from .supervisor import Service
from .valkey import Valkey

_SHARED_MEMORY = Path("/dev/shm")


def postgres(folders: Folders) -> Service:
    """The embedded cluster with its roles and database."""
    server = embedded(folders)

    def start() -> subprocess.Popen[bytes]:
        server.init()
        return server.start()

    def ready() -> bool:
        complete(server)
        return True

    return Service(name="postgres", start=start, ready=ready, ladder=STOP_POSTGRES, log=server.log)


def valkey(folders: Folders) -> tuple[Service, dict[str, str]]:
    """The embedded broker, and what Django needs to find it."""
    server = Valkey(data=folders.data / "valkey", socket=folders.broker_socket)
    log = folders.logs / "valkey.log"

    def start() -> subprocess.Popen[bytes]:
        return spawn(server.command(), log=log)

    service = Service(name="valkey", start=start, ready=server.answers, ladder=[(signal.SIGTERM, 5)], log=log)
    return service, {"CELERY_BROKER_URL": server.broker_url, "CACHE_URL": server.cache_url}


def web(folders: Folders, env: Mapping[str, str], *, port: int) -> Service:
    """gunicorn, as crm_app, on this machine's loopback address."""
    command = [sys.executable, "-m", "gunicorn", "collections_crm.wsgi:application", "--workers", "2"]
    command += [
        "--threads",
        "4",
        "--bind",
        f"127.0.0.1:{port}",
        "--timeout",
        "60",
        "--graceful-timeout",
        "20",
    ]
    command += ["--no-control-socket", "--access-logfile", "/dev/null"]
    if os.access(_SHARED_MEMORY, os.W_OK):
        command += ["--worker-tmp-dir", str(_SHARED_MEMORY)]
    return _python("web", command, folders, env, ready=lambda: answers(port, "/healthz"), ladder=[(signal.SIGTERM, 22)])


def worker(folders: Folders, env: Mapping[str, str]) -> Service:
    """Celery, all queues. SIGTERM finishes what runs, SIGQUIT 6 s later gives it 20 s more."""
    command = [sys.executable, "-m", "celery", "-A", "collections_crm.celery:app", "worker"]
    command += ["--concurrency", "2", "--queues", ",".join(Queue), "--loglevel", "INFO"]
    command += ["--without-gossip", "--without-mingle"]
    return _python("worker", command, folders, env, ladder=[(signal.SIGTERM, 6), (signal.SIGQUIT, 22)])


def beat(folders: Folders, env: Mapping[str, str]) -> Service:
    """The clock of the periodic jobs; its ticks are rows, so a second beat would do no harm."""
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "collections_crm.celery:app",
        "beat",
        "--loglevel",
        "INFO",
    ]
    command += ["--schedule", str(folders.data / "beat-schedule"), "--pidfile", ""]
    return _python("beat", command, folders, env, ladder=[(signal.SIGTERM, 5)])


def answers(port: int, path: str) -> bool:
    """Whether a page of ours answers 200 on the loopback address within two seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _python(
    name: str,
    command: list[str],
    folders: Folders,
    env: Mapping[str, str],
    *,
    ladder: list[tuple[int, float]],
    ready: Callable[[], bool] = lambda: True,
) -> Service:
    log = folders.logs / f"{name}.log"

    def start() -> subprocess.Popen[bytes]:
        return spawn(command, log=log, env=env, cwd=BASE_DIR)

    return Service(name=name, start=start, ready=ready, ladder=ladder, log=log)
