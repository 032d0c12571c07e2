"""Which of the ways `manage.py` goes: up, test, or one of Django's commands on this folder's cluster."""

import contextlib
import os
import sys
from collections.abc import Iterator

from . import keys
from .cluster import borrowed
from .environment import SETTINGS, as_owner, folder, for_django
from .folders import Folders
from .trouble import Trouble
from .valkey import Valkey

_WITHOUT_DATABASE = {"", "help", "version", "check", "collectstatic", "diffsettings", "makemessages"}
_AS_OWNER = {"migrate", "grant_roles", "load_demo", "pgtrigger", "optimizemigration", "squashmigrations"}


def main(arguments: list[str]) -> int:
    """The exit code of the chosen command."""
    name = arguments[0] if arguments else ""
    if name == "up":
        from . import up

        return up.main(arguments[1:])
    if name == "test":
        from . import testing

        return testing.main(arguments[1:])
    try:
        return _django(arguments)
    except Trouble as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1


def _django(arguments: list[str]) -> int:
    from django.core.management import execute_from_command_line

    data, arguments = take_data(arguments)
    name = arguments[0] if arguments else ""
    with _environment(Folders(folder(data)), name if not name.startswith("-") else "") as env:
        os.environ.update(env)
        execute_from_command_line(["manage.py", *arguments])
    return 0


def take_data(arguments: list[str]) -> tuple[str, list[str]]:
    """`--data DIR` or `--data=DIR` taken out: no Django command knows it. Raises Trouble without DIR."""
    rest: list[str] = []
    data = ""
    words = iter(arguments)
    for word in words:
        if word == "--data":
            data = next(words, "")
            if not data:
                raise Trouble("--data needs a folder.")
        elif word.startswith("--data="):
            data = word.removeprefix("--data=")
        else:
            rest.append(word)
    return data, rest


@contextlib.contextmanager
def _environment(folders: Folders, command: str) -> Iterator[dict[str, str]]:
    """For a server that is given: what is missing. Else the folder's cluster, started if need be."""
    given = os.environ.get("DATABASE_URL", "")
    if given:
        owner = os.environ.get("DATABASE_OWNER_URL") or given
        secrets = keys.load(folders.data / "secrets.env") if folders.data.exists() else keys.fresh()
        env = SETTINGS | {name: value for name, value in secrets.items() if name not in os.environ}
        yield env | ({"DATABASE_URL": owner} if command in _AS_OWNER else {})
    elif command in _WITHOUT_DATABASE or not folders.has_cluster:
        yield SETTINGS | {name: value for name, value in keys.fresh().items() if name not in os.environ}
    else:
        with borrowed(folders) as urls:
            env = for_django(folders=folders, urls=urls, broker=_broker(folders))
            yield as_owner(env) if command in _AS_OWNER else env


def _broker(folders: Folders) -> dict[str, str]:
    """Of the running `up`, if there is one; without it the rows wait for the next worker."""
    if os.environ.get("CELERY_BROKER_URL"):
        return {}
    server = Valkey(data=folders.data / "valkey", socket=folders.broker_socket)
    return {"CELERY_BROKER_URL": server.broker_url, "CACHE_URL": server.cache_url} if server.answers() else {}
