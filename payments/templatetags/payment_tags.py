"""Small words of the money pages: states as tags, moved dates, how terms go out."""

from datetime import date

from django import template
from django.utils.safestring import SafeString

from core import formats
from core.dates import is_bank_day
from core.templatetags.ui import tag
from payments import states
from payments.forms import CHANNELS

register = template.Library()
PLAN_WORDS = {code: str(label) for code, label in states.PlanState.choices}


@register.simple_tag
def state_tag(label: str, state: str) -> SafeString:
    """A state as a tag with its color and glyph."""
    return tag(label, states.COLOURS.get(state, "plain"))


@register.simple_tag
def tag_moved(moved_from: date) -> SafeString:
    """Why a date is not the one of the rhythm: `moved, Dec 25 is a bank holiday`."""
    weekend = moved_from.weekday() >= 5
    why = "a weekend" if weekend else "a bank holiday" if not is_bank_day(moved_from) else "not open"
    return tag(f"moved, {formats.short_day(moved_from, moved_from)} is {why}", "info", "cal")


@register.filter
def state_words(code: str) -> str:
    """`On track` from ACTIVE: a state of a plan in words."""
    return PLAN_WORDS.get(code, code)


@register.filter
def batch_key(state: str) -> str:
    """The color key of a batch state: an open batch is plain, not a promise that is open."""
    return "DUE" if state == "OPEN" else state


@register.filter
def channel_words(code: str) -> str:
    """`E-mail` from EMAIL; a dash for none."""
    return dict(CHANNELS).get(code, formats.DASH)


@register.filter
def item(values: list[object], at: int) -> object:
    """The entry at a place of a list."""
    return values[at]


@register.filter
def component_words(code: str) -> str:
    """`Principal` from receivable.principal."""
    return code.removeprefix("receivable.").replace("_", " ").capitalize()
