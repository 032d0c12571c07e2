"""What people type about money and days. Every field refuses bad input with a sentence."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms

from accounts.models import Account, Portfolio
from core.forms import KeyedForm, MoneyField, TextField

from .models import Method, Plan, StayInterest
from .return_codes import RETURN_REASONS
from .services.drafting import Terms

if TYPE_CHECKING:
    _OneAccount = forms.ModelChoiceField[Account]
    _Accounts = forms.ModelMultipleChoiceField[Account]
else:
    _OneAccount, _Accounts = forms.ModelChoiceField, forms.ModelMultipleChoiceField

CHANNELS = [("EMAIL", "E-mail"), ("POST", "Mail"), ("SMS", "Text")]


class DayField(forms.DateField):
    """A day as the browser's date field sends it: 2026-11-27, in ASCII digits."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        kwargs.setdefault("error_messages", {"invalid": "Enter a day, such as 2026-11-27."})
        super().__init__(input_formats=["%Y-%m-%d"], **kwargs)

    def to_python(self, value: Any) -> date | None:
        if isinstance(value, str) and not (value.isascii() and value.isprintable() and len(value) <= 10):
            raise forms.ValidationError(self.error_messages["invalid"])
        day = super().to_python(value)
        if day is not None and not 1900 <= day.year < 2200:
            raise forms.ValidationError("Enter a day from 1900 to 2199.")
        return day


class CountField(forms.CharField):
    """A whole number in ASCII digits, 1 to 600."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(max_length=4, **kwargs)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 600):
            raise forms.ValidationError("Enter a number from 1 to 600.")
        return int(text)


class DebtChoice(_OneAccount):
    """One of the person's debts, named by its creditor and balance."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.creditor.name}, {obj.ref}, ${obj.balance:,.2f}"


class DebtsChoice(_Accounts):
    """Several of the person's debts."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.creditor.name}, {obj.ref}, ${obj.balance:,.2f}"


def _rows(accounts: list[Account]) -> Any:
    ids = [account.pk for account in accounts]
    return Account.objects.filter(pk__in=ids).select_related("creditor", "portfolio").order_by("delinquency_date", "pk")


class PaymentForm(KeyedForm):
    debt = DebtChoice(queryset=Account.objects.none(), label="For")
    amount = MoneyField(label="Amount")
    method = forms.ChoiceField(choices=Method.choices, label="Paid by", initial=Method.CARD)
    effective_date = DayField(label="Received on")
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)

    def __init__(self, *args: Any, accounts: list[Account], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = accounts
        self.fields["debt"].queryset = _rows(accounts)  # type: ignore[attr-defined]
        for account in accounts:
            name = f"direct_{account.pk}"
            self.fields[name] = MoneyField(label=f"{account.creditor.name}, {account.ref}", required=False)

    @property
    def wishes(self) -> list[forms.BoundField]:
        """The fields for the person's own wish, when there are several debts."""
        return [self[f"direct_{account.pk}"] for account in self.accounts] if len(self.accounts) > 1 else []

    @property
    def direction(self) -> dict[int, Decimal | None]:
        """Where she wants it: debt id -> amount, only what was filled in."""
        found = {account.pk: self.cleaned_data.get(f"direct_{account.pk}") for account in self.accounts}
        return {debt: amount for debt, amount in found.items() if amount is not None}


class PromiseForm(KeyedForm):
    debt = DebtChoice(queryset=Account.objects.none(), label="On")
    amount = MoneyField(label="Amount")
    due_date = DayField(label="By")
    method = forms.ChoiceField(choices=Method.choices, label="Paid by", initial=Method.LINK)

    def __init__(self, *args: Any, accounts: list[Account], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["debt"].queryset = _rows(accounts)  # type: ignore[attr-defined]


class ReturnForm(KeyedForm):
    code = forms.ChoiceField(choices=[(c, f"{c}: {words}") for c, words in RETURN_REASONS.items()], label="Reason")
    returned_on = DayField(label="Returned on")


class FeeBackForm(KeyedForm):
    reason = TextField(max_length=150, label="Why the fee is taken back")


class ReturnFeeForm(KeyedForm):
    """What the agreements of a portfolio allow for a payment that came back."""

    amount = MoneyField(label="Fee", required=False, help_text="Empty: none")
    agreement = TextField(
        max_length=120, label="Term of the agreement", required=False, help_text="Such as: Card agreement, section 9"
    )


class StayInterestForm(KeyedForm):
    outcome = forms.ChoiceField(
        choices=StayInterest.Outcome.choices, label="How the case ended", widget=forms.RadioSelect
    )
    reason = TextField(max_length=100, label="Why it is posted")


class HeldForm(KeyedForm):
    """Where held money goes. `number` is the application's, so that a second press finds the first one."""

    debt = DebtChoice(queryset=Account.objects.none(), label="Goes to", empty_label=None)
    amount = MoneyField(label="Amount")
    reason = TextField(max_length=200, label="What the person said")
    number = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=30_000)

    def __init__(self, *args: Any, accounts: list[Account], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["debt"].queryset = _rows(accounts)  # type: ignore[attr-defined]


class RetryForm(KeyedForm):
    effective_date = DayField(label="Settles on")


class ReasonForm(KeyedForm):
    reason = TextField(max_length=200, label="Why")


class PlanForm(KeyedForm):
    debts = DebtsChoice(queryset=Account.objects.none(), label="Debts", widget=forms.CheckboxSelectMultiple)
    amount = MoneyField(label="Each payment", required=False)
    count = CountField(label="Payments", required=False)
    end_date = DayField(label="Ends by", required=False)
    every = forms.ChoiceField(choices=Plan.Every.choices, label="How often", initial="biweekly")
    first_date = DayField(label="First payment")
    method = forms.ChoiceField(choices=Method.choices, label="Paid by", initial=Method.LINK)
    first_debt = DebtChoice(queryset=Account.objects.none(), label="Goes to", required=False)
    terms_channel = forms.ChoiceField(
        choices=CHANNELS, label="Written terms by", widget=forms.RadioSelect, initial="EMAIL"
    )
    read_back = forms.BooleanField(label="Read back word for word, and agreed to", required=False)
    heard = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, accounts: list[Account], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("debts", "first_debt"):
            self.fields[name].queryset = _rows(accounts)  # type: ignore[attr-defined]
        self.fields["first_debt"].empty_label = "Shared by balance"  # type: ignore[attr-defined]

    @property
    def terms(self) -> Terms:
        """What was typed, as the service takes it."""
        facts = self.cleaned_data
        return Terms(
            every=facts["every"],
            first_date=facts["first_date"],
            amount=facts["amount"],
            count=facts["count"],
            end_date=facts["end_date"],
            method=facts["method"],
            first_debt=facts["first_debt"].pk if facts["first_debt"] else None,
        )


class BatchForm(KeyedForm):
    name = TextField(max_length=80, label="Name")
    portfolio: "forms.ModelChoiceField[Portfolio]" = forms.ModelChoiceField(
        queryset=Portfolio.objects.none(), label="Portfolio", empty_label=None
    )
    control_total = MoneyField(label="Control total")
    control_count = CountField(label="Number of payments", required=False)
    received_on = DayField(label="Received on")

    def __init__(self, *args: Any, portfolios: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["portfolio"].queryset = portfolios  # type: ignore[attr-defined]


class LineForm(KeyedForm):
    reference = TextField(max_length=80, label="Reference")
    amount = MoneyField(label="Amount")
    method = forms.ChoiceField(choices=Method.choices, label="Paid by", initial=Method.CHECK)


class QuoteForm(KeyedForm):
    good_through = DayField(label="Good through")


class AsOfForm(forms.Form):
    on = DayField(label="As of", required=False)
    known_on = DayField(label="As known on", required=False)
