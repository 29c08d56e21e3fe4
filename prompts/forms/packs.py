"""Forms of packs, and of running them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.text import slugify

from prompts.models import Pack, Preset, Tune
from prompts.parameters import MAX_IMAGES

from .fields import offer_rows

#: People a pack is run over at once.
MAX_PEOPLE = 50


class PackForm(forms.ModelForm):
    """What a pack is called; its slug follows from the title where none is given.

    Addresses of the gateway name packs by slug or number, so no slug is a number.
    """

    slug = forms.SlugField(max_length=60, required=False)

    class Meta:
        model = Pack
        fields = ("title", "subtitle", "slug", "main_class_name")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        slug = cleaned.get("slug") or slugify(cleaned.get("title", ""))[:50] or "pack"
        if slug.isdigit():
            if cleaned.get("slug"):
                self.add_error("slug", forms.ValidationError("must not be a number", code="number"))
            slug = f"pack-{slug}"
        if "slug" not in self.errors:
            cleaned["slug"] = slug
            self._check_unique(slug, given=bool(self.data.get("slug")))
        return cleaned

    def _check_unique(self, slug: str, *, given: bool) -> None:
        taken = set(Pack.objects.for_team(self.instance.team).values_list("slug", flat=True))
        if slug not in taken:
            return
        if given:
            self.add_error("slug", forms.ValidationError("has already been taken", code="taken"))
            return
        number = next(n for n in range(2, len(taken) + 3) if f"{slug}-{n}" not in taken)
        self.cleaned_data["slug"] = f"{slug}-{number}"


class RunPackForm(forms.Form):
    """Whom to run a pack over, with which of its presets, and how many images of each."""

    tunes = forms.ModelMultipleChoiceField(
        label="People",
        queryset=Tune.objects.none(),
        to_field_name="public_id",
        error_messages={"required": "Choose at least one person."},
    )
    presets = forms.ModelMultipleChoiceField(
        label="Looks",
        queryset=Preset.objects.none(),
        to_field_name="slug",
        error_messages={"required": "Choose at least one look."},
    )
    num_images = forms.TypedChoiceField(
        label="Images of each look",
        coerce=int,
        initial=2,
        choices=[(n, str(n)) for n in range(1, MAX_IMAGES + 1)],
    )

    def __init__(
        self, *args: Any, tunes: QuerySet[Tune], presets: Sequence[Preset], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "tunes", tunes.select_related("team"))
        rows = Preset.objects.filter(pk__in=[preset.pk for preset in presets])
        offer_rows(self, "presets", rows)
        self.fields["presets"].initial = [preset.slug for preset in presets]

    def clean_tunes(self) -> QuerySet[Tune]:
        tunes: QuerySet[Tune] = self.cleaned_data["tunes"]
        if tunes.count() > MAX_PEOPLE:
            raise forms.ValidationError(f"At most {MAX_PEOPLE} people at once.", code="max")
        return tunes
