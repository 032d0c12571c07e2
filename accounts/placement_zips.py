"""US states and the ZIP codes that belong to them, by the first three digits. Pure.

Made from the ranges the Postal Service publishes for its sectional centers. A prefix that serves two states
names both. It tells whether a state and a ZIP can belong together, not where a ZIP is.
"""

from __future__ import annotations

_RANGES = """
005:NY 006-007:PR 008:VI 009:PR 010-027:MA 028-029:RI 030-038:NH 039-049:ME 050-054:VT 055:MA 056-059:VT
060-062:CT 063:CT/NY 064-069:CT 070-089:NJ 090-098:AE 099:AE/NJ 100-149:NY 150-196:PA 197-199:DE 200:DC
201:VA 202-204:DC 205:DC/MD/VA 206-219:MD 220-246:VA 247-268:WV 270-289:NC 290-299:SC 300-319:GA 320-339:FL
340:AA 341-349:FL 350-369:AL 370-385:TN 386-397:MS 398-399:GA 400-427:KY 430-459:OH 460-479:IN 480-499:MI
500-528:IA 530-549:WI 550-567:MN 569:DC 570-577:SD 580-588:ND 590-599:MT 600-629:IL 630-658:MO 660-679:KS
680-693:NE 700-714:LA 716-725:AR 726:AR/MO 727-729:AR 730-731:OK 733:TX 734-738:OK 739:OK/TX 740-749:OK
750-799:TX 800-816:CO 820-831:WY 832-833:ID 834:ID/WY 835-838:ID 840-847:UT 850-865:AZ 870-884:NM 885:TX
888:DC 889-898:NV 900-961:CA 962-966:AP 967:HI/AS 968:HI 969:GU/FM/MH/MP/PW 970-979:OR 980-994:WA 995-999:AK
"""

_NAMES = """
Alabama AL,Alaska AK,Arizona AZ,Arkansas AR,California CA,Colorado CO,Connecticut CT,Delaware DE,
District of Columbia DC,Florida FL,Georgia GA,Hawaii HI,Idaho ID,Illinois IL,Indiana IN,Iowa IA,Kansas KS,
Kentucky KY,Louisiana LA,Maine ME,Maryland MD,Massachusetts MA,Michigan MI,Minnesota MN,Mississippi MS,
Missouri MO,Montana MT,Nebraska NE,Nevada NV,New Hampshire NH,New Jersey NJ,New Mexico NM,New York NY,
North Carolina NC,North Dakota ND,Ohio OH,Oklahoma OK,Oregon OR,Pennsylvania PA,Rhode Island RI,
South Carolina SC,South Dakota SD,Tennessee TN,Texas TX,Utah UT,Vermont VT,Virginia VA,Washington WA,
West Virginia WV,Wisconsin WI,Wyoming WY,Puerto Rico PR,Guam GU,Virgin Islands VI,American Samoa AS,
Northern Mariana Islands MP,Marshall Islands MH,Palau PW,Micronesia FM
"""


def _by_prefix() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for entry in _RANGES.split():
        span, states = entry.split(":")
        first, _, last = span.partition("-")
        for number in range(int(first), int(last or first) + 1):
            found[f"{number:03}"] = frozenset(states.split("/"))
    return found


def _by_name() -> dict[str, str]:
    entries = [entry.strip().rsplit(" ", 1) for entry in _NAMES.split(",")]
    return {name.casefold(): code for name, code in entries}


STATES_OF_PREFIX = _by_prefix()
STATE_OF_NAME = _by_name()
STATES = frozenset(STATE_OF_NAME.values()) | {"AA", "AE", "AP"}


def state_code(text: str) -> str | None:
    """The two-letter code for a code or a name in any case, or None."""
    code = text.strip().rstrip(".").upper()
    return code if code in STATES else STATE_OF_NAME.get(text.strip().casefold())


def zip_fits_state(zip_code: str, state: str) -> bool:
    """Whether a five-digit ZIP can lie in the state; an unknown prefix fits none."""
    return state in STATES_OF_PREFIX.get(zip_code[:3], frozenset())
