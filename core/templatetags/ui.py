"""The small parts of every page: icons, status tags, the compliance badge, keys, navigation.

All of them write plain HTML without scripts or styles; the words come from the caller and are escaped.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django import template
from django.forms import BoundField
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from core import nav

register = template.Library()

GLYPHS = {"ok": "ok", "hold": "hold", "stop": "stop", "info": "info"}
RULE_WORDS = {"ok": "Passed", "hold": "Not yet", "stop": "Stopped", "info": "Note"}
NOTE_GLYPHS = {"ok": "ok", "hold": "alert", "stop": "stop", "info": "info"}


@register.simple_tag(name="icon")
def icon_tag(name: str, label: str = "") -> SafeString:
    """`{% icon "phone" %}`: a 16 px stroke icon. Hidden from readers unless `label` gives its meaning."""
    return _icon(str(name), str(label))


@lru_cache(maxsize=512)
def _icon(name: str, label: str) -> SafeString:
    href = f"{static('icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="i" viewBox="0 0 16 16" role="img" aria-label="{}"><use href="{}"/></svg>', label, href
        )
    return format_html('<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><use href="{}"/></svg>', href)


@register.simple_tag
def tag(words: str, kind: str = "plain", glyph: str = "") -> SafeString:
    """`{% tag "Missed" "stop" "alert" %}`: glyph, word and color. kind: ok, hold, stop, info, plain.

    `glyph` names another icon; "none" leaves it out.
    """
    shown = _glyph(kind, glyph)
    return format_html('<span class="tag{}">{}{}</span>', _kind_class(kind), shown, words)


@register.simple_tag
def status_pill(status: Any) -> SafeString:
    """`{% status_pill account.status_look %}`: a tag from an object or mapping with `label`, `kind`, `glyph`."""
    if isinstance(status, dict):
        look = (status.get("label", ""), status.get("kind", "plain"), status.get("glyph", ""))
    else:
        look = (
            getattr(status, "label", status),
            getattr(status, "kind", "plain"),
            getattr(status, "glyph", ""),
        )
    return tag(str(look[0]), str(look[1] or "plain"), str(look[2] or ""))


@register.simple_tag
def badge(words: str, kind: str, ident: str, why_url: str, key: str = "") -> SafeString:
    """`{% badge "Allowed now" "ok" "why-phone-3" url %}`: the answer, and on press the rules behind it.

    `ident` must be stable and unique on the page (built from the record). `why_url` gives the partial that
    htmx loads once when the popover opens; without script it is a link.
    """
    return format_html(
        '<button type="button" class="tag{}" id="{}" popovertarget="{}-pop"{}>{}{}'
        '<span class="vh">. Why</span></button>'
        '<div popover id="{}-pop" class="pop" role="dialog" aria-label="Why: {}" hx-get="{}" hx-trigger="toggle once"'
        ' hx-swap="innerHTML"><p><a href="{}">Show the rules</a></p></div>',
        _kind_class(kind),
        ident,
        ident,
        key_attributes(key, "Why"),
        _glyph(kind, ""),
        words,
        ident,
        words,
        why_url,
        why_url,
    )


@register.simple_tag
def kbd(keys: str) -> SafeString:
    """`{% kbd "Ctrl ↵" %}`: the key printed on a button; readers get it from aria-keyshortcuts."""
    return _kbd(str(keys))


@lru_cache(maxsize=256)
def _kbd(keys: str) -> SafeString:
    return format_html('<kbd aria-hidden="true">{}</kbd>', keys)


@register.simple_tag
def key(keys: str, label: str = "") -> SafeString:
    """`<button {% key "N" "Add note" %}>`: binds a key. Alternatives by "|", two strokes as "G W"."""
    return key_attributes(keys, label)


def key_attributes(keys: str, label: str = "") -> SafeString:
    """The attributes that bind a key to an element, or nothing for no key."""
    return _key_attributes(str(keys), str(label)) if keys else mark_safe("")


@lru_cache(maxsize=1024)
def _key_attributes(keys: str, label: str) -> SafeString:
    shortcuts = " ".join(part.replace("Ctrl", "Control") for part in keys.split("|") if " " not in part)
    return format_html(
        ' data-key="{}"{}{}',
        keys,
        format_html(' data-key-label="{}"', label) if label else "",
        format_html(' aria-keyshortcuts="{}"', shortcuts) if shortcuts else "",
    )


@register.inclusion_tag("components/nav.html", takes_context=True)
def main_nav(context: Context) -> dict[str, object]:
    """The pages of this user's roles. A view may set `nav_current` to a URL name to say where we are."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"items": []}
    current = str(context.get("nav_current") or "")
    shown, more = nav.split(nav.items_for(user=user, path=getattr(request, "path", ""), current=current))
    return {"items": shown, "more": more, "within": next((item for item in more if item.current), None)}


@register.simple_tag(takes_context=True)
def sort_head(context: Context, label: str, field: str, numeric: bool = False) -> SafeString:
    """`{% sort_head "Days late" "dpd" numeric=True %}`: a column head that sorts; reads `?sort=`.

    Pressing the sorted column turns it around; other query parameters stay, the page cursor goes.
    """
    query = _query(context)
    now = query.get("sort", "")
    rising, falling = now == field, now == f"-{field}"
    query["sort"] = f"-{field}" if rising else field
    for cursor in ("after", "before", "page"):
        query.pop(cursor, None)
    state = "ascending" if rising else "descending" if falling else ""
    return format_html(
        '<th scope="col"{}{}><a href="?{}" id="sort-{}">{}{}</a></th>',
        mark_safe(' class="num"') if numeric else "",
        format_html(' aria-sort="{}"', state) if state else "",
        urlencode(query),
        field,
        label,
        format_html(" {}", _icon("up" if rising else "down", "")) if state else "",
    )


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: object) -> str:
    """`href="{% query_with after=row.cursor %}"`: this page's query with some values changed; None removes."""
    query = _query(context)
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{urlencode(query)}"


@register.simple_tag
def attrs(pairs: dict[str, object] | None) -> SafeString:
    """Attributes from a mapping; True gives a bare attribute, None and False leave it out."""
    parts = []
    for name, value in (pairs or {}).items():
        if value is None or value is False:
            continue
        parts.append(f" {name}" if value is True else f' {name}="{conditional_escape(str(value))}"')
    return mark_safe("".join(parts))  # names are ours, values escaped above


def _query(context: Context) -> dict[str, str]:
    request = context.get("request")
    return dict(request.GET.items()) if request is not None else {}


def _kind_class(kind: str) -> str:
    return f" {kind}" if kind in GLYPHS else ""


def _glyph(kind: str, glyph: str) -> SafeString:
    name = glyph or GLYPHS.get(kind, "")
    return mark_safe("") if name in ("", "none") else _icon(name, "")


@register.simple_tag
def note_icon(kind: str) -> SafeString:
    """The glyph of a notice of this kind."""
    return _icon(NOTE_GLYPHS.get(kind, "info"), "")


@register.simple_tag
def rule_icon(kind: str) -> SafeString:
    """The glyph of a rule passed or failed, named for readers."""
    return format_html(
        '<svg class="i t-{}" viewBox="0 0 16 16" role="img" aria-label="{}"><use href="{}#{}"/></svg>',
        kind,
        RULE_WORDS.get(kind, "Note"),
        static("icons.svg"),
        GLYPHS.get(kind, "info"),
    )


@register.simple_tag(name="input")
def input_tag(field: BoundField, css: str = "in", width: str = "", **more: object) -> SafeString:
    """`{% input form.amount %}`: the widget of a bound field, marked invalid and tied to its hint and error.

    More attributes by name, with `_` for `-`: `{% input form.note hx_post="/drafts/" data_draft="P-1" %}`.
    """
    ident = field.id_for_label
    told = [f"{ident}-hint"] if field.help_text else []
    told += [f"{ident}-error"] if ident else []
    choice = getattr(field.field.widget, "input_type", "") in ("checkbox", "radio")
    extra: dict[str, str | bool] = {name.replace("_", "-"): str(value) for name, value in more.items()}
    extra["aria-describedby"] = " ".join(told)
    if field.errors:
        extra["aria-invalid"] = "true"
    if not choice:
        extra["class"] = " ".join(part for part in (css, width, str(field.field.widget.attrs.get("class", ""))) if part)
    return field.as_widget(attrs=extra)
