"""The first visitor's form."""

from __future__ import annotations

from django import forms
from django.contrib.auth import password_validation

from prompts.models import User

from .fields import mail_address, new_password, your_name


class SetupForm(forms.Form):
    """Creates the first team and its owner."""

    team_name = forms.CharField(label="Team", max_length=120)
    name = your_name()
    email = mail_address()
    password = new_password()

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        someone = User(
            email=self.cleaned_data.get("email", ""), name=self.cleaned_data.get("name", "")
        )
        password_validation.validate_password(password, someone)
        return password
