"""The first visitor's form."""

from __future__ import annotations

from django import forms
from django.contrib.auth import password_validation

from prompts.models import User


class SetupForm(forms.Form):
    """Creates the first team and its owner."""

    team_name = forms.CharField(label="Team", max_length=120)
    name = forms.CharField(
        label="Your name",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = forms.CharField(
        label="Password",
        help_text="At least 10 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        someone = User(
            email=self.cleaned_data.get("email", ""), name=self.cleaned_data.get("name", "")
        )
        password_validation.validate_password(password, someone)
        return password
