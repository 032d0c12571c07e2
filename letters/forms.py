"""Forms of letters: choosing and sending one, the words of a template, decisions about a message."""

from typing import Any

from django import forms

from core.forms import KeyedForm, TextField
from core.text import TextError, clean


class SendForm(KeyedForm):
    """Which letter, about which debt. The choices are what the page offered."""

    template = forms.ChoiceField(label="Letter")
    debt = forms.ChoiceField(label="Debt")

    def __init__(self, *args: Any, templates: list[str], debts: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, values in (("template", templates), ("debt", debts)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [(v, v) for v in values]
            field.error_messages["invalid_choice"] = "That one can't be sent now. Choose another."


class BodyField(forms.CharField):
    """The words of a template: lines kept, no control characters."""

    def to_python(self, value: Any) -> str:
        text = (super().to_python(value) or "").replace("\r\n", "\n")
        if len(text) > 20_000:
            raise forms.ValidationError("Use at most 20,000 characters.")
        try:
            return clean(text, 20_000, multiline=True)
        except TextError as wrong:
            raise forms.ValidationError(str(wrong)) from wrong


class WordsForm(forms.Form):
    """Subject and body in one language, and what changed."""

    subject = TextField(label="Heading", max_length=200, required=False)
    body = BodyField(
        label="Body", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "true"})
    )
    note = TextField(label="What changed", max_length=200, required=False)


class DecisionForm(KeyedForm):
    """What became of a message that nobody knew about."""

    went_out = forms.ChoiceField(
        label="What became of it",
        choices=[("yes", "It went out"), ("no", "It did not go out")],
        widget=forms.RadioSelect,
    )
    reason = TextField(label="How you know", max_length=300)


class AgainForm(KeyedForm):
    """Send it again; nothing to fill in."""


PRETEND = {
    "post": (("delivered", "It arrived"), ("returned", "The post returned it")),
    "email": (("delivered", "It arrived"), ("bounced", "It bounced"), ("stop", "Answers STOP")),
    "sms": (
        ("delivered", "It arrived"), ("failed", "It did not arrive"), ("stop", "Answers STOP"),
        ("help", "Answers HELP"), ("reply", "Answers in words"),
    ),
}  # fmt: skip


class PretendForm(KeyedForm):
    """What the provider of a local fake is to say."""

    what = forms.ChoiceField(label="What happens")

    def __init__(self, *args: Any, channel: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["what"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(PRETEND.get(channel, ()))
