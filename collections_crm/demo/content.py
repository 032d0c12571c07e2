"""Shipped templates and scripts as live first versions. What an admin has made is never touched."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from contacts.models import Script, ScriptVersion
from letters import content as shipped
from letters.models import Template, TemplateVersion


def slug_of(slug: str, channel: str) -> str:
    """The slug of a shipped template in one channel: promise_reminder by text is promise-reminder-sms."""
    return f"{slugify(slug.replace('_', '-'))}-{channel.lower()}"


@transaction.atomic
def ship(*, at: datetime) -> dict[str, int]:
    """Add what is missing; a language with any version, or a script with any, stays as it is. Returns counts."""
    return {"templates": _templates(at), "scripts": _scripts(at)}


def _templates(at: datetime) -> int:
    have = set(TemplateVersion.objects.values_list("template__slug", "lang"))
    added = 0
    for one in shipped.templates():
        channel = one.channel.lower()
        slug = slug_of(one.slug, channel)
        if (slug, one.lang) in have:
            continue
        template, _ = Template.objects.get_or_create(
            slug=slug, defaults={"name": one.name, "channel": channel, "kind": one.kind}
        )
        TemplateVersion.objects.create(
            template=template,
            number=1,
            lang=one.lang,
            subject=one.subject,
            body=one.body,
            tokens=sorted(one.tokens),
            state="LIVE",
            change_note="As shipped",
            created_at=at,
            live_from=at,
        )
        added += 1
    return added


def _scripts(at: datetime) -> int:
    added = 0
    for one in shipped.scripts():
        slug = slugify(one.slug.replace("_", "-"))
        script, _ = Script.objects.get_or_create(slug=slug, defaults={"name": one.name, "used_for": one.slug[:40]})
        if script.versions.exists():
            continue
        ScriptVersion.objects.create(
            script=script,
            number=1,
            steps=[_step(asdict(step)) for step in one.steps],
            state="LIVE",
            change_note="As shipped",
            created_at=at,
            live_from=at,
        )
        added += 1
    return added


def _step(step: dict[str, object]) -> dict[str, object]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in step.items()}
