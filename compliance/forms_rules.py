"""What people type about rule packs: a text, a reason, a moment, a case to try."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from compliance.rules.pack_check import LONGEST
from core.forms import TextField

from .forms import ClockField, DayField


def _text(label: str, rows: int, **more: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false", "autocapitalize": "off", "class": "source"})
    return forms.CharField(label=label, max_length=LONGEST, widget=widget, strip=False, **more)


class PackForm(forms.Form):
    """The text of a draft, and why it is written."""

    note = TextField(label="Why", max_length=500, help_text="For whoever approves it: what changes, and on whose word.")
    text = _text("Text of the pack (TOML)", 32)


class ProposeForm(forms.Form):
    """From when on; nothing given: as soon as somebody approves."""

    day = DayField(label="In force from", required=False)
    minute = ClockField(label="at", required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("day")) != (data.get("minute") is not None) and not self.errors:
            missing = "minute" if data.get("day") else "day"
            self.add_error(missing, "Give the day and the time, or neither: then it begins when it is approved.")
        return data

    def moment(self, zone: ZoneInfo) -> datetime | None:
        """The instant on the office's clock."""
        day, minute = self.cleaned_data["day"], self.cleaned_data["minute"]
        return datetime.combine(day, minute, tzinfo=zone) if day is not None else None


class WithdrawVersionForm(forms.Form):
    why = TextField(label="Why", max_length=500)


class TryForm(forms.Form):
    """One case in the shape of the vectors, or a pack as TOML; a case also by rules that are not in force."""

    text = _text("Case or pack", 16)
    version = forms.ChoiceField(label="By which rules", required=False, help_text="For a case.")

    def __init__(self, *args: Any, versions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].choices = [("", "Those in force now"), *versions]  # type: ignore[attr-defined]
