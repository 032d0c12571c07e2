"""What a preview shows to somebody who may run imports but see no persons (DECISIONS 3)."""

from collections.abc import Sequence

from accounts.models import ImportRow
from accounts.placement_file import ColumnMap

PLAIN_FIELDS = frozenset(
    "product currency state country delinquency_date dpd as_of charge_off_date open_date placed_on rate language "  # noqa: SIM905
    "itemization_date itemization_kind principal interest fees costs balance".split()
)
DOTS = "\u2022\u2022\u2022"


def hidden(text: str) -> str:
    """The first character and three dots; nothing of an empty one."""
    bare = text.strip()
    return f"{bare[0]}{DOTS}" if bare else ""


def sample_cells(headers: Sequence[str], layout: ColumnMap, cells: Sequence[str], *, plain: bool) -> list[str]:
    """A row of a file beside its headers; a Social Security number is never shown."""
    shown = []
    for at, header in enumerate(headers):
        text = cells[at] if at < len(cells) else ""
        name = layout.columns.get(header)
        if name == "ssn" or (not plain and name not in PLAIN_FIELDS):
            text = hidden(text)
        shown.append(text[:60])
    return shown


def row_cells(row: ImportRow, *, plain: bool) -> dict[str, str]:
    """Account number and name of a row, hidden from those who see no persons."""
    values = row.values.get("values", {})
    name = values.get("company") or f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()
    if plain:
        return {"reference": row.reference, "name": name}
    return {"reference": hidden(row.reference), "name": hidden(name)}
