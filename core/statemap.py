"""The states as a map of equal tiles: every state the same size, each a link, told by words and pattern, not by color.

A map is a frozen value, drawn by `{% chart map %}` (core/templatetags/viz.py). The numbers behind it belong in a table
beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

ROWS = (
    "AK . . . . . . . . . ME",
    ". . . . . . . . . VT NH",
    ". WA ID MT ND MN IL WI MI NY MA",
    ". OR NV WY SD IA IN OH PA NJ CT",
    ". CA UT CO NE MO KY WV VA MD RI",
    ". . AZ NM KS AR TN NC SC DE DC",
    ". . . . OK LA MS AL GA . .",
    "HI . . . TX . . . . FL PR",
)
PLACES = {
    code: (column, row) for row, line in enumerate(ROWS) for column, code in enumerate(line.split()) if code != "."
}
NAMES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DC": "District of Columbia", "DE": "Delaware", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "IA": "Iowa", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "MA": "Massachusetts", "MD": "Maryland", "ME": "Maine", "MI": "Michigan", "MN": "Minnesota",
    "MO": "Missouri", "MS": "Mississippi", "MT": "Montana", "NC": "North Carolina", "ND": "North Dakota",
    "NE": "Nebraska", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NV": "Nevada", "NY": "New York",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "PR": "Puerto Rico", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VA": "Virginia",
    "VT": "Vermont", "WA": "Washington", "WI": "Wisconsin", "WV": "West Virginia", "WY": "Wyoming",
}  # fmt: skip
WIDTH, HEIGHT, GAP = 62, 48, 4
_PATTERNS = (
    '<defs><pattern id="map-stop" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="hatch" width="2" height="7"/></pattern>'
    '<pattern id="map-hold" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<circle class="dot" cx="2" cy="2" r="1.3"/></pattern></defs>'
)


@dataclass(frozen=True, slots=True)
class Tile:
    """What one state shows: `kind` ok, hold, stop; a short second line; a sentence for readers; where it leads."""

    kind: str
    short: str
    words: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class StateMap:
    """Tiles by state code; a code without a place on the map is left out here and stands in the table."""

    tiles: Mapping[str, Tile]
    label: str

    def svg(self) -> SafeString:
        body = "".join(self._tile(code, tile) for code, tile in self.tiles.items() if code in PLACES)
        columns, rows = max(c for c, _ in PLACES.values()) + 1, len(ROWS)
        box = f"0 0 {columns * (WIDTH + GAP) - GAP} {rows * (HEIGHT + GAP) - GAP}"
        return mark_safe(  # words are escaped in _tile
            f'<svg class="viz statemap" viewBox="{box}" role="group" aria-label="{escape(self.label)}">'
            f"{_PATTERNS}{body}</svg>"
        )

    def _tile(self, code: str, tile: Tile) -> str:
        column, row = PLACES[code]
        x, y = column * (WIDTH + GAP), row * (HEIGHT + GAP)
        size = f'x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="2"'
        pattern = f'<rect {size} fill="url(#map-{tile.kind})"/>' if tile.kind in ("stop", "hold") else ""
        middle = x + WIDTH / 2
        here = ' aria-current="true"' if tile.current else ""
        return (
            f'<a class="{tile.kind}" href="{escape(tile.url)}" aria-label="{escape(f"{NAMES[code]}: {tile.words}")}"'
            f'{here}><title>{escape(f"{NAMES[code]}: {tile.words}")}</title><rect class="tile" {size}/>{pattern}'
            f'<rect class="plate" x="{x + 7}" y="{y + 5}" width="{WIDTH - 14}" height="{HEIGHT - 10}" rx="2"/>'
            f'<text class="em" x="{middle:g}" y="{y + 22}" text-anchor="middle">{code}</text>'
            f'<text class="sm" x="{middle:g}" y="{y + 37}" text-anchor="middle">{escape(tile.short)}</text></a>'
        )
