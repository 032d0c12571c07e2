"""Forms of the work: a view's name, a snooze, an absence, the weights."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.text import slugify

from core.forms import TextField
from users.models import User

from .filters import as_query, parse
from .models import PriorityWeights, SavedView
from .rules import priority


class SavedViewForm(forms.Form):
    """A name for the present list. `query` is its address, read again by the same rules."""

    name = TextField(max_length=60, label="Name of the view")
    team = forms.BooleanField(required=False, label="For the whole team")
    view = forms.SlugField(max_length=60)
    query = forms.CharField(required=False, max_length=2000)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not slugify(name):
            raise forms.ValidationError("Use at least one letter or digit.")
        return name

    def save(self) -> SavedView:
        """Store it; the same name again replaces the query."""
        from django.http import QueryDict

        asked = parse(QueryDict(self.cleaned_data["query"].lstrip("?")), view=self.cleaned_data["view"])
        team = self.user.teams.first() if self.cleaned_data["team"] else None
        view, _ = SavedView.objects.update_or_create(
            user=self.user,
            slug=f"view-{slugify(self.cleaned_data['name'])}"[:60],
            defaults={"name": self.cleaned_data["name"], "query": as_query(asked), "team": team},
        )
        return view


class SnoozeForm(forms.Form):
    """Until when: the morning, 8 o'clock where the team works, so many days ahead."""

    days = forms.TypedChoiceField(choices=[("1", "Tomorrow"), ("3", "In 3 days"), ("7", "In a week")], coerce=int)

    def until(self, here: datetime) -> datetime:
        """8 AM on that day in the zone of `here`."""
        day = (here + timedelta(days=self.cleaned_data["days"])).date()
        return datetime(day.year, day.month, day.day, 8, tzinfo=here.tzinfo or ZoneInfo("UTC"))


class AbsenceForm(forms.Form):
    """Who is away, and who takes over (nobody chosen: the team)."""

    absent = forms.ModelChoiceField(User.objects.none(), label="Who is away")
    to = forms.ModelChoiceField(User.objects.none(), required=False, label="Give their work to", empty_label="The team")

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["absent"].queryset = people  # type: ignore[attr-defined]
        self.fields["to"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("absent") and found.get("absent") == found.get("to"):
            self.add_error("to", "Choose somebody who is here.")
        return found


class WeightsForm(forms.Form):
    """One weight from 0 to 100 for each part of the score, and why."""

    note = TextField(max_length=200, required=False, label="Why")

    def __init__(self, *args: Any, present: dict[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in priority.PARTS:
            self.fields[part.code] = forms.IntegerField(
                min_value=0, max_value=priority.MOST, initial=present[part.code], label=part.label
            )
        self.order_fields([*(part.code for part in priority.PARTS), "note"])

    @property
    def weights(self) -> dict[str, int]:
        return {part.code: self.cleaned_data[part.code] for part in priority.PARTS}

    def save(self, *, by: User, at: datetime) -> PriorityWeights:
        """A new row; the newest counts."""
        return PriorityWeights.objects.create(
            weights=self.weights, made_by=by, made_at=at, note=self.cleaned_data.get("note", "")
        )
