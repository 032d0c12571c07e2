"""The file of checked numbers: number, asked_on, result and (if given) source. Pure: text in, rows or errors out."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

MOST = 50_000
NEEDED = ("number", "asked_on", "result")
# What the database of reassigned numbers answers to "was it disconnected for good since that day?"
RESULTS = {"yes": "reassigned", "no": "not_reassigned", "no data": "no_data"}
SOURCE = "FCC Reassigned Numbers Database"


@dataclass(frozen=True, slots=True)
class Check:
    """One answer about one number (E.164). `result`: reassigned, not_reassigned or no_data."""

    number: str
    asked_on: date
    result: str
    source: str = SOURCE


class FileRefused(Exception):
    """A file that is not taken; its sentences, each with its line."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__(" ".join(errors))
        self.errors = errors


def parse(content: bytes, normalise: Callable[[str], str | None], today: date) -> list[Check]:
    """The checks of a file, all of them or none. Raises FileRefused with at most ten sentences."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise FileRefused(["The file is not text in UTF-8."]) from wrong
    if "\0" in text:
        raise FileRefused(["The file is not text in UTF-8."])
    rows = csv.reader(io.StringIO(text))
    try:
        head = [name.strip().lower() for name in next(rows, [])]
        missing = [name for name in NEEDED if name not in head]
        if missing:
            raise FileRefused([f"The first line has to name the columns; missing: {', '.join(missing)}."])
        return _checks(rows, head, normalise, today)
    except csv.Error as wrong:
        raise FileRefused([f"Line {rows.line_num} is not CSV."]) from wrong


def _checks(rows: Any, head: list[str], normalise: Callable[[str], str | None], today: date) -> list[Check]:
    found: list[Check] = []
    errors: list[str] = []
    for cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        said = dict(zip(head, (cell.strip() for cell in cells), strict=False))
        check = _check(said, normalise, today)
        if isinstance(check, str):
            errors.append(f"Line {rows.line_num}: {check}")
        else:
            found.append(check)
        if len(errors) == 10 or len(found) > MOST:
            break
    if len(found) > MOST:
        errors.append(f"A file holds at most {MOST:,} numbers.")
    if not found and not errors:
        errors.append("The file holds no number.")
    if errors:
        raise FileRefused(errors)
    return found


def _check(said: dict[str, str], normalise: Callable[[str], str | None], today: date) -> Check | str:
    """The check of one line, or what is wrong with it."""
    number = normalise(said.get("number", ""))
    if number is None:
        return "this is not a telephone number."
    text = said.get("asked_on", "")
    try:
        asked_on = date.fromisoformat(text) if len(text) == 10 and text.isascii() else None
    except ValueError:
        asked_on = None
    if asked_on is None:
        return "asked_on has to be a day such as 2026-11-27."
    if asked_on > today:
        return "asked_on has not come yet."
    result = RESULTS.get(said.get("result", "").lower().replace("_", " "))
    if result is None:
        return "result has to be yes, no or no data."
    return Check(number, asked_on, result, said.get("source", "")[:100] or SOURCE)
