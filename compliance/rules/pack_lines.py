"""Where something stands in the text of a pack, so that a refusal can name the line."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEADER = re.compile(r"^\s*\[\[?\s*([A-Za-z0-9_.-]+)\s*\]\]?\s*(#.*)?$")


@dataclass(frozen=True, slots=True)
class Block:
    """A table of the text: `rule 3`, `pack`, `states`; lines count from 1, `end` is the last."""

    name: str
    start: int
    end: int


class Lines:
    """The text by lines and tables. Only for messages: TOML itself is read by the standard library."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.blocks = self._blocks()

    def _blocks(self) -> dict[str, Block]:
        marks: list[tuple[str, int]] = []
        rules = 0
        for number, line in enumerate(self.lines, start=1):
            header = _HEADER.match(line)
            if header is None or header[1].startswith("rule."):
                continue  # [rule.params] belongs to the rule above it
            name = header[1]
            if name == "rule":
                name, rules = f"rule {rules}", rules + 1
            marks.append((name, number))
        ends = [*(start - 1 for _, start in marks[1:]), len(self.lines)]
        return {name: Block(name, start, end) for (name, start), end in zip(marks, ends, strict=False)}

    def of(self, block: str, key: str = "") -> int | None:
        """The line of a key within a table, else the first line of the table, else None."""
        found = self.blocks.get(block)
        if found is None:
            return None
        inside = range(found.start, found.end + 1)
        own, nested = re.compile(rf"^\s*\"?{re.escape(key)}\"?\s*="), re.compile(rf"[{{,\s]\"?{re.escape(key)}\"?\s*=")
        if key:
            for pattern in (own, nested):
                for number in inside:
                    if pattern.search(self.lines[number - 1]):
                        return number
        return found.start
