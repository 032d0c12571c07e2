"""One row of a placement file: what it says, what is wrong with it, and what becomes of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from core.money import ZERO
from core.text import fold

Outcome = Literal["accepted", "held", "rejected", "duplicate"]
Value = str | int | bool | Decimal | date | None

_WORST: dict[str, int] = {"rejected": 0, "duplicate": 1, "held": 2, "accepted": 3}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a creditor's file leaves unsaid. companies: names of firms by customer number."""

    currency: str = "USD"
    country: str = "US"
    language: str = "en"
    product: str = ""
    original_creditor: str = ""
    companies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a row: what it does to the row, the field, a sentence."""

    outcome: Outcome
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Phone:
    """A number in E.164 form and its kind: cell, home, work or unknown."""

    number: str
    kind: str


@dataclass(frozen=True, slots=True)
class PlacementRow:
    """A row that can be loaded. A held one is not collectable until a person decides.

    `line` is the file's line number. values holds what could be read, by canonical field; the components of
    an accepted row sum to its balance. Flags: bad_phone, bad_email, bad_zip, bad_state, bad_ssn,
    state_zip_mismatch, no_address, formula_text, disputed, not_due, name_order_guessed, dpd_disagrees,
    principal_derived, name_missing, and bad_<field> for facts that could not be read and do not matter.
    """

    line: int
    reference: str
    outcome: Literal["accepted", "held"]
    field: str | None
    reason: str | None
    problems: tuple[Problem, ...]
    flags: tuple[str, ...]
    values: dict[str, Value]
    phones: tuple[Phone, ...]
    emails: tuple[str, ...]
    extra: dict[str, str]
    raw: dict[str, str]

    @property
    def balance(self) -> Decimal:
        """What is owed, in the row's currency; 0.00 when it could not be read."""
        balance = self.values.get("balance")
        return balance if isinstance(balance, Decimal) else ZERO

    def components(self) -> dict[str, Decimal]:
        """Principal, interest, fees and costs, those that are not zero."""
        found = {name: self.values.get(name) for name in ("principal", "interest", "fees", "costs")}
        return {name: part for name, part in found.items() if isinstance(part, Decimal) and part}

    def person_key(self) -> str:
        """The same for rows about the same person: by SSN, else by name with birth date or place."""
        values = self.values
        if values.get("ssn"):
            return f"ssn:{values['ssn']}"
        if values.get("company"):
            return f"firm:{fold(str(values['company']))}:{values.get('customer_ref') or values.get('zip') or ''}"
        name = fold(f"{values.get('first_name', '')} {values.get('last_name', '')}")
        more = values.get("birth_date") or fold(f"{values.get('address1', '')} {values.get('zip', '')}")
        return f"name:{name}:{more or values.get('customer_ref') or self.reference}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a JSON column; from_dict reads them again."""
        return {
            **_head(self),
            "problems": [[problem.outcome, problem.field, problem.reason] for problem in self.problems],
            "values": {name: _packed(value) for name, value in self.values.items()},
            "phones": [[phone.number, phone.kind] for phone in self.phones],
            "emails": list(self.emails),
            "extra": self.extra,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PlacementRow:
        """The row that to_dict wrote."""
        return cls(
            line=data["line"],
            reference=data["reference"],
            outcome=data["outcome"],
            field=data["field"],
            reason=data["reason"],
            problems=tuple(Problem(*problem) for problem in data["problems"]),
            flags=tuple(data["flags"]),
            values={name: _unpacked(value) for name, value in data["values"].items()},
            phones=tuple(Phone(*phone) for phone in data["phones"]),
            emails=tuple(data["emails"]),
            extra=dict(data["extra"]),
            raw=dict(data["raw"]),
        )


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that is not loaded: rejected, or an exact second copy. It stays on the report."""

    line: int
    reference: str
    outcome: Literal["rejected", "duplicate"]
    field: str | None
    reason: str
    problems: tuple[Problem, ...]
    flags: tuple[str, ...]
    raw: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a JSON column."""
        return _head(self) | {
            "problems": [[problem.outcome, problem.field, problem.reason] for problem in self.problems]
        }


Row = PlacementRow | RowError


@dataclass(slots=True)
class Tally:
    """Counts and sums over rows. Money is of rows accepted and rows held, apart."""

    rows: int = 0
    accepted: int = 0
    held: int = 0
    rejected: int = 0
    duplicates: int = 0
    balance: Decimal = ZERO
    principal: Decimal = ZERO
    held_balance: Decimal = ZERO

    def add(self, row: Row) -> None:
        """Count one row."""
        self.rows += 1
        if row.outcome == "rejected":
            self.rejected += 1
        elif row.outcome == "duplicate":
            self.duplicates += 1
        elif isinstance(row, PlacementRow) and row.outcome == "held":
            self.held += 1
            self.held_balance += row.balance
        elif isinstance(row, PlacementRow):
            self.accepted += 1
            self.balance += row.balance
            self.principal += row.components().get("principal", ZERO)


def worst(problems: list[Problem]) -> Problem | None:
    """The problem that decides about the row: the first of the gravest."""
    return min(problems, key=lambda problem: _WORST[problem.outcome], default=None)


def _head(row: Row) -> dict[str, Any]:
    return {
        "line": row.line,
        "reference": row.reference,
        "outcome": row.outcome,
        "field": row.field,
        "reason": row.reason,
        "flags": list(row.flags),
        "raw": row.raw,
    }


def _packed(value: Value) -> Any:
    if isinstance(value, Decimal):
        return {"amount": str(value)}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value


def _unpacked(value: Any) -> Value:
    if isinstance(value, dict):
        return Decimal(value["amount"]) if "amount" in value else date.fromisoformat(value["day"])
    return value  # type: ignore[no-any-return]
