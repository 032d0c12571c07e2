"""evaluate(): every rule is asked, all findings are returned, and the next allowed instant counts them together."""

from __future__ import annotations

from datetime import datetime, timedelta

from compliance.rules import deadlines, packs
from compliance.rules.clock import DAY, day_start, zone
from compliance.rules.context import FALLBACK_ZONE, Context, as_utc
from compliance.rules.facts import CONTACT, NON_CONTACT, Action, Facts
from compliance.rules.packs import Rulebook, Step
from compliance.rules.registry import Hit, Rule
from compliance.rules.verdict import ALLOW, BLOCK, HOUSE_POLICY, PRESUMPTION, RANK, REQUIRE, WARN, Finding, Verdict
from compliance.rules.words import Words

HORIZON = timedelta(days=400)
ERROR_ID = "ENGINE-ERROR"
_CLOCKS = range(84, 94)  # order numbers of hours, holidays and places
Found = tuple[Rule, Hit]


def evaluate(facts: Facts, action: Action, now: datetime, *, packs: Rulebook | None = None) -> Verdict:
    """May this be done at `now` (aware)? Pure and total: an error in a rule blocks with a finding that names it."""
    book = packs or default_book()
    try:
        moment = as_utc(now)
        if action.channel == "compute":
            return deadlines.compute(action, book)
        _check(facts, action)
        return _judge(Context(facts, action, moment), book)
    except Exception as error:  # the contract: an exception is a no with its name, never a yes
        return _failed(error, book.name)


def _check(facts: Facts, action: Action) -> None:
    """What no rule knows must not pass for want of a rule."""
    if action.channel not in CONTACT and action.channel not in NON_CONTACT:
        raise ValueError(f"unknown channel {action.channel!r}")
    if facts.jurisdiction not in FALLBACK_ZONE:
        raise ValueError(f"unknown jurisdiction {facts.jurisdiction!r}")


def _judge(context: Context, book: Rulebook) -> Verdict:
    plan = book.plan(context)
    notes = context.history.notes(context.now)
    found = ask(plan, context)
    if not found:
        return Verdict(ALLOW, packs=book.name_for(context), notes=notes)
    blocking = [hit for _, hit in found if hit.decision == BLOCK]
    opens = _next_allowed(plan, context, blocking) if blocking else None
    return _verdict(found, context, opens, book.name_for(context), notes)


def default_book() -> Rulebook:
    """The rulebook of every pack that ships with the product."""
    return packs.rulebook()


def ask(plan: tuple[Step, ...], context: Context) -> list[Found]:
    """What these rules find at the context's moment, in their order. A rule that fails is a finding that blocks."""
    found: list[Found] = []
    advise = context.facts.policy.presumptions == "advise"
    for function, rule, dated in plan:
        try:
            if dated and not _in_force(rule, context):
                continue
            hit = function(context, rule)
        except Exception as error:
            found.append(_error_hit(rule, error))
            continue
        if hit is not None:
            if advise and rule.kind == PRESUMPTION and hit.decision == BLOCK:
                hit.decision = WARN
            found.append((rule, hit))
    return found


def _in_force(rule: Rule, context: Context) -> bool:
    day = context.today
    if rule.effective_from is not None and day < rule.effective_from:
        return False
    return rule.effective_until is None or day <= rule.effective_until


def _next_allowed(plan: tuple[Step, ...], context: Context, blocking: list[Hit]) -> datetime | None:
    """Jump from opening to opening until nothing blocks; None beyond the horizon or when only a new fact helps.

    Each rule's `next` is a bound it does not open before, so every jump is safe; clocks are asked first, being cheap.
    """
    now = t = context.now
    changes = _changes(context)
    search = tuple(sorted(plan, key=lambda step: step[1].order not in _CLOCKS))
    opens: datetime | None = None
    target = None if any(hit.next is None for hit in blocking) else max(hit.next or now for hit in blocking)
    while True:
        while changes and changes[0] <= t:
            changes.pop(0)
        if changes and (target is None or changes[0] < target):
            target = changes[0]
        if target is None or target <= t or target > now + HORIZON:
            break
        t = target
        context.move(t)
        hit = _first_block(search, context)
        if hit is None:
            opens = t
            break
        target = hit.next
    context.move(now)
    return opens


def _first_block(steps: tuple[Step, ...], context: Context) -> Hit | None:
    advise = context.facts.policy.presumptions == "advise"
    for function, rule, dated in steps:
        if (advise and rule.kind == PRESUMPTION) or (dated and not _in_force(rule, context)):
            continue
        try:
            hit = function(context, rule)
        except Exception:  # as in ask: a rule that fails blocks
            return Hit()
        if hit is not None and hit.decision == BLOCK:
            return hit
    return None


def _changes(context: Context) -> list[datetime]:
    """Instants at which facts already known begin or end to count: future-dated events, a stay that ends."""
    changes = context.history.changes_after(context.now)
    known = context.place.known_location
    if known is not None and known.until is not None and known.tz:
        ends = day_start([zone(name) for name in known.tz], known.until + DAY)
        if ends > context.now:
            changes = sorted([*changes, ends])
    return changes


def _verdict(
    found: list[Found], context: Context, opens: datetime | None, packs_name: str, notes: tuple[str, ...]
) -> Verdict:
    rank = max(RANK[hit.decision] for _, hit in found)
    findings = tuple(_finding(rule, hit, context, opens) for rule, hit in found)
    primary = next(f for f in findings if RANK[f.decision] == rank)
    content: tuple[str, ...] = ()
    if primary.decision == REQUIRE:
        content = tuple(sorted({token for f in findings for token in f.required_content}))
    return Verdict(primary.decision, primary.rule_id, opens, content, findings, packs=packs_name, notes=notes)


def _finding(rule: Rule, hit: Hit, context: Context, opens: datetime | None) -> Finding:
    sentence = rule.texts[hit.say].format_map(Words(context, hit, opens))
    return Finding(
        rule.id, hit.decision, rule.kind, rule.citation, sentence,
        hit.next if hit.decision == BLOCK else None, rule.order,
        tuple(sorted(hit.content)) if hit.decision == REQUIRE else (),
    )  # fmt: skip


def _error_hit(rule: Rule, error: Exception) -> Found:
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    text = f"{rule.id} could not be judged ({what}); the answer is no until this is repaired."
    broken = Rule(ERROR_ID, 1, HOUSE_POLICY, "engine", "", "high", {"text": _plain(text)}, {}, None, None, rule.pack)
    return broken, Hit()


def _failed(error: Exception, packs_name: str) -> Verdict:
    sentence = f"The question could not be judged ({type(error).__name__}: {error}); the answer is no."
    return Verdict(
        BLOCK, ERROR_ID, findings=(Finding(ERROR_ID, BLOCK, HOUSE_POLICY, "engine", sentence, None, 1),),
        packs=packs_name,
    )  # fmt: skip


def _plain(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
