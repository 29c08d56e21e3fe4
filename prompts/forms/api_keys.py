"""The form for a new API key."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db import models
from django.utils import timezone

from prompts.models import Membership

from .fields import offer

KEY_CONSENT_TEXT = (
    "I confirm for every photo that is sent with this key: the person in it knows that this team "
    "makes pictures of them with this portal, agrees to it, and can withdraw at any time. "
    "Withdrawing deletes the photos and everything made from them."
)


class Scope(models.TextChoices):
    """What a key may do."""

    READ = "read", "Read only"
    WRITE = "write", "Read and write"


class Lifetime(models.TextChoices):
    """For how many days a key opens anything."""

    MONTH = "30", "30 days"
    QUARTER = "90", "90 days"
    YEAR = "365", "One year"
    FOREVER = "", "Until it is revoked"


class ApiKeyForm(forms.Form):
    """Name, scope, lifetime; a key that may write needs a consent."""

    name = forms.CharField(
        label="Name",
        max_length=80,
        help_text="What will use it: “Onboarding script”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scope = forms.ChoiceField(
        label="It may", choices=Scope, initial=Scope.WRITE, widget=forms.RadioSelect
    )
    lifetime = forms.ChoiceField(
        label="It works for", choices=Lifetime, initial=Lifetime.YEAR, required=False
    )
    consent = forms.BooleanField(label=KEY_CONSENT_TEXT, required=False)

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not membership.may_make:
            offer(self, "scope", [(Scope.READ, Scope.READ.label)])
            self.fields["scope"].initial = Scope.READ
            del self.fields["consent"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("scope") == Scope.WRITE and not cleaned.get("consent"):
            message = "A key that may write brings photos: it needs this agreement."
            self.add_error("consent", forms.ValidationError(message, code="required"))
        return cleaned

    def key_fields(self) -> dict[str, Any]:
        """What `ApiKey.objects.create_key` takes."""
        days = self.cleaned_data["lifetime"]
        may_write = self.cleaned_data["scope"] == Scope.WRITE
        return {
            "name": self.cleaned_data["name"],
            "may_write": may_write,
            "expires_at": timezone.now() + dt.timedelta(days=int(days)) if days else None,
            "consent_text": KEY_CONSENT_TEXT if may_write else "",
        }
