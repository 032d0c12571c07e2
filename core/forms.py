"""Form fields that refuse bad input with a sentence at the field."""

from decimal import Decimal
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString

from . import idempotency
from .money import MoneyError, parse_money
from .text import TextError, clean


class PlainTextarea(forms.Textarea):
    """A text area without a template of its own: rendering that costs as much as a whole section of a page."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        found = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        return format_html("<textarea{}>\n{}</textarea>", found, self.format_value(value) or "")


class TextField(forms.CharField):
    """Text without NUL, lone surrogates or bidi controls, in NFC, at most `max_length` characters.

    `rows` gives it room on the screen; only with `lines` are its line breaks kept.
    """

    def __init__(self, *, max_length: int = 200, rows: int = 0, lines: bool = False, **kwargs: Any) -> None:
        self.cleaned_length, self.lines = max_length, lines
        if rows:
            kwargs.setdefault("widget", PlainTextarea(attrs={"rows": rows}))
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        if len(text) > self.cleaned_length:
            raise forms.ValidationError(f"Use at most {self.cleaned_length} characters.")
        try:
            return clean(text, self.cleaned_length, multiline=self.lines)
        except TextError as error:
            raise forms.ValidationError(str(error)) from error


class MoneyField(forms.CharField):
    """An amount: ASCII digits, at most two decimals, between `least` and `most`."""

    def __init__(
        self, *, least: str = "0.01", most: str = "9999999999.99", strip_symbol: bool = True, **kwargs: Any
    ) -> None:
        self.least, self.most = Decimal(least), Decimal(most)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(max_length=20, **kwargs)

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            amount = parse_money(text)
        except MoneyError as error:
            raise forms.ValidationError(str(error)) from error
        if not self.least <= amount <= self.most:
            raise forms.ValidationError(f"Enter an amount from ${self.least:,.2f} to ${self.most:,.2f}.")
        return amount


class KeyedForm(forms.Form):
    """A form whose POST has its effect once: it carries the hidden key that `@idempotent` asks for."""

    idempotency_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=255)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["idempotency_key"].initial = idempotency.new_key()
