"""What the pages of disputes, scripts and calls for the lead send."""

from __future__ import annotations

import json
from typing import Any

from django import forms

from accounts.models import Portfolio
from core.forms import KeyedForm, MoneyField, TextField
from core.text import TextError, clean
from users.models import User

from . import help_words, parties, services
from .models import HelpWords, ScriptVersion

MOST_TEXT = 200_000


class AnswerForm(KeyedForm):
    outcome = forms.ChoiceField(
        choices=list(services.ANSWERS.items()), widget=forms.RadioSelect, label="What is right?"
    )
    verification_mailed_on = forms.DateField(
        label="Verification mailed on",
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Enter a day, such as 2026-11-27."},
    )
    corrected = MoneyField(label="Right balance", least="0.00", required=False)
    answer = TextField(
        max_length=2000, rows=3, label="Why", help_text="One or two plain sentences. Auditors read this."
    )


class QuestionForm(KeyedForm):
    """What an officer asks the lead."""

    words = TextField(max_length=1000, rows=3, label="What do you want to know?", required=False)


class QuestionAnswerForm(KeyedForm):
    approved = forms.ChoiceField(
        choices=[("yes", "Yes"), ("no", "No"), ("", "Neither, see below")], widget=forms.RadioSelect, required=False,
        label="Answer",
    )  # fmt: skip
    words = TextField(max_length=1000, rows=3, label="In words", required=False)


class ReviewForm(KeyedForm):
    """The review of a pause for distress: ended, or kept until somebody looks again."""

    decision = forms.ChoiceField(
        choices=[("keep", "Keep the pause, look again later"), ("release", "End the pause")],
        widget=forms.RadioSelect, label="Decision",
        error_messages={"required": "Choose whether the pause stays.", "invalid_choice": "Choose one of the two."},
    )  # fmt: skip
    review_on = forms.DateField(
        label="Look again on",
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Enter a day, such as 2026-11-27."},
    )
    reviewer = forms.ModelChoiceField(queryset=User.objects.none(), label="Who looks", required=False)
    words = TextField(max_length=300, rows=3, label="Why")

    def __init__(self, *args: Any, reviewers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reviewer"].queryset = reviewers  # type: ignore[attr-defined]
        self.fields["reviewer"].empty_label = "Me"  # type: ignore[attr-defined]
        self.fields["words"].error_messages["required"] = "Say what was decided, and why."


class PartyRuleForm(KeyedForm):
    """A client's rule: what we may say to somebody around the person. ALL takes the rule back."""

    portfolio = forms.ModelChoiceField(queryset=Portfolio.objects.none(), label="Portfolio")
    party = forms.ChoiceField(
        choices=[(party.code, party.label) for party in parties.PARTIES if party.code not in parties.PERSON],
        label="On the line",
    )  # fmt: skip
    say = forms.ChoiceField(choices=list(parties.SAYS.items()), label="May hear", initial=parties.NOTHING)

    def __init__(self, *args: Any, portfolios: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["portfolio"].queryset = portfolios  # type: ignore[attr-defined]
        self.fields["portfolio"].error_messages["required"] = "Choose a portfolio."


class HelpWordsForm(KeyedForm):
    """The approved words in one language, and who can help: `number | who | when`, one a line."""

    language = forms.ChoiceField(choices=HelpWords.Language.choices, widget=forms.HiddenInput)
    say = TextField(max_length=1000, rows=4, label="What the officer says")
    lines = forms.CharField(
        max_length=1500, widget=forms.Textarea(attrs={"rows": 6}), label="Who can help",
        help_text="One a line: number | who | when",
    )  # fmt: skip

    def clean_lines(self) -> str:
        text = str(self.cleaned_data["lines"]).replace("\r\n", "\n")
        try:
            rows = [clean(row, 300) for row in text.split("\n")]
            help_words.parse("\n".join(rows))
        except (TextError, help_words.HelpWordsError) as error:
            raise forms.ValidationError(str(error)) from error
        return "\n".join(rows)


class VersionForm(forms.Form):
    """The steps of a script: one block of fields each, or all of it as JSON (the field `steps`)."""

    steps = forms.CharField(widget=forms.Textarea, max_length=MOST_TEXT, required=False)
    change_note = TextField(max_length=200, label="What changed", required=False)

    def __init__(self, *args: Any, version: ScriptVersion | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.version = version

    def clean_steps(self) -> list[dict[str, Any]]:
        text = self.cleaned_data["steps"]
        if not text:
            return self._edited()
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError("The steps are not readable.") from error
        if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
            raise forms.ValidationError("The steps are not readable.")
        return data

    def _edited(self) -> list[dict[str, Any]]:
        """The steps of the shown version with the fields that were changed: title, words, coach note, must read."""
        made = []
        for number, row in enumerate(self.version.steps if self.version else []):
            step = dict(row)
            if f"title-{number}" in self.data:
                said = dict(step.get("say", {}))
                for lang in ("en", "es"):
                    if f"say-{lang}-{number}" in self.data:
                        said[lang] = self._text(f"say-{lang}-{number}", 4000)
                step |= {
                    "title": self._text(f"title-{number}", 60),
                    "say": {lang: words for lang, words in said.items() if words},
                    "coach": self._text(f"coach-{number}", 1000),
                    "must_read": f"must-{number}" in self.data,
                }
            made.append(step)
        return made

    def _text(self, name: str, longest: int) -> str:
        return str(TextField(max_length=longest, required=False).clean(self.data.get(name, "")))
