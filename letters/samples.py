"""Templates shown with an invented person: pictures, the checklist, the reading grade."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from accounts.models import Firm
from core.dates import validation_period_end
from letters import facts, merge_fields, render
from letters.models import Template, TemplateVersion
from letters.render import NoticeData, RenderError
from letters.render.result import Problem

AIM = 7.0  # reading grade (Flesch-Kincaid) to aim for
_STAMP = datetime.fromisoformat("2026-11-17T17:00:00+00:00")
_FIELD = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_VOWELS = re.compile(r"[aeiouy]+")


@dataclass(frozen=True, slots=True)
class Shown:
    """A template with sample values: pictures of pages for post, text for the others; `problem` when it fails."""

    pages: tuple[bytes, ...] = ()
    subject: str = ""
    text: str = ""
    segments: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist. kind: ok, hold (advice) or stop (can't be used)."""

    kind: str
    words: str
    cite: str
    detail: str = ""


def preview(*, template: Template, lang: str, subject: str, body: str) -> Shown:
    """How it looks with the sample person under our own letterhead."""
    firm = Firm.objects.first()
    context, head = sample_context(lang, firm), facts.letterhead(firm)
    try:
        if template.channel == "post":
            notice = sample_notice(firm) if template.kind == "validation_notice" else None
            pages = render.preview_png(
                subject=subject, body=body, context=context, lang=lang, letterhead=head, notice=notice, dpi=110
            )
            return Shown(pages=tuple(pages), subject=subject)
        made = render.render(
            channel=template.channel, subject=subject, body=body, context=context, lang=lang, letterhead=head,
            timestamp=_STAMP,
        )  # fmt: skip
    except RenderError as wrong:
        return Shown(problem=str(wrong))
    return Shown(subject=made.subject, text=made.text, segments=made.segments)


def pdf(*, version: TemplateVersion, at: datetime) -> bytes | None:
    """The version with the sample person as a PDF; None when it can't be made."""
    firm = Firm.objects.first()
    context, head = sample_context(version.lang, firm), facts.letterhead(firm)
    moment = at.replace(microsecond=0)
    try:
        if version.template.kind == "validation_notice":
            made = render.render_notice(
                notice=sample_notice(firm), reverse=version.body, context=context, lang=version.lang,
                letterhead=head, timestamp=moment,
            )  # fmt: skip
        else:
            made = render.render(
                channel="post", subject=version.subject, body=version.body, context=context, lang=version.lang,
                letterhead=head, timestamp=moment,
            )  # fmt: skip
    except RenderError:
        return None
    return made.pdf


def sample_context(lang: str, firm: Firm | None) -> merge_fields.Context:
    """The invented person of previews under our own letterhead: admins see no persons (DECISIONS 3)."""
    whole = merge_fields.sample_context(lang)
    if firm is not None:
        whole["firm"] = {**whole["firm"], **facts.firm_fields(firm, whole["firm"]["licence_lines"])}
    return whole


def sample_notice(firm: Firm | None) -> NoticeData:
    """The invented person's validation notice."""
    sent = date(2026, 11, 17)
    return NoticeData(
        collector_name=firm.name if firm else "Larkfield Recovery, Inc.",
        collector_address_lines=tuple(facts.address_lines(firm)) if firm else ("400 Elm Street", "Dallas, TX 75202"),
        consumer_name="Marisol Vega-Ortiz",
        consumer_address_lines=("2210 Magoffin Ave, Apt 4", "El Paso, TX 79901"),
        current_creditor="Tallgrass Bank",
        creditor_on_itemization_date="Tallgrass Bank",
        product="credit card",
        account_number_truncated="3306",
        itemization_kind="last_statement",
        itemization_date=date(2026, 3, 31),
        amount_on_itemization_date=Decimal("501.17"),
        interest=Decimal("20.00"),
        fees=Decimal("5.00"),
        payments=Decimal("100.00"),
        credits=Decimal("0.00"),
        current_amount=Decimal("426.17"),
        sent_on=sent,
        validation_end=validation_period_end(sent),
        reference="L-58213",
    )


def checks(*, template: Template, lang: str, subject: str, body: str, wrong: Sequence[Problem]) -> list[Check]:
    """The checklist beside the editor: what the law and the house ask of these words."""
    if template.kind == "validation_notice":
        found = [Check("ok", "The front is Model Form B-1, filled by us", "12 CFR 1006.34(d)")]
    else:
        found = _asked(template, wrong)
    others = [p for p in wrong if p.code != "content"]
    found += [Check("stop", p.message, f"Line {p.line}" if p.line else p.where.title()) for p in others]
    if not others:
        found.append(Check("ok", "Every merge field is one we can fill", "Template check"))
    if lang == "en" and template.kind != "validation_notice" and body.strip():
        found.append(_grade(body))
    found += _other_language(template, lang)
    return found


def _asked(template: Template, wrong: Sequence[Problem]) -> list[Check]:
    messages = " ".join(p.message for p in wrong if p.code == "content")
    asks = [("disclosure", "Says this is from a debt collector", "12 CFR 1006.18(e)")]
    if template.channel != "post":
        asks.append(("opt_out", "Says how to stop these messages", "12 CFR 1006.6(e)"))
    found = []
    for word, words, cite in asks:
        missing = word in messages
        detail = "Put the merge field of the required words outside any condition." if missing else ""
        found.append(Check("stop" if missing else "ok", words, cite, detail))
    return found


def _grade(body: str) -> Check:
    grade = reading_grade(body)
    kind = "ok" if grade <= AIM else "hold"
    return Check(kind, f"Reading grade {grade:.1f}. Aim for {AIM:.0f} or less.", "House rule T-04")


def reading_grade(body: str) -> float:
    """Flesch-Kincaid grade of the words; merge fields count as one short word."""
    text = _FIELD.sub("x", body)
    sentences = max(1, len(re.findall(r"[.!?](?:\s|$)", text)))
    words = re.findall(r"[A-Za-z']+", text) or ["x"]
    syllables = sum(max(1, len(_VOWELS.findall(word.lower().removesuffix("e")))) for word in words)
    return max(0.0, 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59)


def _other_language(template: Template, lang: str) -> list[Check]:
    live = {v.lang: v for v in template.versions.filter(state=TemplateVersion.State.LIVE)}
    other = "es" if lang == "en" else "en"
    name = "Spanish" if other == "es" else "English"
    if other not in live:
        return [Check("hold", f"There is no {name} version in use", "House rule T-09")]
    mine = live.get(lang)
    if mine is not None and live[other].created_at < mine.created_at:
        return [Check("hold", f"The {name} version is older than this one", "House rule T-09")]
    return []
