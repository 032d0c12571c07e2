"""evaluate(): every rule is asked, all findings are returned, and the next allowed instant counts them together."""

from __future__ import annotations

from datetime import datetime, timedelta

from compliance.rules import deadlines, packs
from compliance.rules.clock import DAY, day_start, zone
from compliance.rules.context import Context, as_utc
from compliance.rules.facts import Action, Facts
from compliance.rules.packs import Rulebook, Step
from compliance.rules.registry import Hit, Rule
from compliance.rules.verdict import ALLOW, BLOCK, HOUSE_POLICY, PRESUMPTION, RANK, REQUIRE, WARN, Finding, Verdict
from compliance.rules.words import Words

HORIZON = timedelta(days=400)
ERROR_ID = "ENGINE-ERROR"
Found = tuple[Rule, Hit]


def evaluate(facts: Facts, action: Action, now: datetime, *, packs: Rulebook | None = None) -> Verdict:
    """May this be done at `now` (aware)? Pure and total: an error in a rule blocks with a finding that names it."""
    book = packs or default_book()
    try:
        now = as_utc(now)
        if action.channel == "compute":
            return deadlines.compute(action, book)
        context = Context(facts, action, now)
        plan = book.plan(context)
    except Exception as error:  # the contract: an exception is a no with its name, never a yes
        return _failed(error, book.name)
    found = _ask(plan, context)
    if not found:
        return Verdict(ALLOW, packs=book.name)
    blocking = [hit for _, hit in found if hit.decision == BLOCK]
    opens = _next_allowed(plan, context, blocking) if blocking else None
    return _verdict(found, context, opens, book.name)


def default_book() -> Rulebook:
    """The rulebook of every pack that ships with the product."""
    return packs.rulebook()


def _ask(plan: tuple[Step, ...], context: Context) -> list[Found]:
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
    """Jump from opening to opening until nothing blocks; None beyond the horizon or when only a new fact helps."""
    now = t = context.now
    changes = _changes(context)
    while True:
        target: datetime | None = now
        for hit in blocking:
            if hit.next is None:
                target = None
                break
            if target is None or hit.next > target:
                target = hit.next
        while changes and changes[0] <= t:
            changes.pop(0)
        if changes and (target is None or changes[0] < target):
            target = changes[0]
        if target is None or target <= t or target > now + HORIZON:
            break
        t = target
        context.move(t)
        blocking = [hit for _, hit in _ask(plan, context) if hit.decision == BLOCK]
        if not blocking:
            context.move(now)
            return t
    context.move(now)
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


def _verdict(found: list[Found], context: Context, opens: datetime | None, packs_name: str) -> Verdict:
    rank = max(RANK[hit.decision] for _, hit in found)
    findings = tuple(_finding(rule, hit, context, opens) for rule, hit in found)
    primary = next(f for f in findings if RANK[f.decision] == rank)
    content: tuple[str, ...] = ()
    if primary.decision == REQUIRE:
        content = tuple(sorted({token for f in findings for token in f.required_content}))
    return Verdict(primary.decision, primary.rule_id, opens, content, findings, packs=packs_name)


def _finding(rule: Rule, hit: Hit, context: Context, opens: datetime | None) -> Finding:
    sentence = rule.texts[hit.say].format_map(Words(context, hit, opens))
    return Finding(
        rule.id, hit.decision, rule.kind, rule.citation, sentence,
        hit.next if hit.decision == BLOCK else None, rule.order,
        tuple(sorted(hit.content)) if hit.decision == REQUIRE else (),
    )  # fmt: skip


def _error_hit(rule: Rule, error: Exception) -> Found:
    text = f"{rule.id} could not be judged ({type(error).__name__}); the answer is no until this is repaired."
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
