"""The form of team headshots."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from prompts.models import Campaign, Preset, Team
from prompts.parameters import BY_NAME

from .fields import offer, offer_rows


class CampaignForm(forms.ModelForm):
    """The style everybody shares, by when, and a word to all."""

    aspect_ratio = forms.ChoiceField(
        label="Shape",
        required=False,
        choices=[("", "As the look has it"), *((c, c) for c in BY_NAME["aspect_ratio"].choices)],
    )

    class Meta:
        model = Campaign
        fields = ("preset", "aspect_ratio", "is_locked", "due_on", "note")
        labels = {
            "preset": "Look",
            "is_locked": "Everybody keeps to this style",
            "due_on": "Finished by",
            "note": "A word to everybody",
        }
        help_texts = {
            "preset": "Your own backdrop is among the looks once it is set under Settings.",
            "is_locked": "Only admins may then make pictures in another style.",
        }
        widgets = {
            "due_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "note": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "preset", Preset.objects.for_team(team))
        # Where the look is gone, none may seem to be chosen.
        is_gone = self.instance.pk is not None and self.instance.preset_id is None
        look = cast("forms.ModelChoiceField[Preset]", self.fields["preset"])
        look.empty_label = "Choose a look" if is_gone else None
        self.instance.team = team


class CampaignFilterForm(forms.Form):
    """Which participants the page shows; anything that makes no sense is left out."""

    step = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)
    q = forms.CharField(required=False, max_length=100)

    def __init__(self, *args: Any, steps: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "step", [("", ""), *steps])

    @property
    def step_wanted(self) -> int | None:
        """The step, or None for everybody."""
        return self.cleaned_data.get("step") if self.is_valid() or self.cleaned_data else None

    @property
    def words(self) -> str:
        """What the name contains."""
        return str(self.cleaned_data.get("q", "")) if hasattr(self, "cleaned_data") else ""
