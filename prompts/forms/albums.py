"""Forms of albums."""

from __future__ import annotations

from django import forms

from prompts.models import Album


class AlbumForm(forms.ModelForm):
    """What an album is called, and a note to those who look at it."""

    class Meta:
        model = Album
        fields = ("title", "note")
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        error_messages = {"title": {"required": "Give the album a name."}}


class PlaceForm(forms.Form):
    """Where a picture of an album goes, counted from 1."""

    place = forms.IntegerField(min_value=1, max_value=100_000)
