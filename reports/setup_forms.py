"""Forms of teams, outcome codes, targets, the firm, and the first run."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.validators import validate_slug

from accounts.models import Organization, Portfolio
from contacts.models import Disposition
from core.formats import ZONE_WORDS
from core.forms import MoneyField, TextField
from core.text import normalise_phone
from strategies.models import Queue
from users.models import Team, User

from . import logo

ZONES = [(name, f"{words} ({name})") for name, words in ZONE_WORDS.items() if name in available_timezones()]
# A reply waits for its answer, not for the outcome of a call.
QUEUES = [("", "As the facts say"), *(pair for pair in Queue.choices if pair[0] != Queue.REPLY)]
CALL_OUTCOMES = (
    ("conversation", "A talk with the person"),
    ("conversation_third_party", "A talk with somebody else"),
    ("no_answer", "No answer"),
    ("limited_content_message", "A message left"),
    ("busy", "Busy"),
    ("not_in_service", "Not in service"),
    ("dropped_after_answer", "Answered, then hung up"),
)


class TeamForm(forms.Form):
    name = TextField(max_length=80, label="Name")
    time_zone = forms.ChoiceField(choices=ZONES, label="Where it works")
    members = forms.ModelMultipleChoiceField(
        queryset=User.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, label="Members"
    )
    portfolios = forms.ModelMultipleChoiceField(
        queryset=Portfolio.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, label="Portfolios"
    )

    def __init__(self, *args: Any, team: Team | None = None, **kwargs: Any) -> None:
        if team is not None:
            kwargs.setdefault("initial", {
                "name": team.name, "time_zone": team.time_zone, "members": list(team.members.all()),
                "portfolios": list(team.portfolios.all()),
            })  # fmt: skip
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["members"].queryset = User.objects.filter(is_active=True)
        fields["portfolios"].queryset = Portfolio.objects.filter(active=True)


class CodeForm(forms.Form):
    """An outcome of a call and what follows from it."""

    code = forms.CharField(
        max_length=30, label="Code", validators=[validate_slug], help_text="Letters, digits, hyphens; stays"
    )
    label = TextField(max_length=60, label="Words on the screen")
    group = forms.ChoiceField(choices=Disposition.Group.choices, label="When")
    call_outcome = forms.ChoiceField(choices=CALL_OUTCOMES, label="What the contact rules count")
    digit = forms.RegexField(r"^[0-9]?$", required=False, label="Key", help_text="One digit, or none")
    follow = forms.ChoiceField(choices=Disposition.Follow.choices, required=False, label="Asks for")
    note_required = forms.BooleanField(required=False, label="A note is required")
    next_step = TextField(max_length=60, required=False, label="Next action")
    retry_hours = forms.IntegerField(min_value=0, max_value=8760, label="Again after hours", initial=24)
    queue = forms.ChoiceField(choices=QUEUES, required=False, label="Goes to")
    active = forms.BooleanField(required=False, initial=True, label="Offered to officers")

    def __init__(self, *args: Any, row: Disposition | None = None, **kwargs: Any) -> None:
        if row is not None:
            kwargs.setdefault("initial", {name: getattr(row, name) for name in self.base_fields})
        super().__init__(*args, **kwargs)
        if row is not None:
            del self.fields["code"]
            if row.call_outcome not in dict(CALL_OUTCOMES):
                field: Any = self.fields["call_outcome"]
                field.choices = [*CALL_OUTCOMES, (row.call_outcome, row.call_outcome or "Nothing")]
                field.required = bool(row.call_outcome)

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or {}
        answered = facts.get("group") == Disposition.Group.ANSWERED
        facts["right_party"] = answered and facts.get("call_outcome") == "conversation"
        if facts.get("call_outcome") == "conversation" and facts.get("group") == Disposition.Group.NOBODY:
            self.add_error("call_outcome", "A talk with the person belongs to “Somebody answered”.")
        return facts


class TargetForm(forms.Form):
    month = forms.DateField(input_formats=["%Y-%m"], label="Month", widget=forms.DateInput(attrs={"type": "month"}))
    amount = MoneyField(label="Target")
    team = forms.ModelChoiceField(queryset=Team.objects.none(), required=False, label="Team")
    officer = forms.ModelChoiceField(queryset=User.objects.none(), required=False, label="Officer")
    portfolio = forms.ModelChoiceField(queryset=Portfolio.objects.none(), required=False, label="Portfolio")

    def __init__(self, *args: Any, teams: Any, portfolios: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["team"].queryset = teams
        fields["officer"].queryset = User.objects.filter(teams__in=teams, role_list__contains=["officer"]).distinct()
        fields["portfolio"].queryset = portfolios


class FirmForm(forms.Form):
    name = TextField(max_length=120, label="Name of the firm")
    address_line1 = TextField(max_length=120, label="Street")
    address_line2 = TextField(max_length=120, required=False, label="Second line")
    city = TextField(max_length=80, label="City")
    state = forms.RegexField(
        r"^[A-Z]{2}$",
        label="State",
        help_text="Two letters",
        error_messages={"invalid": "Use two capitals, such as IL."},
    )
    postal_code = forms.RegexField(
        r"^[0-9]{5}(-[0-9]{4})?$", label="ZIP code", error_messages={"invalid": "Use 5 or 9 digits, such as 60201."}
    )
    phone = TextField(max_length=30, label="Phone")
    email = forms.EmailField(required=False, max_length=254, label="E-mail")
    website = forms.URLField(required=False, max_length=200, label="Website", assume_scheme="https")
    hours = TextField(max_length=120, label="Office hours", help_text="As letters print them")
    time_zone = forms.ChoiceField(choices=ZONES, label="Time zone", initial="America/Chicago")
    logo = forms.FileField(required=False, label="Logo", help_text="PNG or JPEG, at most 512 KB")

    def clean_phone(self) -> str:
        number = normalise_phone(self.cleaned_data["phone"])
        if number is None:
            raise forms.ValidationError("Enter a phone number with its area code.")
        return number

    def clean_logo(self) -> tuple[bytes, str] | None:
        upload = self.cleaned_data.get("logo")
        if not upload:
            return None
        if upload.size > logo.MOST_BYTES:
            raise forms.ValidationError("Use a picture of at most 512 KB.")
        content = upload.read()
        try:
            return content, logo.check(content)
        except logo.LogoRefused as refused:
            raise forms.ValidationError(str(refused)) from refused

    def facts(self) -> dict[str, Any]:
        """What belongs to the firm's row, without the logo."""
        return {
            name: value for name, value in self.cleaned_data.items() if name in FirmForm.base_fields and name != "logo"
        }


class LicenceForm(forms.Form):
    state = forms.RegexField(r"^[A-Z]{2}$", label="State", error_messages={"invalid": "Use two capitals, such as TX."})
    number = TextField(max_length=60, label="License number")
    valid_from = forms.DateField(label="Valid from", widget=forms.DateInput(attrs={"type": "date"}))
    valid_until = forms.DateField(required=False, label="Valid until", widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or {}
        if facts.get("valid_until") and facts.get("valid_from") and facts["valid_until"] < facts["valid_from"]:
            self.add_error("valid_until", "It can't end before it begins.")
        return facts


class FirstRunForm(FirmForm):
    """The first admin, the firm (above), the first client."""

    username = forms.RegexField(
        r"^[a-z0-9][a-z0-9._-]{1,59}$",
        max_length=60,
        label="Sign-in name",
        error_messages={"invalid": "Use 2 to 60 small letters, digits, dots or hyphens."},
    )
    display_name = TextField(max_length=120, label="Your full name")
    password = forms.CharField(
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        label="Password",
        help_text="At least 12 characters",
    )
    creditor = TextField(max_length=120, label="First client", help_text="Whose debts you collect")
    portfolio = TextField(max_length=120, label="First portfolio", help_text="A name such as “Northwind electric”")
    product = TextField(max_length=60, label="Kind of debt", initial="Credit card")
    collector_type = forms.ChoiceField(choices=Portfolio.CollectorType.choices, label="We collect as")

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if "\x00" in password:
            raise forms.ValidationError("A password can't contain NUL.")
        validate_password(password)
        return password

    def clean_creditor(self) -> str:
        name: str = self.cleaned_data["creditor"]
        if Organization.objects.filter(name=name).exists():
            raise forms.ValidationError("This client exists already.")
        return name

    def clean_portfolio(self) -> str:
        name: str = self.cleaned_data["portfolio"]
        if Portfolio.objects.filter(name=name).exists():
            raise forms.ValidationError("This portfolio exists already.")
        return name


LicenceFormSet = forms.formset_factory(LicenceForm, extra=3, max_num=60)
