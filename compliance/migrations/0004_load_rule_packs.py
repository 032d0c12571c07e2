"""The packs that came as files become version 1 of each, in force since always."""

import hashlib
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import migrations

_FOLDER = Path(__file__).resolve().parent.parent / "packs"
_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)


def add(apps: Any, editor: Any) -> None:
    """Load each file whose pack is not there yet."""
    packs = apps.get_model("compliance", "RulePack").objects
    versions = apps.get_model("compliance", "RulePackVersion").objects
    for path in sorted(_FOLDER.glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        head = tomllib.loads(text)["pack"]
        if packs.filter(slug=head["id"]).exists():
            continue
        digest = hashlib.sha256(text.encode()).hexdigest()
        mark = hashlib.sha256(f"1 {digest} {_ALWAYS.isoformat()} ".encode()).hexdigest()[:32]
        pack = packs.create(slug=head["id"], mark=mark)
        versions.create(
            pack=pack, number=1, title=head.get("title", head["id"]), text=text, digest=digest, state="APPROVED",
            note="Came with the product.", effective_from=_ALWAYS, approved_at=_ALWAYS,
        )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("compliance", "0003_rule_packs")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
