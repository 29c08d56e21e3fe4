"""Forms of the delivery log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet

from prompts.models import ApiKey, Delivery, DeliveryStatus

from .fields import offer, web_address


class DeliveryFilterForm(forms.Form):
    """Which deliveries the log shows; nonsense shows all."""

    status = forms.ChoiceField(
        label="State", required=False, choices=[("", "Every state"), *DeliveryStatus.choices]
    )
    event = forms.ChoiceField(
        label="About", required=False, choices=[("", "Everything"), *Delivery.Event.choices]
    )

    def narrow(self, rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Those that were asked for."""
        if not self.is_valid():
            return rows.all()
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return rows.filter(**given)


class PingForm(forms.Form):
    """A test message: where to, and whose signature."""

    key = forms.ChoiceField(label="Signed by")
    url = web_address(
        label="To",
        widget=forms.URLInput(attrs={"placeholder": "https://example.com/astria", "size": 40}),
    )

    def __init__(self, *args: Any, keys: Sequence[ApiKey], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(key.public_id, key.name) for key in keys]
        offer(self, "key", choices)
        self.has_keys = bool(choices)
