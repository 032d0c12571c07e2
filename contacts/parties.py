"""Who is on the line, and what may be said to them: the stricter of the law, the client's rule and the firm's. Pure.

The law is 12 CFR 1006.6(a) (who counts as the consumer), 1006.6(d)(1) (third parties) and 1006.10 (location).
The house asks for papers on record before it believes a guardian, an executor or an attorney.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NOTHING, MESSAGE, ALL = "NOTHING", "MESSAGE", "ALL"
ORDER = (NOTHING, MESSAGE, ALL)
SAYS = {
    NOTHING: "Nothing about a debt",
    MESSAGE: "Take a message, nothing about a debt",
    ALL: "As to the person, once the identity is checked",
}
THIRD = "12 CFR 1006.6(d)(1)"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who may be on the line; `key` is pressed with Shift, `role` how a record of them is kept."""

    code: str
    label: str
    key: str
    role: str = ""


PARTIES = (
    Party("consumer", "The person", "C"),
    Party("spouse", "Spouse", "S", "SPOUSE"),
    Party("parent", "Parent of a minor", "P"),
    Party("executor", "Executor or administrator", "E", "EXECUTOR"),
    Party("guardian", "Guardian", "G", "POA"),
    Party("power_of_attorney", "Power of attorney", "W", "POA"),
    Party("attorney", "Attorney", "A", "ATTORNEY"),
    Party("settlement_firm", "Debt-settlement or credit-repair firm", "D", "ADVISER"),
    Party("interpreter", "Interpreter or relay operator", "I"),
    Party("stranger", "Somebody else", "X"),
)
BY_CODE = {party.code: party for party in PARTIES}
PERSON = frozenset({"consumer", "interpreter"})


@dataclass(frozen=True, slots=True)
class Known:
    """What we know about the person that decides who may hear. `on_record`: roles that may hear amounts today."""

    deceased: bool = False
    minor: bool = False
    on_record: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Said:
    """What may be said, in one sentence, with its source: law, client or house."""

    say: str
    words: str
    cite: str
    source: str


def _law(party: str, known: Known) -> Said:
    third = "is a third party: nobody may say that there is a debt."
    recorded = BY_CODE[party].role in known.on_record
    said = {
        "consumer": (ALL, "It is the person.", "12 CFR 1006.6(a)"),
        "interpreter": (ALL, "Speaks for the person and is no third party.", THIRD),
        "spouse": (ALL, "A spouse counts as the person.", "12 CFR 1006.6(a)(1)"),
        "guardian": (ALL, "A guardian counts as the person.", "12 CFR 1006.6(a)(3)"),
        "attorney": (ALL, "The person’s attorney may hear about the debt.", f"{THIRD}(ii)"),
    }
    if party == "parent" and known.minor:
        return Said(ALL, "A parent counts as the person, who is a minor.", "12 CFR 1006.6(a)(2)", "law")
    if party == "executor" and known.deceased:
        return Said(ALL, "Handles the estate of the person, who has died.", "12 CFR 1006.6(a)(4)", "law")
    if party in ("power_of_attorney", "settlement_firm") and recorded:
        return Said(ALL, "The person agreed to it; the papers are on record.", f"{THIRD}(i)", "law")
    if party in said:
        say, words, cite = said[party]
        return Said(say, words, cite, "law")
    reasons = {
        "parent": "A parent of an adult " + third,
        "executor": "The person is not known to have died: this " + third,
        "power_of_attorney": "Without papers on record this " + third,
        "settlement_firm": "Without the person’s consent on record this " + third,
        "stranger": "This " + third,
    }
    return Said(NOTHING, reasons[party], THIRD, "law")


def _house(party: str, known: Known) -> Said | None:
    if party in ("guardian", "executor", "attorney") and BY_CODE[party].role not in known.on_record:
        words = "Not on record yet: take the name, a number and the papers first."
        return Said(MESSAGE, words, "House policy", "house")
    return None


def judge(party: str, known: Known, client: Mapping[str, str] | None = None) -> Said:
    """What may be said to this party: the strictest of law, house and the client's rule (party → one of ORDER).

    Raises KeyError for a party there is not.
    """
    found = [_law(party, known)]
    house = _house(party, known)
    if house is not None:
        found.append(house)
    rule = (client or {}).get(party)
    if rule in ORDER:
        found.append(
            Said(rule, f"The client’s rule: {SAYS[rule][0].lower()}{SAYS[rule][1:]}.", "Client rule", "client")
        )
    return min(found, key=lambda said: ORDER.index(said.say))


def opening(say: str, officer: str, person: str) -> str:
    """The words that are permitted when nothing may be said of a debt (15 USC 1692b; 12 CFR 1006.10(b))."""
    if say == ALL:
        return ""
    ask = "May I have your name and a number?" if say == MESSAGE else "How can I reach them?"
    return f"My name is {officer}. I am confirming how to reach {person}. {ask}"
