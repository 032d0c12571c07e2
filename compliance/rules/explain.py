"""What speaks for an act: the rules that were asked and passed, in words, beside those that did not (D1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from compliance.rules import helpers, packs
from compliance.rules.context import Context, as_utc
from compliance.rules.facts import CALLS, Action, Facts
from compliance.rules.frequency import conversations
from compliance.rules.packs import Rulebook
from compliance.rules.registry import Rule
from compliance.rules.verdict import Verdict
from compliance.rules.words import say_day, say_minute, say_place, say_time

Say = Callable[[Context, Rule], str]


@dataclass(frozen=True, slots=True)
class Passed:
    """One rule that has nothing against it, and the law it comes from."""

    rule_id: str
    words: str
    citation: str
    told: bool = False  # it has figures of this person in it, not only "nothing on file"


def _hours(context: Context, rule: Rule) -> str:
    inside = f"{say_minute(rule.params['open'])} to {say_minute(rule.params['close'])}"
    return f"It is {say_time(context.locals[0])} {say_place(context)} time: inside {inside} in every place on file."


def _week(context: Context, rule: Rule) -> str:
    used, limit = calls_used(context)
    return f"{used} of {limit} calls in the {rule.params['days']} days to {say_day(context.today, context.today)}."


def _talk(context: Context, rule: Rule) -> str:
    talks = [at for debt in context.debts for at in conversations(context, debt.group)]
    if not talks:
        return "No conversation about this debt on file."
    last = say_day(context.day_of(max(talks)), context.today)
    return f"The last conversation was on {last}, more than {rule.params['days']} days ago."


def _plain(words: str) -> Say:
    return lambda context, rule: words


TOLD = frozenset({
    "REGF-1006.14-FREQ-7IN7", "REGF-1006.14-FREQ-POSTCONV", "REGF-1006.6B1-TIME-DEFAULT", "REGF-1006.6D4-EMAIL",
    "REGF-1006.6D5-SMS",
})  # fmt: skip
_SAID: dict[str, Say] = {
    "BK-362-STAY": _plain("No open bankruptcy on file."),
    "REGF-1006.6A4-DECEASED": _plain("Nobody told us that this person has died."),
    "REGF-1006.6C-CEASE": _plain("No written request to stop."),
    "REGF-1006.6B2-ATTORNEY": _plain("No attorney on file for this debt."),
    "REGF-1006.38D-DISPUTE": _plain("No written dispute waits for an answer."),
    "REGF-1006.34A-OVERDUE": _plain("The validation notice is not overdue."),
    "REGF-1006.14H-MEDIA": _plain("No request not to use this way of contact."),
    "REGF-1006.6B3-WORK": _plain("No word that the employer forbids it."),
    "POLICY-HOLD": _plain("We have not paused this debt."),
    "REGF-1006.6D4-EMAIL": _plain("This e-mail address was used by the person or went through the procedure."),
    "REGF-1006.6D5-SMS": _plain("Consent or a text from the person within 60 days."),
    "REGF-1006.14-FREQ-POSTCONV": _talk,
    "REGF-1006.14-FREQ-7IN7": _week,
    "REGF-1006.6B1-TIME-CONSUMER": _plain("Not at a time the person asked us to leave free."),
    "REGF-1006.6B1-TIME-DEFAULT": _hours,
    "POLICY-LICENSE": _plain("We hold a license where the person lives."),
}


def passed(
    facts: Facts, action: Action, now: datetime, verdict: Verdict, *, book: Rulebook | None = None
) -> list[Passed]:
    """The rules of this question that were asked and stayed silent, those that people ask about, in order."""
    rules = book or packs.rulebook()
    context = Context(facts, action, as_utc(now))
    spoke = {f.rule_id for f in verdict.findings}
    asked = {rule.id: rule for _, rule, _ in reversed(rules.plan(context))}
    return [
        Passed(rule.id, _SAID[rule.id](context, rule), rule.citation, rule.id in TOLD)
        for rule in reversed(asked.values())
        if rule.id in _SAID and rule.id not in spoke
    ]


def calls_used(context: Context, book: Rulebook | None = None) -> tuple[int, int]:
    """Counted calls of seven days about the debt with most of them, and the limit."""
    if context.action.channel not in CALLS or not context.debts:
        return 0, 7
    counts = [
        helpers.calls_in_window(context.facts, debt.id, context.now, person_id=context.action.person_id, packs=book)
        for debt in context.debts
    ]
    return max(counts)
