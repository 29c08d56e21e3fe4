"""Fields that several forms share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import URLValidator

MAX_ADDRESS = 2000


def web_address(**options: Any) -> forms.URLField:
    """An address that can be called over http or https."""
    field = forms.URLField(assume_scheme="https", max_length=MAX_ADDRESS, **options)
    others = [v for v in field.validators if not isinstance(v, URLValidator)]
    field.validators = [*others, URLValidator(schemes=("http", "https"))]
    return field
