"""The environment that Django's processes get."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from . import keys
from .folders import Folders
from .roles import Urls
from .trouble import Trouble

BASE_DIR = Path(__file__).resolve().parent.parent.parent
SETTINGS = {"DJANGO_SETTINGS_MODULE": "collections_crm.settings"}


def folder(given: str) -> Path:
    """The state folder: --data, else CRM_DATA, else `.data` beside manage.py. Relative to where we stand."""
    chosen = given or os.environ.get("CRM_DATA", "")
    return Path(chosen).expanduser().absolute() if chosen else BASE_DIR / ".data"


def clock_offset(moment: str) -> float:
    """Seconds from now to an ISO 8601 moment; one without offset is UTC. Raises Trouble."""
    try:
        wanted = datetime.fromisoformat(moment)
    except ValueError as error:
        raise Trouble(f"--clock {moment!r} isn't an ISO moment such as 2026-03-08T09:30:00-05:00.") from error
    if wanted.tzinfo is None:
        wanted = wanted.replace(tzinfo=UTC)
    return (wanted - datetime.now(UTC)).total_seconds()


def for_django(*, folders: Folders, urls: Urls, broker: Mapping[str, str], clock: str = "") -> dict[str, str]:
    """Ours plus the made secrets; a secret that the caller's environment has wins."""
    env = dict(os.environ)
    env.pop("DEBUG", None)
    env |= SETTINGS | urls.env() | dict(broker)
    for name, value in keys.load(folders.data / "secrets.env").items():
        env.setdefault(name, value)
    env |= {"CRM_DATA": str(folders.data), "PYTHONUNBUFFERED": "1"}
    if clock:
        env |= {"CRM_CLOCK": clock, "CRM_CLOCK_OFFSET": f"{clock_offset(clock):.3f}"}
    return env


def as_owner(env: Mapping[str, str]) -> dict[str, str]:
    """The same for migrations and bulk loading: the default connection is the owner's."""
    return dict(env) | {"DATABASE_URL": env["DATABASE_OWNER_URL"]}
