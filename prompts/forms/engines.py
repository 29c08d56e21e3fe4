"""The form of a team's engine and its account at Astria."""

from __future__ import annotations

from typing import Any

import httpx
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from prompts.engines.errors import EngineError
from prompts.engines.handoff import Account
from prompts.engines.registry import get_engine, get_handoff_engine, hands_over
from prompts.models import ASTRIA_URL, AstriaAccount, Team
from prompts.parameters import BY_NAME

from .fields import offer

LOCAL_ENGINE, REMOTE_ENGINE = "studio", "astria"


def engine_choices(team: Team) -> list[tuple[str, str]]:
    """Name and label of the engines a team may choose, and of the one it has."""
    names = [LOCAL_ENGINE, REMOTE_ENGINE, team.engine]
    return [
        (name, get_engine(name).label) for name in dict.fromkeys(names) if name in settings.ENGINES
    ]


def _choices_of(name: str) -> list[tuple[str, str]]:
    return [("", "Astria’s own"), *((value, value) for value in BY_NAME[name].choices)]


def _address(value: str) -> str:
    """An http(s) address without what follows its path; "" stays ""."""
    if not value:
        return ""
    URLValidator(schemes=["http", "https"])(value)
    url = httpx.URL(value)
    if url.userinfo or url.query or url.fragment:
        raise ValidationError("Only the address itself, without name, “?” or “#”.")
    return value.rstrip("/")


class EngineForm(forms.ModelForm):
    """Where the team's pictures are made, and the Astria account for it.

    A new key, and any key for a new address, is tried at Astria before it is accepted: `holder`
    then tells whose it is. A key that is kept never goes to another address than before.
    """

    engine = forms.ChoiceField(label="Engine", widget=forms.RadioSelect)
    new_key = forms.CharField(
        label="Astria key",
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="From your account at Astria. It is tried before it is saved, kept encrypted, "
        "and never shown again.",
    )
    scheduler = forms.ChoiceField(
        label="Default scheduler", required=False, choices=_choices_of("scheduler")
    )
    backend_version = forms.ChoiceField(
        label="Default backend version", required=False, choices=_choices_of("backend_version")
    )

    class Meta:
        model = AstriaAccount
        fields = ("scheduler", "backend_version", "base_url", "callback_base")
        labels = {"base_url": "Astria’s address", "callback_base": "Public address of this portal"}
        help_texts = {
            "base_url": "Another portal’s gateway works too: https://portal.example.com/api. "
            "A new address needs the key again.",
            "callback_base": "Where Astria reaches this portal to say that something is done. "
            "Empty: Astria is asked from time to time.",
        }

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team
        self.holder = ""
        offer(self, "engine", engine_choices(team))
        self.fields["engine"].initial = team.engine
        self.fields["base_url"].required = False
        self.fields["callback_base"].widget.attrs["placeholder"] = (
            settings.PUBLIC_URL or "https://headshots.example.com"
        )

    def clean_base_url(self) -> str:
        return _address(self.cleaned_data["base_url"]) or ASTRIA_URL

    def clean_callback_base(self) -> str:
        return _address(self.cleaned_data["callback_base"])

    def clean_new_key(self) -> str:
        key = str(self.cleaned_data["new_key"]).strip()
        if not key.isascii() or not key.isprintable() or " " in key:
            raise ValidationError("A key has only letters, digits and signs, and no spaces.")
        return key

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        if not cleaned["new_key"] and self.instance.key and "base_url" in self.changed_data:
            self.add_error("new_key", "The new address needs the key again.")
        elif cleaned["new_key"]:
            self._try_key(cleaned["base_url"], cleaned["new_key"])
        elif hands_over(cleaned["engine"]) and not self.instance.key:
            self.add_error("new_key", "Astria needs a key.")
        return cleaned

    def _try_key(self, base_url: str, key: str) -> None:
        try:
            self.holder = get_handoff_engine(REMOTE_ENGINE).check(Account(base_url, key))
        except EngineError as error:
            self.add_error("new_key", f"The key was tried and not saved. {error.message}")
