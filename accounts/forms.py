"""What people type about imports and clients. Every field refuses bad input with a sentence."""

from datetime import date
from decimal import Decimal
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from django import forms

from accounts.models import Component, Organization, OrganizationRole, Portfolio
from accounts.placement_columns import DATE_ORDERS, FIELDS, NUMBER_STYLES
from accounts.placement_file import ColumnMap as Layout
from accounts.placement_file import MapError
from core.forms import KeyedForm, MoneyField, TextField

if TYPE_CHECKING:
    _OnePortfolio = forms.ModelChoiceField[Portfolio]
    _OrganizationForm = forms.ModelForm[Organization]
    _PortfolioForm = forms.ModelForm[Portfolio]
else:
    _OnePortfolio = forms.ModelChoiceField
    _OrganizationForm = _PortfolioForm = forms.ModelForm

WORDS = {"reference": "Account number", "dpd": "Days past due", "ssn": "Social Security number", "address1": "Address"}


def field_words(name: str) -> str:
    """The words for a field of a placement file."""
    return WORDS.get(name) or name.replace("_", " ").capitalize().replace("Zip", "ZIP")


FIELD_CHOICES = [
    ("", "Kept, not used"),
    *((name, field_words(name)) for name in FIELDS),
]


def day_field(**options: Any) -> forms.DateField:
    """A day as the browser's date field sends it."""
    return forms.DateField(
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": "Enter a day, such as 2026-11-27."},
        **options,
    )


class UploadForm(forms.Form):
    portfolio = _OnePortfolio(queryset=Portfolio.objects.none(), label="Portfolio")
    file = forms.FileField(
        label="File",
        help_text="CSV, text or XLSX, up to 2 GB",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.psv,.dat,.prn,.xlsx"}),
        max_length=200,
        allow_empty_file=True,
    )
    placed_on = day_field(label="Placement date")
    control_count = forms.IntegerField(
        label="Rows, says the creditor", required=False, min_value=1, max_value=100_000_000
    )
    control_total = MoneyField(label="Amount, says the creditor", required=False, most="99999999999999.99")

    def __init__(self, *args: Any, portfolios: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["portfolio"].queryset = portfolios  # type: ignore[attr-defined]

    def clean_placed_on(self) -> date:
        day: date = self.cleaned_data["placed_on"]
        if not date(1990, 1, 1) <= day <= date(2100, 1, 1):
            raise forms.ValidationError("Enter a day from 1990 on.")
        return day

    @property
    def file_name(self) -> str:
        return PurePath(self.cleaned_data["file"].name).name


class MapForm(forms.Form):
    """One select per column of the file, named by position."""

    number_style = forms.ChoiceField(label="Amounts are written", choices=[(s, s) for s in NUMBER_STYLES])
    date_order = forms.ChoiceField(label="Dates are written", choices=[(s, s) for s in DATE_ORDERS])
    save_as = TextField(label="Keep this map as", max_length=80, required=False)

    def __init__(self, *args: Any, layout: Layout, headers: tuple[str, ...], **kwargs: Any) -> None:
        kwargs["initial"] = {"number_style": layout.number_style, "date_order": layout.date_order}
        super().__init__(*args, **kwargs)
        self.layout, self.headers = layout, headers
        for at, header in enumerate(headers):
            field = forms.ChoiceField(choices=FIELD_CHOICES, required=False, initial=layout.columns.get(header, ""))
            field.widget.attrs["aria-label"] = f"Field for {header}"
            self.fields[f"column{at}"] = field

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = {header: data.get(f"column{at}") for at, header in enumerate(self.headers)}
        plain = self.layout.to_dict() | {
            "columns": {header: name for header, name in chosen.items() if name},
            "number_style": data.get("number_style"),
            "date_order": data.get("date_order"),
        }
        if not self.errors:
            try:
                data["layout"] = Layout.from_dict(plain)
            except MapError as wrong:
                self.add_error(None, str(wrong))
        return data


class ReasonForm(KeyedForm):
    reason = TextField(label="Reason", max_length=300, required=False)


class DecideForm(KeyedForm):
    decision = forms.ChoiceField(choices=[("accept", "Accept"), ("reject", "Reject")])
    reason = TextField(label="Why", max_length=300)


class ClientForm(_OrganizationForm):
    name = TextField(label="Name", max_length=120)
    phone = TextField(label="Phone", max_length=30, required=False)
    address = TextField(label="Address", max_length=400, rows=3, lines=True, required=False)
    roles = forms.MultipleChoiceField(
        label="Roles", choices=OrganizationRole.Kind.choices, widget=forms.CheckboxSelectMultiple, initial=["CREDITOR"]
    )

    class Meta:
        model = Organization
        fields = ("name", "phone", "email", "address", "active")


class PortfolioForm(_PortfolioForm):
    name = TextField(label="Name", max_length=120)
    product = TextField(label="Product", max_length=60)
    currency = forms.RegexField(r"\A[A-Z]{3}\Z", label="Currency", initial="USD")
    minimum_payment = MoneyField(label="Smallest payment taken", initial=Decimal(25))
    allocation_order = TextField(label="A payment goes to", max_length=200, help_text="Parts in order, with commas")

    class Meta:
        model = Portfolio
        fields = (
            "name",
            "product",
            "currency",
            "debt_class",
            "collector_type",
            "owner",
            "servicer",
            "bucket_scheme",
            "allocation_order",
            "rounding",
            "presumptions",
            "minimum_payment",
            "promise_grace_days",
            "promise_max_days",
            "promise_tolerance_percent",
            "plan_max_months",
            "charges_interest",
            "interest_basis",
            "commission_percent",
            "time_zone",
            "teams",
            "active",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["allocation_order"] = ", ".join(self.instance.allocation_order)
            self.fields["currency"].disabled = self.instance.accounts.exists()
        else:
            self.initial["allocation_order"] = ", ".join(Portfolio().allocation_order)

    def clean_allocation_order(self) -> list[str]:
        wanted = [part.strip().lower() for part in self.cleaned_data["allocation_order"].split(",") if part.strip()]
        known = list(Component.objects.values_list("code", flat=True))
        if not wanted or len(set(wanted)) != len(wanted) or not set(wanted) <= set(known):
            raise forms.ValidationError(f"Name each part once: {', '.join(known)}.")
        return wanted

    def clean_time_zone(self) -> str:
        from zoneinfo import available_timezones

        zone: str = self.cleaned_data["time_zone"]
        if zone not in available_timezones():
            raise forms.ValidationError("Enter a time zone such as America/Chicago.")
        return zone


class ComponentForm(forms.Form):
    name = TextField(label="Name of the part", max_length=60)
