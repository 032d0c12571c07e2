"""Every route of the project, with an example address, for the sweeps."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

MATRIX = Path(settings.BASE_DIR) / "collections_crm" / "permissions_matrix.toml"


@dataclass(frozen=True, slots=True)
class Route:
    """A named route: its view, its pattern, and the names of its converters."""

    name: str
    view: Any
    pattern: str
    converters: dict[str, Any]

    def example(self, **known: object) -> str:
        """An address of this route; ids that exist nowhere unless `known` gives them."""
        path = "/" + self.pattern
        for key, converter in self.converters.items():
            kind = type(converter).__name__
            filler: object = known.get(key) or {
                "IntConverter": 999_999_999,
                "UUIDConverter": "00000000-0000-7000-8000-000000000000",
            }.get(kind, "none")
            for spelled in (f"<{_short(kind)}:{key}>", f"<{key}>"):
                path = path.replace(spelled, str(filler))
        return path


def _short(kind: str) -> str:
    return {"IntConverter": "int", "UUIDConverter": "uuid", "SlugConverter": "slug", "PathConverter": "path"}.get(
        kind, "str"
    )


def _walk(patterns: list[Any], prefix: str, names: tuple[str, ...]) -> Iterator[Route]:
    for entry in patterns:
        if isinstance(entry, URLResolver):
            inner = (*names, entry.namespace) if entry.namespace else names
            yield from _walk(entry.url_patterns, prefix + str(entry.pattern), inner)
        elif isinstance(entry, URLPattern):
            yield Route(
                ":".join((*names, entry.name or "")),
                entry.callback,
                prefix + str(entry.pattern),
                dict(entry.pattern.converters),
            )


def routes() -> list[Route]:
    """All routes, in the order of the resolver."""
    return list(_walk(get_resolver().url_patterns, "", ()))


def matrix() -> dict[str, dict[str, list[str]]]:
    """The table role × route × method as it stands in permissions_matrix.toml."""
    return tomllib.loads(MATRIX.read_text())
