"""Forms with which people are invited, and with which they come."""

from __future__ import annotations

import csv
import datetime as dt
import re
from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from prompts.models import INVITED_ROLES, InviteLink, Role, User

from .address_lists import MAX_ENTRIES, Entry, Line, read_pasted, read_table, write_table
from .fields import mail_address, new_password, your_name

#: So many bytes a table may have.
MAX_TABLE = 256 * 1024
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_ROLE_CHOICES = [(role.value, role.label) for role in reversed(INVITED_ROLES)]


def _role_field() -> forms.ChoiceField:
    return forms.ChoiceField(choices=_ROLE_CHOICES, initial=Role.MEMBER.value)


class InviteForm(forms.Form):
    """Addresses as they were pasted; after validation `entries` in `cleaned_data`."""

    addresses = forms.CharField(
        label="E-mail addresses",
        max_length=60_000,
        help_text="One a line, or divided by commas. “Ada &lt;ada@example.com&gt;” is fine too.",
        widget=forms.Textarea(
            attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"},
        ),
    )
    role = _role_field()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "addresses" in cleaned and "role" in cleaned:
            entries, problems = read_pasted(cleaned["addresses"], Role(cleaned["role"]))
            if len(entries) > MAX_ENTRIES:
                problems = [f"{MAX_ENTRIES} addresses are the most at once."]
            for problem in problems[:20]:
                self.add_error("addresses", problem)
            if not entries and not problems:
                self.add_error("addresses", "There is no e-mail address in this.")
            cleaned["entries"] = entries
        return cleaned


class InviteTableForm(forms.Form):
    """A table as a file, or `table` that was read before; after validation `lines`."""

    file = forms.FileField(
        label="CSV file",
        required=False,
        help_text="With the columns email, name and role; name and role may be missing.",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv,text/plain"}),
    )
    table = forms.CharField(required=False, max_length=MAX_TABLE, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        text = cleaned.get("table") or self._content(cleaned.get("file"))
        lines = self._lines(text) if not self.errors else []
        if not self.errors and not lines:
            self.add_error("file", "There is nobody in this file.")
        if len(lines) > MAX_ENTRIES:
            self.add_error("file", f"{MAX_ENTRIES} people are the most at once.")
        cleaned["lines"] = lines
        return cleaned

    def _content(self, file: Any) -> str:
        if not file:
            self.add_error("file", "Choose a file.")
            return ""
        if file.size > MAX_TABLE:
            self.add_error("file", "This file is too large for a list of people.")
            return ""
        data: bytes = file.read()
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            # What spreadsheets of the west write when they do not write UTF-8.
            return data.decode("cp1252", "replace")

    def _lines(self, text: str) -> list[Line]:
        try:
            return read_table(text.replace("\x00", ""))
        except csv.Error:
            self.add_error("file", "This file is no table with commas.")
            return []

    def entries(self) -> list[Entry]:
        """Those who can be invited."""
        return [line.entry for line in self.cleaned_data["lines"] if line.entry]

    def normal_table(self) -> str:
        """The same people, to be sent with the confirmation."""
        return write_table(self.entries())


class LinkLifetime(models.TextChoices):
    """For how many days a link lets people in."""

    DAY = "1", "One day"
    WEEK = "7", "7 days"
    MONTH = "30", "30 days"


class InviteLinkForm(forms.ModelForm):
    """A link that several people may join by."""

    domains = forms.CharField(
        label="Only addresses of",
        required=False,
        max_length=1000,
        help_text="Domains such as example.com, divided by commas. Whoever joins must then open a "
        "mail that is sent to their address. Empty: any address.",
        widget=forms.TextInput(attrs={"placeholder": "example.com", "autocomplete": "off"}),
    )
    max_uses = forms.IntegerField(
        label="For how many people",
        initial=10,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
    )
    lifetime = forms.ChoiceField(label="Ends after", choices=LinkLifetime, initial="7")

    class Meta:
        model = InviteLink
        fields = ("title", "role", "max_uses")
        labels = {"title": "What it is for"}

    field_order = ("title", "role", "domains", "max_uses", "lifetime")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = _role_field()
        self.order_fields(self.field_order)

    def clean_domains(self) -> list[str]:
        words = re.split(r"[\s,;]+", self.cleaned_data["domains"].lower())
        domains = [word.removeprefix("@") for word in words if word]
        for domain in domains:
            if not _DOMAIN.fullmatch(domain):
                raise forms.ValidationError(f"“{domain[:80]}” is no domain.")
        return list(dict.fromkeys(domains))

    def link_fields(self) -> dict[str, Any]:
        """What the new link is made of."""
        cleaned = self.cleaned_data
        days = dt.timedelta(days=int(cleaned["lifetime"]))
        names = ("title", "role", "domains", "max_uses")
        return {name: cleaned[name] for name in names} | {"expires_at": timezone.now() + days}


class JoinForm(forms.Form):
    """A new account for an address that is known already."""

    name = your_name()
    password = new_password()

    def __init__(self, *args: Any, email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known_email = email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        someone = User(email=cleaned.get("email", self.known_email), name=cleaned.get("name", ""))
        if password := cleaned.get("password"):
            try:
                password_validation.validate_password(password, someone)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned


class AddressForm(forms.Form):
    """The address with which somebody wants to join."""

    email = mail_address()

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class JoinWithAddressForm(AddressForm, JoinForm):
    """A new account for an address that is not confirmed."""

    field_order = ("name", "email", "password")

    def clean_email(self) -> str:
        email = super().clean_email()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError("There is an account with this address. Sign in first.")
        return email
