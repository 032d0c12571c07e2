"""What people type about restrictions, licences, rules and questions about the past."""

import re
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from accounts.models import Account, ContactPoint, Debtor, Licence
from core import formats
from core.forms import KeyedForm, TextField

from .models import Channel, Hold

CALLED = [("call", "Call"), ("sms", "Text"), ("email", "E-mail"), ("letter", "Letter")]
MEDIA = [
    ("call", "Calls"), ("sms", "Texts"), ("email", "E-mails"), ("letter", "Letters"),
    ("all_electronic", "Everything electronic"),
]  # fmt: skip
SCOPES = [
    ("call", "A call before seven days are over"), ("sms", "Texts"), ("email", "E-mails"),
    ("ecomm", "Electronic messages (DC)"), ("tcpa", "Automatic calls and texts"),
]  # fmt: skip
DAYS = [("0", "Mon"), ("1", "Tue"), ("2", "Wed"), ("3", "Thu"), ("4", "Fri"), ("5", "Sat"), ("6", "Sun")]
LANGUAGES = [("en", "English"), ("es", "Spanish")]
_PERSON = re.compile(r"(?:P-)?(\d{1,12})\Z", re.IGNORECASE | re.ASCII)


class DayField(forms.DateField):
    """A day as the browser's date field sends it: 2026-11-27, in ASCII digits."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        kwargs.setdefault("error_messages", {"invalid": "Enter a day, such as 2026-11-27."})
        super().__init__(input_formats=["%Y-%m-%d"], **kwargs)

    def to_python(self, value: Any) -> date | None:
        if isinstance(value, str) and not (value.isascii() and value.isprintable() and len(value) <= 10):
            raise forms.ValidationError(self.error_messages["invalid"])
        return super().to_python(value)


class ClockField(forms.TimeField):
    """A time of day: 17:00 or 17:00:30."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
        kwargs.setdefault("error_messages", {"invalid": "Enter a time, such as 17:00."})
        super().__init__(input_formats=["%H:%M", "%H:%M:%S"], **kwargs)

    def to_python(self, value: Any) -> time | None:
        if isinstance(value, str) and not value.isascii():
            raise forms.ValidationError(self.error_messages["invalid"])
        return super().to_python(value)


class PersonField(forms.CharField):
    """A person by reference, such as P-204817; the cleaned value is the id."""

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        found = _PERSON.match(text.strip())
        if found is None:
            raise forms.ValidationError("Enter a person's reference, such as P-204817.")
        return int(found.group(1))


class PointChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        shown = formats.phone(obj.value) if obj.kind == ContactPoint.Kind.PHONE else obj.value
        return f"{shown} ({obj.get_use_display()}, {obj.get_status_display().lower()})"


class DebtsChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.creditor.name}, {obj.ref}"


class CouldWeForm(forms.Form):
    """Could we have contacted this person so, at that minute of their own clock?"""

    person = PersonField(label="Person", max_length=20)
    channel = forms.ChoiceField(choices=CALLED)
    number = TextField(label="Number or address", max_length=320, required=False)
    day = DayField(label="Day")
    minute = ClockField(label="Time, on their clock")

    def moment(self, zone: ZoneInfo) -> datetime:
        """The instant that was asked about."""
        return datetime.combine(self.cleaned_data["day"], self.cleaned_data["minute"], tzinfo=zone)


class OfPerson(KeyedForm):
    """A form about one person: fields that choose from her debts and her contact points."""

    def __init__(self, *args: Any, debtor: Debtor, accounts: list[Account], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = f"{type(self).__name__.removesuffix('Form').lower()}_%s"
        ids = [a.pk for a in accounts]
        if "debts" in self.fields:
            self.fields["debts"].queryset = Account.objects.filter(pk__in=ids).select_related("creditor")  # type: ignore[attr-defined]
        if "point" in self.fields:
            self.fields["point"].queryset = ContactPoint.objects.filter(debtor=debtor).order_by("kind", "pk")  # type: ignore[attr-defined]


class HoldForm(OfPerson):
    kind = forms.ChoiceField(label="Reason", choices=Hold.Kind.choices)
    debts = DebtsChoice(
        queryset=Account.objects.none(), required=False, label="Which debts", widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: all of them.",
    )  # fmt: skip
    until = DayField(label="Until (that day is free again)", required=False)
    reason = TextField(label="What we know", max_length=300, rows=2)


class LiftForm(KeyedForm):
    reason = TextField(label="Why it ends", max_length=300)


class CeaseForm(OfPerson):
    written = forms.ChoiceField(
        label="How it reached us", choices=[("yes", "In writing"), ("no", "Spoken")], widget=forms.RadioSelect
    )
    debts = DebtsChoice(
        queryset=Account.objects.none(), required=False, label="Which debts", widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: all of them.",
    )  # fmt: skip
    words = TextField(label="Their words", max_length=300, rows=2)


class TimesForm(OfPerson):
    """Not at these times; `start` to `end`, the end exclusive."""

    days = forms.MultipleChoiceField(
        choices=DAYS, required=False, widget=forms.CheckboxSelectMultiple, help_text="None chosen: every day."
    )
    start = ClockField(label="From")
    end = ClockField(label="To")
    words = TextField(label="Their words", max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("start") and data.get("end") and minutes(data["start"]) >= (minutes(data["end"]) or 1440):
            self.add_error("end", "The end comes after the start. For a night, record two times.")
        return data


class EmployerForm(OfPerson):
    words = TextField(label="Their words", max_length=300)


class ConsentForm(OfPerson):
    scope = forms.ChoiceField(label="To what", choices=SCOPES)
    point = PointChoice(queryset=ContactPoint.objects.none(), required=False, label="For which", empty_label="All")
    written = forms.BooleanField(label="In writing", required=False)
    evidence = TextField(label="Evidence", max_length=300, help_text="Where it can be found: call, letter, form.")


class OptOutForm(OfPerson):
    medium = forms.ChoiceField(label="Not by", choices=MEDIA)
    point = PointChoice(queryset=ContactPoint.objects.none(), required=False, label="For which", empty_label="All")
    words = TextField(label="Their words", max_length=300, required=False)


class CareForm(OfPerson):
    language = forms.ChoiceField(choices=LANGUAGES)
    vulnerability = TextField(label="What helps", max_length=200, required=False, help_text="No diagnosis.")
    review_on = DayField(label="Look at it again on", required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("vulnerability") and not data.get("review_on"):
            self.add_error("review_on", "Say when somebody looks at this again.")
        return data


class WithdrawForm(KeyedForm):
    reason = TextField(label="Why it ends", max_length=300)


class OverrideForm(KeyedForm):
    channel = forms.ChoiceField(choices=Channel.choices)
    reason = TextField(label="Why it is right to act", max_length=300, rows=2)


class LicenceForm(forms.ModelForm):  # type: ignore[type-arg]
    state = TextField(max_length=3, help_text="Two letters, such as TX.")
    number = TextField(label="License number", max_length=60)
    valid_from = DayField(label="Valid from")
    valid_until = DayField(label="Last valid day", required=False)
    wording = TextField(label="Words on letters", max_length=300, required=False)

    class Meta:
        model = Licence
        fields = ("state", "number", "valid_from", "valid_until", "wording")

    def clean_state(self) -> str:
        state = str(self.cleaned_data["state"]).strip().upper()
        if not re.fullmatch(r"[A-Z]{2,3}", state):
            raise forms.ValidationError("Enter the state's letters, such as TX.")
        return state

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("valid_from"), data.get("valid_until")
        if first and last and last < first:
            self.add_error("valid_until", "The last day comes after the first.")
        return data


def minutes(value: time) -> int:
    """Minutes of the day."""
    return value.hour * 60 + value.minute
