"""Where an officer is in the script, what was read, and the scripts' own versions (F33)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from contacts import script_steps
from contacts.models import Interaction, Script, ScriptVersion
from contacts.script_steps import ScriptError, Step
from core import audit
from users.models import User


class StepRefused(Exception):
    """A step that must be read first was not; a sentence for the officer."""


def steps_of(call: Interaction) -> list[Step]:
    """The steps of the call's script; the built-in ones when it has none."""
    return script_steps.parse(call.script_version.steps) if call.script_version else script_steps.BUILT_IN


def live_version(used_for: str = "") -> ScriptVersion | None:
    """The version in use for this kind of call; without one, the one for a first call."""
    live = ScriptVersion.objects.filter(state=ScriptVersion.State.LIVE, script__active=True).select_related("script")
    return pick_version(list(live.order_by("script__slug")), used_for)


def pick_version(found: Sequence[ScriptVersion], used_for: str = "") -> ScriptVersion | None:
    """The same from versions that were read before, with their scripts, in the order of the slugs."""
    for slug in (used_for, "first-call"):
        for version in found:
            if slug and version.script.slug == slug:
                return version
    return found[0] if found else None


def after_identity(call: Interaction) -> str:
    """The step that follows the identity check: the disclosure, if the script has one."""
    steps = steps_of(call)
    disclosure = next((step for step in steps if step.discloses), None)
    if disclosure is not None and disclosure.key not in call.steps_done:
        return disclosure.key
    return script_steps.following(steps, "identity") or call.script_step


def identity_steps(call: Interaction) -> list[str]:
    """The steps that the identity check itself goes through: the greeting and the check."""
    steps = steps_of(call)
    return [step.key for step in steps if step is steps[0] or step.checks_identity]


def unread(call: Interaction) -> list[Step]:
    """The disclosures that must be read before amounts show and before a talk with the person is saved."""
    return [step for step in steps_of(call) if step.discloses and step.key not in call.steps_done]


@transaction.atomic
def step_done(*, call: Interaction, step: str, by: User, at: datetime, to: str = "") -> Interaction:
    """Tick a step as read, with its time, and go to the next one (`to` names the branch taken).

    Raises StepRefused when the identity check or a must-read step before it is open, CallMistake when the call
    is closed or another officer's.
    """
    from .calls import held

    call = held(call, by)
    steps = steps_of(call)
    here = script_steps.find(steps, step)
    if here is None:
        raise StepRefused("This step is not in the script any more. Reload the page.")
    if here.discloses and call.verified_at is None:
        raise StepRefused("Check the identity before you read this.")
    target = to or script_steps.following(steps, step)
    goal = script_steps.find(steps, target) if target else None
    done = {**call.steps_done, step: call.steps_done.get(step) or at.isoformat()}
    if goal is not None and goal.needs_disclosure(steps) and any(s.discloses and s.key not in done for s in steps):
        raise StepRefused("Read the disclosure before you go on.")
    if here.must_read and step not in call.steps_done:
        audit.record("script.step_read", actor=by, subject=call, data={"step": step}, person_id=call.debtor_id, at=at)
    call.steps_done, call.script_step = done, target or step
    call.save(update_fields=["steps_done", "script_step"])
    return call


@transaction.atomic
def save_version(
    *, script: Script, steps: list[dict[str, Any]], change_note: str, by: User, at: datetime
) -> ScriptVersion:
    """Keep a script as its next version, not in use yet. Raises ScriptError for steps that lead nowhere."""
    script_steps.check(steps)
    Script.objects.select_for_update().get(pk=script.pk)
    last = script.versions.aggregate(n=Max("number"))["n"] or 0
    made = ScriptVersion.objects.create(
        script=script, number=last + 1, steps=steps, change_note=change_note, created_by=by, created_at=at
    )
    audit.record("script.version_saved", actor=by, subject=made, data={"number": made.number}, at=at)
    return made


@transaction.atomic
def put_live(*, version: ScriptVersion, by: User, at: datetime) -> ScriptVersion:
    """Use this version from now on; calls that are open keep theirs. Raises ScriptError for a faulty one."""
    script_steps.check(version.steps)
    Script.objects.select_for_update().get(pk=version.script_id)
    version = ScriptVersion.objects.get(pk=version.pk)
    if version.state == ScriptVersion.State.LIVE:
        return version
    live, retired = ScriptVersion.State.LIVE, ScriptVersion.State.RETIRED
    ScriptVersion.objects.filter(script=version.script_id, state=live).update(state=retired)
    version.state, version.live_from = live, at
    version.save(update_fields=["state", "live_from"])
    audit.record("script.put_live", actor=by, subject=version, data={"number": version.number}, at=at)
    return version


__all__ = [
    "ScriptError",
    "StepRefused",
    "after_identity",
    "live_version",
    "pick_version",
    "put_live",
    "save_version",
    "step_done",
    "steps_of",
    "unread",
]
