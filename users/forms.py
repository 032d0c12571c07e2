"""Forms of sign-in and of one's own settings."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from core.forms import TextField

from .models import User


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
        kwargs.setdefault(
            "initial", {"theme": user.theme, "density": user.density, "single_keys": user.single_keys}
        )
        super().__init__(*args, **kwargs)

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        if password:
            validate_password(password, self.user)
        return password
