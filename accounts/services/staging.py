"""From a parsed row to the row we keep while a file waits: class-S values sealed, everything else plain.

Nothing in here is live; `unpack` gives back what was parsed, with the number in clear only in memory.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from accounts.placement_file import PlacementRow, Row
from accounts.placement_rows import Problem
from core import crypto

COLUMNS = (
    "import_file_id",
    "line",
    "reference",
    "outcome",
    "field",
    "reason",
    "flags",
    "values",
    "raw",
    "amount",
    "person_match",
)
_SSN = re.compile(r"(?<!\d)\d{3}[- ]\d{2}[- ](\d{4})(?!\d)")
_CARD = re.compile(r"(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)")
_NO_DIGIT = re.compile(r"\D+")
_SECRET_HEADER = re.compile(
    r"ssn|social|tax.?id|\btin\b|itin|passport|licen[cs]e|bank|routing|iban|card|cvv|pin\b", re.I
)


@dataclass(slots=True)
class Staged:
    """A row on its way into ImportRow; matching may still change its outcome and person."""

    row: Row
    outcome: str
    field: str
    reason: str
    person: str = ""
    ssn_index: str = ""
    person_match: int | None = None

    @property
    def live(self) -> bool:
        """Would it become an account?"""
        return self.outcome in ("ACCEPTED", "HELD")

    def duplicate(self, reason: str) -> None:
        """Another account has this number already."""
        self.outcome, self.field, self.reason = "DUPLICATE", "reference", reason


def stage(row: Row) -> Staged:
    """The row with its verdict, before it is compared with what is on file."""
    staged = Staged(row, row.outcome.upper(), row.field or "", (row.reason or "")[:300])
    if isinstance(row, PlacementRow):
        staged.person = crypto.blind_index(row.person_key())[:32]
        ssn = row.values.get("ssn")
        staged.ssn_index = crypto.blind_index(str(ssn)) if ssn else ""
    return staged


def pack(staged: Staged, import_id: int) -> list[Any]:
    """The cells of an ImportRow, in the order of COLUMNS."""
    row = staged.row
    kept: dict[str, Any] = {"problems": [[p.outcome, p.field, p.reason] for p in row.problems]}
    amount = None
    if isinstance(row, PlacementRow):
        plain = row.to_dict()
        values = plain["values"]
        if "ssn" in values:
            ssn = str(values.pop("ssn"))
            kept["ssn"] = crypto.encrypt(ssn, row=_place(import_id, row.line))
            kept["ssn_index"], kept["ssn_last4"] = staged.ssn_index, ssn[-4:]
        extra = {header: _masked(header, text) for header, text in row.extra.items()}
        kept |= {
            "values": values,
            "phones": plain["phones"],
            "emails": plain["emails"],
            "extra": extra,
            "person": staged.person,
        }
        amount = row.balance if can_load(row.problems) else None
    reference = row.reference[:60]
    raw = {header: text if text.strip() == row.reference else _masked(header, text) for header, text in row.raw.items()}
    return [
        import_id,
        row.line,
        reference,
        staged.outcome,
        staged.field[:60],
        staged.reason[:300],
        list(row.flags),
        kept,
        raw,
        amount,
        staged.person_match,
    ]


def unpack(row: Any) -> PlacementRow:
    """The parsed row of an ImportRow that was accepted or held."""
    kept = row.values
    data = {
        "line": row.line,
        "reference": row.reference,
        "outcome": "held" if row.outcome == "HELD" else "accepted",
        "field": row.field,
        "reason": row.reason,
        "flags": row.flags,
        "raw": {},
        "problems": kept["problems"],
        "values": dict(kept["values"]),
        "phones": kept["phones"],
        "emails": kept["emails"],
        "extra": kept["extra"],
    }
    if "ssn" in kept:
        data["values"]["ssn"] = crypto.decrypt(kept["ssn"], row=_place(row.import_file_id, row.line))
    return PlacementRow.from_dict(data)


def can_load(problems: tuple[Problem, ...]) -> bool:
    """Not so for the second row with an account number and for another currency: those can only be rejected."""
    return not any(problem.outcome == "held" and problem.field in ("reference", "currency") for problem in problems)


def _place(import_id: int, line: int) -> str:
    return f"accounts_importrow:ssn:{import_id}:{line}"


def _masked(header: str, text: str) -> str:
    """Text without the number of a person, a card or a bank account but for its last four digits."""
    digits = len(_NO_DIGIT.sub("", text))
    if not digits:
        return text
    if _secret(header):
        shown = [character for character in text if character.isalnum()]
        return text if len(shown) <= 4 else f"***{''.join(shown[-4:])}"
    if digits < 9:  # too few for either
        return text
    text = _SSN.sub(r"***-**-\1", text)
    return _CARD.sub(_card, text)


@lru_cache(maxsize=2000)
def _secret(header: str) -> bool:
    return _SECRET_HEADER.search(header) is not None


def _card(found: re.Match[str]) -> str:
    digits = [int(character) for character in found[0] if character.isdigit()]
    total = sum(d if at % 2 == 0 else d * 2 - 9 * (d > 4) for at, d in enumerate(reversed(digits)))
    return found[0] if total % 10 else "***" + "".join(map(str, digits[-4:]))
