"""Fields that several forms share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import QuerySet

from prompts.fetching import FetchRefused
from prompts.fetching.links import is_allowed, parse_link

MAX_ADDRESS = 2000


class WebAddressValidator(URLValidator):
    """Any public host, and those of `settings.FETCH_ALLOWED_HOSTS`, which may have a bare name."""

    def __call__(self, value: str) -> None:
        try:
            super().__call__(value)
        except ValidationError:
            if not _is_opened(value):
                raise


def _is_opened(address: str) -> bool:
    try:
        return is_allowed(parse_link(address))
    except FetchRefused:
        return False


def web_address(**options: Any) -> forms.URLField:
    """An address that can be called over http or https."""
    field = forms.URLField(assume_scheme="https", max_length=MAX_ADDRESS, **options)
    others = [v for v in field.validators if not isinstance(v, URLValidator)]
    field.validators = [*others, WebAddressValidator(schemes=("http", "https"))]
    return field


def your_name() -> forms.CharField:
    """What somebody with a new account is called."""
    return forms.CharField(
        label="Your name",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


def mail_address() -> forms.EmailField:
    """The visitor's own address."""
    return forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


def new_password() -> forms.CharField:
    """A password to be; the form validates it for whom it is."""
    return forms.CharField(
        label="Password",
        max_length=1000,
        help_text="At least 10 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )


def offer(form: forms.BaseForm, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """Gives a field of a form its choices; each is a value, or a group's name, and what it says."""
    cast(forms.ChoiceField, form.fields[name]).choices = list(choices)


def offer_rows(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    """Gives a field of a form the rows that can be chosen."""
    cast("forms.ModelChoiceField[Any]", form.fields[name]).queryset = rows
