"""What the work screen sends, refused with a sentence at the field."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms

from accounts.models import Account, ContactPoint
from contacts import budget
from contacts.models import Disposition, Dispute
from core.forms import KeyedForm, MoneyField, TextField
from payments.forms import CHANNELS, DayField
from payments.models import Method, Plan

LONGEST_NOTE = 4000
EVERY = [
    ("", "Once"),
    (Plan.Every.WEEKLY, "Week"),
    (Plan.Every.BIWEEKLY, "2 weeks"),
    (Plan.Every.SEMIMONTHLY, "Half month"),
    (Plan.Every.MONTHLY, "Month"),
]


class MomentField(forms.CharField):
    """A local time as the browser's field sends it: 2026-11-27T14:30. `zone` is set by the form."""

    zone = "UTC"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateTimeInput(attrs={"type": "datetime-local"}))
        super().__init__(max_length=25, **kwargs)

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise forms.ValidationError("Enter a day and time, such as 2026-11-27 14:30.") from error
        return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(self.zone))


def _named(debt: Account) -> str:
    return f"{debt.creditor.name}, {debt.ref}"


if TYPE_CHECKING:
    _One = forms.ModelChoiceField[Account]
    _Several = forms.ModelMultipleChoiceField[Account]
else:
    _One, _Several = forms.ModelChoiceField, forms.ModelMultipleChoiceField


class DebtChoice(_One):
    """One of the person's debts by creditor and reference: no amount, it may stand in a page before the check."""

    def label_from_instance(self, obj: Any) -> str:
        return _named(obj)


class DebtsChoice(_Several):
    """Several of the person's debts, named so."""

    def label_from_instance(self, obj: Any) -> str:
        return _named(obj)


class NoteField(TextField):
    """The note; line breaks are kept as spaces."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_NOTE, rows=2, required=False, **kwargs)


class _Outcome(KeyedForm):
    """What every outcome needs beside which one it is."""

    note = NoteField(label="Note")
    call = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)
    then = forms.ChoiceField(choices=[("next", "next"), ("stay", "stay")], required=False)


class OutcomeForm(_Outcome):
    """An outcome by its code alone."""

    disposition = forms.CharField(max_length=30)


class WrapUpForm(_Outcome):
    disposition = forms.ModelChoiceField(queryset=Disposition.objects.filter(active=True))
    debt = DebtChoice(queryset=Account.objects.none(), label="On", required=False)
    debts = DebtsChoice(queryset=Account.objects.none(), required=False, widget=forms.CheckboxSelectMultiple)
    amount = MoneyField(label="Amount", required=False)
    every = forms.ChoiceField(choices=EVERY, required=False)
    first = DayField(label="First", required=False)
    method = forms.ChoiceField(choices=Method.choices, label="Paid by", initial=Method.LINK, required=False)
    offer = forms.CharField(max_length=20, required=False)
    call_at = MomentField(label="Call back at", required=False)
    written = forms.ChoiceField(choices=[("0", "Spoken: calls"), ("1", "Written: all")], required=False)
    which = forms.ChoiceField(choices=[("all", "All debts"), ("some", "These debts")], required=False)
    attorney_name = TextField(max_length=200, label="Attorney’s name", required=False)
    attorney_phone = TextField(max_length=40, label="Phone", required=False)
    read_back = forms.BooleanField(label="Read back and agreed to", required=False)
    terms_channel = forms.ChoiceField(choices=CHANNELS, label="Written terms by", initial="EMAIL", required=False)
    confirm = forms.BooleanField(label="Send it in writing", required=False)

    def __init__(self, *args: Any, accounts: Sequence[Account], zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = [row.pk for row in accounts]
        rows = Account.objects.filter(pk__in=ids).select_related("creditor", "portfolio").order_by("pk")
        for name in ("debt", "debts"):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        self.fields["disposition"].error_messages["required"] = "Say how it ended."
        self.fields["disposition"].error_messages["invalid_choice"] = "Choose one of the outcomes."
        self.fields["call_at"].zone = zone  # type: ignore[attr-defined]
        self.fields["first"].error_messages["invalid"] = "Enter a day, such as 2026-11-27."


class TermsForm(forms.Form):
    """The calculator: an amount, a rhythm, a first day."""

    amount = MoneyField(required=False)
    every = forms.ChoiceField(choices=EVERY, required=False)
    first = DayField(required=False)
    debt = forms.IntegerField(required=False)


class DisputeForm(KeyedForm):
    debt = DebtChoice(queryset=Account.objects.none(), label="Debt")
    reason = forms.ChoiceField(choices=Dispute.Reason.choices, label="What is wrong?")
    amount = MoneyField(label="Disputed amount", required=False)
    written = forms.ChoiceField(choices=[("0", "Spoken"), ("1", "Written")], initial="0", label="How")
    words = TextField(max_length=1000, label="Their words", required=False)

    def __init__(self, *args: Any, accounts: Sequence[Account], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = [row.pk for row in accounts]
        rows = Account.objects.filter(pk__in=ids).select_related("creditor", "portfolio").order_by("pk")
        self.fields["debt"].queryset = rows  # type: ignore[attr-defined]
        self.fields["debt"].empty_label = None  # type: ignore[attr-defined]
        self.fields["reason"].error_messages["required"] = "Choose what is wrong with the debt."


class PointForm(forms.Form):
    kind = forms.ChoiceField(choices=ContactPoint.Kind.choices, label="What")
    value = TextField(max_length=320, label="Number, e-mail or street")
    use = forms.ChoiceField(choices=ContactPoint.Use.choices, label="Where", initial="MOBILE")
    city = TextField(max_length=80, required=False, label="City")
    state = TextField(max_length=3, required=False, label="State")
    postal_code = TextField(max_length=12, required=False, label="ZIP")
    source = forms.ChoiceField(choices=ContactPoint.Source.choices, label="From", initial="CONSUMER")


class NoteForm(KeyedForm):
    text = TextField(max_length=LONGEST_NOTE, rows=3, label="Note")
    corrects = forms.IntegerField(widget=forms.HiddenInput, required=False)


class BudgetForm(KeyedForm):
    """Income and outgoings: an amount and a rhythm each; empty lines are passed over."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, label in (*budget.INCOME, *budget.OUTGOINGS):
            self.fields[f"amount_{code}"] = MoneyField(label=label, least="0.00", most="99999999.99", required=False)
            self.fields[f"every_{code}"] = forms.ChoiceField(
                choices=budget.EVERY, label=f"{label}, how often", initial="monthly", required=False
            )

    def lines(self) -> list[budget.Line]:
        """What was entered, in the order of the sheet."""
        facts = self.cleaned_data
        return [
            budget.Line(code, facts[f"amount_{code}"], facts[f"every_{code}"] or "monthly")
            for code, _ in (*budget.INCOME, *budget.OUTGOINGS)
            if facts[f"amount_{code}"]
        ]

    def rows(self, group: tuple[tuple[str, str], ...]) -> list[tuple[str, Any, Any]]:
        """Label, amount and rhythm of each line of a group, for the template."""
        return [(label, self[f"amount_{code}"], self[f"every_{code}"]) for code, label in group]

    def income(self) -> list[tuple[str, Any, Any]]:
        return self.rows(budget.INCOME)

    def outgoings(self) -> list[tuple[str, Any, Any]]:
        return self.rows(budget.OUTGOINGS)
