"""Licences: no outbound work where the person may live without a valid licence there (house policy, DECISIONS 16)."""

from __future__ import annotations

from datetime import date

from compliance.rules.clock import DAY
from compliance.rules.context import Context
from compliance.rules.facts import CONTACT, License
from compliance.rules.registry import Hit, Rule, rule
from compliance.rules.words import say_day

_OUTBOUND = CONTACT | {"sue", "repossess", "debit_payment"}


@rule("POLICY-LICENSE", _OUTBOUND)
def license_needed(context: Context, r: Rule) -> Hit | None:
    """From the local midnight after the last valid day; a renewal that begins later opens it then."""
    collector = context.facts.collector
    if collector.licenses is None or collector.type in r.params["exempt_types"]:
        return None
    places = {a.state for a in context.place.addresses if a.current and a.kind != "work" and a.state}
    if not places:
        return Hit(None, {}, "text_unknown")
    worst: Hit | None = None
    for state in sorted(places - set(r.params["no_license_states"])):
        held = [item for item in collector.licenses if item.state == state]
        if any(_valid(item, context.today) for item in held):
            continue
        coming = min((i.valid_from for i in held if i.valid_from is not None and i.valid_from > context.today),
                     default=None)  # fmt: skip
        hit = _hit(context, state, held, coming)
        if hit.next is None:
            return hit
        if worst is None or worst.next is None or hit.next > worst.next:
            worst = hit
    return worst


def _valid(item: License, today: date) -> bool:
    return (item.valid_from is None or item.valid_from <= today) and (
        item.valid_until is None or today <= item.valid_until
    )


def _hit(context: Context, state: str, held: list[License], coming: date | None) -> Hit:
    ended = max((i.valid_until for i in held if i.valid_until is not None), default=None)
    words = {"state": state, "end": say_day(ended, context.today) if ended else ""}
    start = context.day_start(coming) if coming is not None else None
    return Hit(start, words, "text_ended" if ended is not None and ended + DAY <= context.today else "text")
