"""The script panel: what to say now, and where each answer leads (F33)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from accounts.models import Account, Debtor
from contacts import script_steps
from contacts import services as contacts
from contacts.models import Interaction, ScriptVersion
from contacts.script_steps import Branch, Step
from core import formats
from letters import merge_fields, render
from letters.render import Spoken
from letters.render.result import RenderError

from .details import Details

TAKEN = frozenset("BCEGHJKLNOPQTUVWX")  # letters that mean something else on this screen (DESIGN section 6)
SPARE = "ASDFRYZ"


@dataclass(frozen=True, slots=True)
class Mark:
    """One step on the path: done (with its time), current, or to come."""

    title: str
    state: str
    number: int


@dataclass(frozen=True, slots=True)
class Panel:
    """The script as it stands in this call. `locked`: the words of this step come after the disclosure."""

    name: str
    version: str
    path: list[Mark]
    step: Step
    answers: list[tuple[str, Branch]]
    pieces: tuple[Spoken, ...]
    read_now: bool
    locked: bool
    language: str


def panel(
    *,
    call: Interaction | None,
    version: ScriptVersion | None,
    debtor: Debtor,
    details: Details,
    account: Account | None,
    officer: str,
    on: date,
    masked: bool,
) -> Panel:
    """The panel of an open call, or of the one that would start now. Values only when amounts may show."""
    steps = _steps(json.dumps(version.steps)) if version else script_steps.BUILT_IN
    done = call.steps_done if call else {}
    here = script_steps.find(steps, call.script_step) if call and call.script_step else None
    step = here or steps[0]
    lang = debtor.language[:2] if debtor.language[:2] in merge_fields.LANGUAGES else "en"
    locked = masked and step.needs_disclosure(steps)
    context = _context(debtor, details, account, officer, lang, on, masked)
    return Panel(
        name=version.script.name if version else "First call",
        version=_version_words(version, on),
        path=_path(steps, done, step),
        step=step,
        answers=_answers(step),
        pieces=() if locked else _spoken(step.words(lang), context, lang),
        read_now=step.must_read and step.key not in done,
        locked=locked,
        language=lang,
    )


@lru_cache(maxsize=64)
def _steps(text: str) -> list[Step]:
    """The steps of a version, by their stored text: versions in use are few and the page is drawn often."""
    return script_steps.parse(json.loads(text))


def _version_words(version: ScriptVersion | None, on: date) -> str:
    if version is None:
        return "Built in"
    since = f", in use since {formats.short_day(version.live_from, on)}" if version.live_from else ""
    return f"Version {version.number}{since}"


def _path(steps: list[Step], done: dict[str, Any], here: Step) -> list[Mark]:
    shown = script_steps.path(steps, done, here.key)
    marks = []
    for number, step in enumerate(shown, 1):
        state = "current" if step.key == here.key else "done" if step.key in done else "open"
        marks.append(Mark(step.title, state, number))
    return marks


def _spoken(say: str, context: dict[str, Any], lang: str) -> tuple[Spoken, ...]:
    try:
        return render.spoken(say=say, context=context, lang=lang)
    except RenderError:
        return (Spoken(say, False),)


def _context(
    debtor: Debtor, details: Details, account: Account | None, officer: str, lang: str, on: date, masked: bool
) -> dict[str, Any]:
    firm, tel = details.firm, formats.phone(details.firm.get("phone"))
    context: dict[str, Any] = {
        "person": {"name": debtor.name, "first_name": debtor.given_name},
        "officer": {"name": officer},
        "firm": {"name": firm.get("name", ""), "phone": tel, "hours": firm.get("hours", "")},
    }  # fmt: skip
    if masked or account is None:
        return context
    context["debt"] = {
        "creditor": account.creditor.name,
        "product": account.product.lower(),
        "reference": account.ref,
        "reference_masked": account.masked_reference,
        "balance": merge_fields.money_text(account.balance, account.currency, lang),
        "original_creditor": account.original_creditor,
    }
    awaited = _awaited(details)
    if awaited is not None:
        amount, currency, day = awaited
        context["promise"] = {
            "amount": merge_fields.money_text(amount, currency or account.currency, lang),
            "due_date": merge_fields.date_text(day, lang, weekday=True),
        }
    return context


def _awaited(details: Details) -> tuple[Decimal, str, date] | None:
    """The money that was planned and is spoken of: the missed part of a plan at risk, else a missed or open promise."""
    promise, plan = details.missed or details.promised, details.plan
    at_risk = (details.item or {}).get("queue") == "plans-at-risk"
    if plan is not None and plan["next"] is not None and (at_risk or promise is None):
        return Decimal(plan["due"]), "", plan["next"]
    return (promise.amount, promise.currency, promise.due_date) if promise is not None else None


def version_for(
    call: Interaction | None, queue: str, live: Sequence[ScriptVersion] | None = None, details: Details | None = None
) -> ScriptVersion | None:
    """The version of an open call, which keeps its own; else the one in use for this queue (of `live`, if read).

    With `details`, the script about a missed payment only when there is one to speak of.
    """
    if call is not None:
        return call.script_version
    if details is not None and _awaited(details) is None:
        queue = ""
    if live is not None:
        return contacts.pick_version(live, SCRIPTS.get(queue, ""))
    return contacts.live_version(SCRIPTS.get(queue, ""))


SCRIPTS = {"broken-promises": "missed-promise", "plans-at-risk": "missed-promise"}


def _answers(step: Step) -> list[tuple[str, Branch]]:
    """The answers with a letter each: their own, or a spare one where it is taken on this screen."""
    used = {branch.key for branch in step.branches} - TAKEN
    found = []
    for branch in step.branches:
        key = branch.key
        if key in TAKEN:
            key = next((letter for letter in SPARE if letter not in used), "")
            used.add(key)
        found.append((key, branch))
    return found
