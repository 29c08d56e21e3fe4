"""What one asks the gallery for: filters, text and order, all of them from the address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from prompts.models import Membership, Pack, Preset, Shoot, Tune, User
from prompts.parameters import STYLES

from .fields import offer, offer_rows

MAX_TEXT = 200
STYLE_CHOICES = [(style, style) for style in STYLES]
ORDERS = (("", "Newest first"), ("oldest", "Oldest first"))
#: Pictures of a text of one's own carry no kind.
OWN_TEXT = ("own", "Own text")


class GalleryForm(forms.Form):
    """The filters of the gallery; what makes no sense is left out, never an error.

    Addresses are kept, sent and typed, and outlive people and presets.
    """

    person = forms.ModelChoiceField(Tune.objects.none(), to_field_name="public_id")
    preset = forms.ModelChoiceField(Preset.objects.none(), to_field_name="slug")
    pack = forms.ModelChoiceField(Pack.objects.none(), to_field_name="public_id")
    shoot = forms.ModelChoiceField(Shoot.objects.none(), to_field_name="public_id")
    kind = forms.ChoiceField(choices=[*Preset.Kind.choices, OWN_TEXT])
    style = forms.ChoiceField(choices=STYLE_CHOICES)
    engine = forms.ChoiceField()
    member = forms.ModelChoiceField(User.objects.none())
    liked = forms.BooleanField()
    final = forms.BooleanField()
    since = forms.DateField()
    until = forms.DateField()
    q = forms.CharField(max_length=MAX_TEXT)
    order = forms.ChoiceField(choices=ORDERS)

    def __init__(self, data: Any, membership: Membership) -> None:
        super().__init__(data)
        offer_rows(self, "person", Tune.objects.visible_to(membership))
        offer_rows(self, "preset", Preset.objects.for_team(membership.team))
        offer_rows(self, "pack", Pack.objects.for_team(membership.team))
        offer_rows(self, "shoot", Shoot.objects.visible_to(membership))
        offer_rows(self, "member", User.objects.filter(memberships__team_id=membership.team_id))
        offer(self, "engine", [(name, name) for name in settings.ENGINES])
        for field in self.fields.values():
            field.required = False

    @property
    def given(self) -> dict[str, Any]:
        """The filters that are set and make sense, by name, in the order of the fields."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
