"""The template library and its editor: words as data, live preview, versions (F38). No person is shown here."""

import base64
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock
from core.http import go, is_partial, tell
from letters import kinds, merge_fields, queries, samples, services
from letters.forms import WordsForm
from letters.merge_fields import LANGUAGES
from letters.models import Template, TemplateVersion
from users.permissions import role

READERS = ("admin", "compliance")
LANGUAGE_NAMES = {"en": "English", "es": "Spanish"}
CHANNEL_NAMES = {"post": ("Letter", "letter"), "email": ("E-mail", "mail"), "sms": ("Text", "text")}


@role(*READERS)
@require_GET
def templates(request: HttpRequest) -> HttpResponse:
    """All letters with their channels and the version in use."""
    return render(request, "letters/templates.html", {"families": queries.families(), "channels": CHANNEL_NAMES})


@role(*READERS)
@require_http_methods(["GET", "POST"])
def template(request: HttpRequest, slug: str, number: int | None = None) -> HttpResponse:
    """The editor on one version in one language; a save is the next version."""
    row = get_object_or_404(Template, slug=slug)
    lang = _lang(request)
    version = _version(row, lang, number)
    if request.method == "POST":
        return _save(request, row, lang, version)
    form = WordsForm(initial={"subject": version.subject if version else "", "body": version.body if version else ""})
    return render(request, "letters/template.html", _context(request, row, lang, version, form))


def _save(request: HttpRequest, row: Template, lang: str, version: TemplateVersion | None) -> HttpResponse:
    form = WordsForm(request.POST)
    if form.is_valid():
        facts = form.cleaned_data
        saved = services.save_version(
            template=row, lang=lang, subject=facts["subject"], body=facts["body"], note=facts["note"],
            by=request.user, at=clock.now(),
        )  # fmt: skip
        return go(request, f"/templates/{row.slug}/v/{saved.number}/?lang={lang}")
    page = "letters/template.html#editor" if is_partial(request) else "letters/template.html"
    response = render(request, page, _context(request, row, lang, version, form), status=422)
    return tell(response, setfocus="#errsum")


def _context(
    request: HttpRequest, row: Template, lang: str, version: TemplateVersion | None, form: WordsForm
) -> dict[str, Any]:
    subject, body = _words(form)
    versions = list(row.versions.filter(lang=lang).select_related("created_by"))
    live = next((v for v in versions if v.state == "LIVE"), None)
    return {
        "template": row,
        "kind_words": kinds.label(row.kind),
        "lang": lang,
        "version": version,
        "versions": versions,
        "live": live,
        "sent_since": queries.sent_since(live) if live else 0,
        "before": _before(versions, version),
        "form": form,
        "tabs": _channel_tabs(row, lang, body),
        "languages": [(code, LANGUAGE_NAMES[code], code == lang) for code in LANGUAGES],
        "fields": _groups(row.kind),
        "may_write": "admin" in request.user.roles,  # type: ignore[union-attr]
        "crumbs": [{"label": "Templates", "url": "/templates/"}, {"label": row.name, "url": ""}],
        "nav_current": "letters:templates",
        **_preview(row, lang, subject, body),
    }


def _preview(row: Template, lang: str, subject: str, body: str) -> dict[str, Any]:
    wrong = services.problems(template=row, lang=lang, subject=subject, body=body)
    shown = samples.preview(template=row, lang=lang, subject=subject, body=body)
    return {
        "wrong": wrong,
        "checks": samples.checks(template=row, lang=lang, subject=subject, body=body, wrong=wrong),
        "shown": shown,
        "pages": [f"data:image/png;base64,{base64.b64encode(page).decode()}" for page in shown.pages],
        "template": row,
    }


@role("admin")
@require_POST
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """What is being typed, as it would look with a sample person; nothing is saved."""
    row = get_object_or_404(Template, slug=slug)
    form = WordsForm(request.POST)
    form.is_valid()
    subject, body = form.cleaned_data.get("subject", ""), form.cleaned_data.get("body", "")
    context = {**_preview(row, _lang(request), subject, body), "form": form, "live_part": True}
    return render(request, "letters/template.html#preview", context)


@role(*READERS)
@require_GET
def pdf(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """This version with the sample person as the PDF it would be."""
    row = get_object_or_404(Template, slug=slug)
    version = _version(row, _lang(request), number)
    if row.channel != "post" or version is None:
        raise Http404
    content = samples.pdf(version=version, at=clock.now())
    if content is None:
        raise Http404
    return HttpResponse(content, content_type="application/pdf")


@role(*READERS)
@require_GET
def diff(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What changed against another version (`with`), else against the one before."""
    row = get_object_or_404(Template, slug=slug)
    lang = _lang(request)
    version = _version(row, lang, number)
    versions = list(row.versions.filter(lang=lang))
    asked = request.GET.get("with", "")
    old = next((v for v in versions if str(v.number) == asked), None) or _before(versions, version)
    if version is None or old is None:
        raise Http404
    context = {
        "template": row,
        "version": version,
        "old": old,
        "lines": queries.compare(old, version),
        "lang": lang,
        "crumbs": [
            {"label": "Templates", "url": "/templates/"},
            {"label": row.name, "url": f"/templates/{row.slug}/v/{version.number}/?lang={lang}"},
            {"label": f"Compare {old.number} and {version.number}", "url": ""},
        ],
        "nav_current": "letters:templates",
    }
    return render(request, "letters/template_diff.html", context)


@role("admin")
@require_POST
def live(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Use this version from now on."""
    row = get_object_or_404(Template, slug=slug)
    lang = _lang(request)
    version = _version(row, lang, number)
    if version is None:
        raise Http404
    try:
        services.put_live(version=version, by=request.user, at=clock.now())
    except services.TemplateRefused:
        form = WordsForm(initial={"subject": version.subject, "body": version.body})
        response = render(request, "letters/template.html", _context(request, row, lang, version, form), status=422)
        return tell(response, setfocus="#checks")
    return go(request, f"/templates/{row.slug}/v/{version.number}/?lang={lang}")


def _lang(request: HttpRequest) -> str:
    asked = request.POST.get("lang") or request.GET.get("lang", "en")
    return asked if asked in LANGUAGES else "en"


def _version(row: Template, lang: str, number: int | None) -> TemplateVersion | None:
    versions = row.versions.filter(lang=lang)
    if number is not None:
        return get_object_or_404(versions, number=number)
    return versions.order_by("-number").first()


def _before(versions: list[TemplateVersion], version: TemplateVersion | None) -> TemplateVersion | None:
    earlier = [v for v in versions if version is not None and v.number < version.number]
    return max(earlier, key=lambda v: v.number, default=None)


def _words(form: WordsForm) -> tuple[str, str]:
    if form.is_bound:
        return str(form.data.get("subject", ""))[:200], str(form.data.get("body", "")).replace("\r\n", "\n")[:20_000]
    return form.initial["subject"], form.initial["body"]


def _channel_tabs(row: Template, lang: str, body: str) -> list[dict[str, Any]]:
    tabs = []
    for one in queries.siblings(row):
        label, icon = CHANNEL_NAMES[one.channel]
        tabs.append({"label": label, "icon": icon, "url": f"/templates/{one.slug}/?lang={lang}", "current": one == row})
    return tabs


def _groups(kind: str) -> list[tuple[str, list[merge_fields.Field]]]:
    names = {
        "today": "Letter", "person": "Person", "debt": "Debt", "promise": "Promise", "plan": "Plan",
        "installment": "Installment", "payment": "Payment", "callback": "Call-back", "request": "Request",
        "notice": "Notice", "firm": "Us", "officer": "Officer", "link": "Links", "legal": "Required words",
    }  # fmt: skip
    groups: dict[str, list[merge_fields.Field]] = {}
    for field in merge_fields.fields_for(kind):
        head = field.name.partition(".")[0]
        groups.setdefault(names.get(head, head.title()), []).append(field)
    return list(groups.items())
