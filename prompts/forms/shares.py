"""Forms of shares, and of what guests leave under one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone

from prompts.models import Share, User
from prompts.models.shares import ShareQuerySet

from .fields import offer_rows


class Lifetime(models.TextChoices):
    """For how many days a link opens anything."""

    WEEK = "7", "7 days"
    MONTH = "30", "30 days"
    QUARTER = "90", "90 days"
    YEAR = "365", "One year"
    NEVER = "never", "Never: until it is revoked"


class ShareForm(forms.ModelForm):
    """What a link shows and allows. An empty address becomes a random one."""

    KEEP = ("", "As it is now")

    password = forms.CharField(
        required=False,
        min_length=4,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    remove_password = forms.BooleanField(label="Take the password away", required=False)
    lifetime = forms.ChoiceField(label="Ends after", choices=Lifetime, initial=Lifetime.MONTH)

    class Meta:
        model = Share
        fields = ("title", "note", "slug", "downloads", "show_recipe", "takes_picks")
        widgets = {"note": forms.Textarea(attrs={"rows": 2})}
        error_messages = {"slug": {"unique": "This address is taken."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slug = self.fields["slug"]
        slug.required, slug.show_hidden_initial = False, False
        slug.help_text = "Leave it empty for one that nobody can guess."
        if self.instance.pk is None:
            self.initial["slug"] = ""
            del self.fields["remove_password"]
            return
        slug.help_text = "Once changed, the old address is dead."
        self.fields["lifetime"] = forms.ChoiceField(
            label="Ends after, from today", choices=[self.KEEP, *Lifetime.choices], required=False
        )
        if end := self.instance.expires_at:
            self.fields["lifetime"].help_text = f"Now it ends on {end.day} {end:%B %Y}."
        if self.instance.has_password:
            self.fields["password"].label = "New password"
            self.fields["password"].help_text = "Leave it empty to keep the present one."
        else:
            del self.fields["remove_password"]

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        return slug or self.instance.slug

    @property
    def new_password(self) -> str | None:
        """What becomes the password: "" for none from now on, None for the one there is."""
        if plain := self.cleaned_data["password"]:
            return str(plain)
        return "" if self.cleaned_data.get("remove_password") else None

    @property
    def changed_columns(self) -> list[str]:
        """The columns that get another value, but for the password's."""
        columns = [name for name in self.Meta.fields if name in self.changed_data]
        return [*columns, "expires_at"] if self.cleaned_data["lifetime"] else columns

    def save(self, commit: bool = False) -> Share:
        """The share as asked for, but for its password; flows write it."""
        share: Share = super().save(commit=False)
        if lifetime := self.cleaned_data["lifetime"]:
            days = None if lifetime == Lifetime.NEVER else int(lifetime)
            share.expires_at = timezone.now() + dt.timedelta(days=days) if days else None
        return share


class ShareFilterForm(forms.Form):
    """Which links the list shows; nonsense shows all. `authors` is empty for who sees only own."""

    state = forms.ChoiceField(
        label="State", required=False, choices=[("", "Every state"), *Share.State.choices]
    )
    author = forms.ModelChoiceField(
        User.objects.none(), label="By", required=False, empty_label="Everybody"
    )

    def __init__(self, *args: Any, authors: QuerySet[User] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if authors is None:
            del self.fields["author"]
        else:
            offer_rows(self, "author", authors)

    def narrow(self, shares: ShareQuerySet) -> ShareQuerySet:
        """Those that were asked for."""
        self.is_valid()
        if state := self.cleaned_data.get("state"):
            shares = shares.in_state(state)
        if author := self.cleaned_data.get("author"):
            shares = shares.filter(author=author)
        return shares

    @property
    def is_set(self) -> bool:
        """Whether anything is left out."""
        return any(self.cleaned_data.values())


class PickForm(forms.Form):
    """A guest's name, and words to the favourites with these public ids."""

    name = forms.CharField(max_length=80, label="Your name")

    def __init__(self, *args: Any, ids: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ids = ids
        for id in ids:
            self.fields[f"comment-{id}"] = forms.CharField(max_length=1000, required=False)

    def comments(self) -> dict[str, str]:
        """Public id → comment."""
        return {id: self.cleaned_data[f"comment-{id}"] for id in self.ids}
