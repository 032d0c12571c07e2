"""What is typed for a random sample of debts, and for checks of reassigned numbers."""

from datetime import date
from typing import Any

from django import forms

from accounts.models import ContactPoint, Organization, Portfolio
from core import clock
from core.forms import KeyedForm, TextField

from .forms import DayField, OfPerson, PointChoice
from .models import Channel
from .reassigned_file import SOURCE


class SampleForm(KeyedForm):
    """Which contacts make the population, and how many debts are drawn."""

    since = DayField(label="First day")
    until = DayField(label="Last day")
    creditor = forms.ModelChoiceField(Organization.objects.none(), required=False, empty_label="All creditors")
    portfolio = forms.ModelChoiceField(Portfolio.objects.none(), required=False, empty_label="All portfolios")
    channel = forms.ChoiceField(choices=[("", "All channels"), *Channel.choices], required=False)
    size = forms.IntegerField(
        label="How many debts", initial=60, min_value=1, max_value=500,
        error_messages={
            "min_value": "Take from 1 to 500 debts.", "max_value": "Take from 1 to 500 debts.",
            "invalid": "Enter a whole number.",
        },
    )  # fmt: skip
    seed = TextField(
        label="Seed", max_length=40, required=False, help_text="Empty: a new one. The same seed draws the same debts."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        creditors = Organization.objects.filter(roles__kind="CREDITOR").distinct().order_by("name")
        self.fields["creditor"].queryset = creditors  # type: ignore[attr-defined]
        self.fields["portfolio"].queryset = Portfolio.objects.order_by("name")  # type: ignore[attr-defined]


class ChecksForm(forms.Form):
    """The file with the answers about reassigned numbers."""

    file = forms.FileField(
        label="File with the answers", max_length=200,
        help_text="CSV: number, asked_on, result (yes, no, no data), source.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )  # fmt: skip

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > 5_000_000:
            raise forms.ValidationError("The file is larger than 5 MB.")
        return file


class CheckForm(OfPerson):
    """One answer about one of the person's numbers."""

    point = PointChoice(queryset=ContactPoint.objects.none(), label="Number")
    result = forms.ChoiceField(
        label="Was it given to somebody else?",
        choices=[("not_reassigned", "No"), ("reassigned", "Yes"), ("no_data", "No data")], widget=forms.RadioSelect,
    )  # fmt: skip
    asked_on = DayField(label="Asked on")
    source = TextField(label="Asked where", max_length=100, initial=SOURCE)

    def clean_point(self) -> ContactPoint:
        point: ContactPoint = self.cleaned_data["point"]
        if point.kind != ContactPoint.Kind.PHONE:
            raise forms.ValidationError("Choose a telephone number.")
        return point

    def clean_asked_on(self) -> date:
        asked_on: date = self.cleaned_data["asked_on"]
        if asked_on > clock.now().date():
            raise forms.ValidationError("This day has not come yet.")
        return asked_on
