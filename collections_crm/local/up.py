"""`manage.py up`: the whole system on one machine, until Ctrl-C or SIGTERM."""

import argparse
import contextlib
import os
import socket
import sys
import time

from . import services
from .cluster import embedded, owned, urls
from .environment import BASE_DIR, as_owner, clock_offset, folder, for_django
from .folders import Folders
from .roles import on_server
from .supervisor import Stopped, Supervisor
from .trouble import Trouble


def parser() -> argparse.ArgumentParser:
    """Its options, for --help and for use."""
    options = argparse.ArgumentParser(prog="manage.py up", description=__doc__)
    options.add_argument("--port", type=int, default=8000, help="where the pages are served (default 8000)")
    options.add_argument("--data", default="", help="the folder that keeps everything (default .data)")
    options.add_argument("--no-demo", action="store_true", help="start empty, with the first-run page")
    options.add_argument("--accounts", type=int, default=20_000, help="size of the demo (default 20000)")
    options.add_argument("--clock", default="", help="let the system believe it is this ISO moment")
    return options


def main(arguments: list[str]) -> int:
    """0 after an orderly stop, 1 with a sentence when it can't run."""
    options = parser().parse_args(arguments)
    supervisor = Supervisor(say=say)
    supervisor.listen()
    try:
        if options.clock:
            clock_offset(options.clock)
        folders = Folders(folder(options.data))
        folders.make()
        with owned(folders, port=options.port):
            _check_port(options.port)
            try:
                _run(supervisor, folders, options)
            finally:
                say("Stopping.")
                supervisor.stop_all()
    except Trouble as trouble:
        say(str(trouble))
        return 1
    except Stopped:
        pass
    say("Stopped.")
    return 0


def say(text: str) -> None:
    """A line on the terminal, if there still is one."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def _run(supervisor: Supervisor, folders: Folders, options: argparse.Namespace) -> None:
    began = time.monotonic()
    env = _servers(supervisor, folders, clock=options.clock)
    _prepare(supervisor, folders, env)
    if not options.no_demo:
        _demo(supervisor, folders, env, accounts=options.accounts)
    supervisor.start(services.web(folders, env, port=options.port))
    supervisor.start(services.worker(folders, env))
    supervisor.start(services.beat(folders, env))
    _welcome(folders, env, port=options.port, demo=not options.no_demo, seconds=time.monotonic() - began)
    supervisor.watch()


def _servers(supervisor: Supervisor, folders: Folders, *, clock: str) -> dict[str, str]:
    """Start the embedded ones that the environment doesn't replace; the environment for Django."""
    given = os.environ.get("DATABASE_URL", "")
    if given:
        owner, read = (os.environ.get(f"DATABASE_{name}_URL", "") for name in ("OWNER", "READ"))
        database, notes = on_server(url=given, owner_url=owner, read_url=read)
        for note in notes:
            say(note)
    else:
        say("Starting PostgreSQL …")
        supervisor.start(services.postgres(folders))
        database = urls(embedded(folders))
    broker: dict[str, str] = {}
    if not os.environ.get("CELERY_BROKER_URL"):
        service, broker = services.valkey(folders)
        supervisor.start(service)
    return for_django(folders=folders, urls=database, broker=broker, clock=clock)


def _prepare(supervisor: Supervisor, folders: Folders, env: dict[str, str]) -> None:
    say("Bringing the database up to date …")
    log = folders.logs / "prepare.log"
    command = [sys.executable, "-m", "collections_crm.local.prepare"]
    if supervisor.step("prepare", command, env=as_owner(env), log=log) != 0:
        raise Trouble(f"The database could not be brought up to date. {_tail(log)}\nAll of it: {log}")


def _demo(supervisor: Supervisor, folders: Folders, env: dict[str, str], *, accounts: int) -> None:
    """The first time only. A demo that fails is said and left out; the next start tries again."""
    done = folders.data / "demo.done"
    if done.exists():
        return
    say(f"Loading the demo, {accounts:,} accounts; this is done once …")
    command = [sys.executable, str(BASE_DIR / "manage.py"), "load_demo", "--accounts", str(accounts)]
    log = folders.logs / "load_demo.log"
    if supervisor.step("load_demo", command, env=as_owner(env) | {"CRM_NO_VENV": "1"}, log=log) == 0:
        done.write_text(f"{accounts} accounts\n")
    else:
        say(f"The demo could not be loaded; going on without it. {_tail(log)}\nAll of it: {log}")


def _tail(log: os.PathLike[str]) -> str:
    with open(log, encoding="utf-8", errors="replace") as file:
        lines = [line.strip() for line in file if line.strip()]
    return lines[-1] if lines else ""


def _welcome(folders: Folders, env: dict[str, str], *, port: int, demo: bool, seconds: float) -> None:
    say(f"\nReady after {seconds:.0f} s:  http://127.0.0.1:{port}/")
    logins = folders.data / "demo_logins.txt"
    if demo and logins.exists():
        say(logins.read_text(encoding="utf-8").rstrip())
    elif not demo:
        say(f"Code for the first-run page: {env['CRM_FIRST_RUN_TOKEN']}")
    say(f"Logs are in {folders.logs}. Ctrl-C stops everything.")


def _check_port(port: int) -> None:
    """Raises Trouble when the port can't be had; a stopping predecessor gets three seconds."""
    for attempt in range(10):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return
            except (OSError, OverflowError) as error:
                if attempt == 9 or not isinstance(error, OSError):
                    raise Trouble(f"Port {port} is taken or not allowed. Choose another with --port.") from error
        time.sleep(0.3)
