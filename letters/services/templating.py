"""Templates: a save is the next version; one version a language is in use (F38)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from core import audit
from letters import render
from letters.models import Template, TemplateVersion
from letters.render.notice import CONTENT_TOKENS
from letters.render.result import Problem

MAX_BODY = 20_000


class TemplateRefused(Exception):
    """The words can't be saved or put into use; `problems` says why, each with its place."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].message if problems else "This version can't be used.")
        self.problems = problems


def problems(*, template: Template, lang: str, subject: str, body: str) -> list[Problem]:
    """Everything that keeps these words from being used; an empty list when they may be."""
    return render.check_template(body, subject=subject, channel=template.channel, kind=template.kind, lang=lang)


@transaction.atomic
def save_version(
    *, template: Template, lang: str, subject: str, body: str, note: str, by: Any, at: datetime
) -> TemplateVersion:
    """Keep these words as the next version, a draft. The same words as the newest version give that one.

    Words with problems are kept too (work is not lost) and can't be put into use. Raises TemplateRefused when they
    are too long to keep.
    """
    if len(body) > MAX_BODY or len(subject) > 200:
        raise TemplateRefused([Problem("too_long", f"A template has at most {MAX_BODY:,} characters.")])
    template = Template.objects.select_for_update().get(pk=template.pk)
    newest = template.versions.filter(lang=lang).order_by("-number").first()
    if newest is not None and (newest.subject, newest.body) == (subject, body):
        return newest
    wrong = problems(template=template, lang=lang, subject=subject, body=body)
    number = (template.versions.filter(lang=lang).aggregate(last=Max("number"))["last"] or 0) + 1
    version = TemplateVersion.objects.create(
        template=template,
        lang=lang,
        number=number,
        subject=subject,
        body=body,
        tokens=[] if wrong else tokens(template, body),
        change_note=note[:200],
        created_by=by,
        created_at=at,
    )
    audit.record(
        "template.saved", actor=by, subject=version, data={"template": template.slug, "lang": lang, "number": number},
        at=at,
    )  # fmt: skip
    return version


def tokens(template: Template, body: str) -> list[str]:
    """The content tokens (12 CFR 1006.18(e), 1006.6(e), 1006.34) that words of this template always carry."""
    if template.kind == "validation_notice":
        return sorted(CONTENT_TOKENS)
    return sorted(render.content_tokens(body, channel=template.channel))


@transaction.atomic
def put_live(*, version: TemplateVersion, by: Any, at: datetime) -> TemplateVersion:
    """Use this version from now on; the one before is retired. Raises TemplateRefused while it has problems."""
    Template.objects.select_for_update().get(pk=version.template_id)
    version.refresh_from_db()
    if version.state == TemplateVersion.State.LIVE:
        return version
    template = version.template
    wrong = problems(template=template, lang=version.lang, subject=version.subject, body=version.body)
    if wrong:
        raise TemplateRefused(wrong)
    before = template.versions.filter(lang=version.lang, state=TemplateVersion.State.LIVE)
    before.update(state=TemplateVersion.State.RETIRED)
    TemplateVersion.objects.filter(pk=version.pk).update(
        state=TemplateVersion.State.LIVE, live_from=at, tokens=tokens(template, version.body)
    )
    audit.record(
        "template.put_live", actor=by, subject=version,
        data={"template": template.slug, "lang": version.lang, "number": version.number}, at=at,
    )  # fmt: skip
    version.refresh_from_db()
    return version
