"""The secrets of one copy, made once and kept in `<data>/secrets.env` (0600)."""

import base64
import os
import secrets
from pathlib import Path

NAMES = ("SECRET_KEY", "CRM_FIELD_KEYS", "CRM_INDEX_KEY", "CRM_FIRST_RUN_TOKEN")


def fresh() -> dict[str, str]:
    """New ones: sign-in key, field encryption key, blind-index key, code for the first-run page."""

    def raw() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    values = (secrets.token_urlsafe(64), f"k1:{raw()}", raw(), secrets.token_urlsafe(9))
    return dict(zip(NAMES, values, strict=True))


def load(path: Path) -> dict[str, str]:
    """Those in the file; missing ones are added. Without this file, encrypted personal data is lost."""
    kept = _read(path)
    missing = {name: value for name, value in fresh().items() if name not in kept}
    if missing:
        kept |= missing
        new = path.with_name(f"{path.name}.{os.getpid()}")
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.writelines(f"{name}={value}\n" for name, value in kept.items())
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    return kept


def _read(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
