"""Forms of sign-in and of one's own settings."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from core.forms import TextField

from .models import Role, Team, User


class LoginForm(forms.Form):
    username = TextField(max_length=60, label="Name")
    password = forms.CharField(max_length=128, label="Password", widget=forms.PasswordInput, strip=False)

    @property
    def credentials(self) -> dict[str, str]:
        return {"username": self.cleaned_data["username"].lower(), "password": self.cleaned_data["password"]}

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if "\x00" in password:
            raise forms.ValidationError("A password can't contain NUL.")
        return password


class PreferencesForm(forms.Form):
    theme = forms.ChoiceField(choices=User.Theme.choices, required=False)
    density = forms.ChoiceField(choices=User.Density.choices)
    single_keys = forms.BooleanField(required=False, label="Single keys act on their own")
    new_password = forms.CharField(
        required=False,
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        kwargs.setdefault("initial", {"theme": user.theme, "density": user.density, "single_keys": user.single_keys})
        super().__init__(*args, **kwargs)

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        if password:
            validate_password(password, self.user)
        return password


class StaffForm(forms.Form):
    """A person's log-in as an admin sees it."""

    username = forms.RegexField(
        r"^[a-z0-9][a-z0-9._-]{1,59}$",
        max_length=60,
        label="Sign-in name",
        help_text="Small letters, digits, dots",
        error_messages={"invalid": "Use 2 to 60 small letters, digits, dots or hyphens."},
    )
    display_name = TextField(max_length=120, label="Full name")
    email = forms.EmailField(required=False, max_length=254, label="E-mail")
    roles = forms.MultipleChoiceField(
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        label="Roles",
        error_messages={"required": "Give at least one role."},
    )
    teams = forms.ModelMultipleChoiceField(
        queryset=Team.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, label="Teams"
    )
    sign_on_from = forms.TimeField(
        required=False, label="May sign on from", help_text="Where the team works; 24 hours, 08:00"
    )
    sign_on_until = forms.TimeField(required=False, label="until")

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        if person is not None:
            kwargs.setdefault("initial", _facts(person))
        super().__init__(*args, **kwargs)
        field: Any = self.fields["teams"]
        field.queryset = Team.objects.filter(active=True).order_by("name")
        if person is not None:
            del self.fields["username"]

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or {}
        if (facts.get("sign_on_from") is None) != (facts.get("sign_on_until") is None) and not self.errors:
            self.add_error("sign_on_until", "Give both hours, or neither.")
        return facts


def _facts(person: User) -> dict[str, Any]:
    return {
        "display_name": person.display_name,
        "email": person.email,
        "roles": person.role_list,
        "teams": list(person.teams.all()),
        "sign_on_from": person.sign_on_from,
        "sign_on_until": person.sign_on_until,
    }


class CodeForm(forms.Form):
    """A code of the authenticator, or a recovery code."""

    code = TextField(
        max_length=40,
        label="Code",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "text", "spellcheck": "false", "autofocus": True}
        ),
        error_messages={"required": "Type the code."},
    )


class SignInRulesForm(forms.Form):
    """Which roles need a second step."""

    roles = forms.MultipleChoiceField(
        choices=Role.choices, required=False, widget=forms.CheckboxSelectMultiple, label="Roles that need it"
    )
