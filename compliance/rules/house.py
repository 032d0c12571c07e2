"""What we paused ourselves, whatever the law says: complaint, hardship, no address … (house policy, F29)."""

from __future__ import annotations

from datetime import datetime

from compliance.rules.context import Context
from compliance.rules.facts import CONTACT, HouseHold
from compliance.rules.registry import Hit, Rule, rule
from compliance.rules.words import say_day, say_instant


@rule("POLICY-HOLD", CONTACT)
def on_hold(context: Context, r: Rule) -> Hit | None:
    """The hold of the person or of one of these debts that lasts longest; answers that the law asks for pass."""
    if context.action.purpose in r.params["passes"]:
        return None
    found = [h for h in context.flags.house_holds if _covers(context, h)]
    if not found:
        return None
    worst = max(found, key=_end)
    words = {"what": worst.label, "since": say_day(context.day_of(worst.since), context.today)}
    if worst.until is None:
        return Hit(None, words)
    return Hit(worst.until, {**words, "end": say_instant(context, worst.until)}, "text_until")


def _covers(context: Context, hold: HouseHold) -> bool:
    if hold.since > context.now or (hold.until is not None and hold.until <= context.now):
        return False
    return not hold.debt_ids or any(name in hold.debt_ids for name in context.debt_ids)


def _end(hold: HouseHold) -> tuple[bool, datetime]:
    return hold.until is None, hold.until or hold.since
