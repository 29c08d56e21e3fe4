"""Forms of a team's settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from prompts.imaging import RefusedImage, clean_input_image
from prompts.models import Team


class TeamForm(forms.ModelForm):
    """The team's name, and how its gateway takes repeated calls."""

    class Meta:
        model = Team
        fields = ("name", "api_idempotency")
        labels = {"api_idempotency": "Programs make nothing twice"}
        help_texts = {
            "api_idempotency": "A person with the same title, or a prompt with the same values, "
            "that a program sends again through the API is not made a second time."
        }


class NewTeamForm(forms.ModelForm):
    """Another team."""

    class Meta:
        model = Team
        fields = ("name",)


class BackdropForm(forms.Form):
    """The backdrop that everybody's headshot of the team shares: a colour, a picture, or both.

    After validation `picture` in `cleaned_data` is the clean JPEG's bytes, or None.
    """

    color = forms.CharField(
        label="Colour",
        required=False,
        max_length=7,
        help_text="As #rrggbb. Empty: no colour of your own.",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z", "Write the colour as #rrggbb: #0b3d91.")],
        widget=forms.TextInput(attrs={"placeholder": "#0b3d91", "autocomplete": "off"}),
    )
    picture = forms.FileField(
        label="Picture",
        required=False,
        help_text="Your lobby, your stand, a pattern. JPEG, PNG, WebP or HEIC.",
    )
    remove_picture = forms.BooleanField(label="Remove the picture", required=False)

    def __init__(self, *args: Any, in_use: str = "", **kwargs: Any) -> None:
        """`in_use`: "color" or "picture" for what team headshots are made with; it must stay."""
        super().__init__(*args, **kwargs)
        self.in_use = in_use

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        leaves_picture = cleaned.get("remove_picture") and not cleaned.get("picture")
        going = {"color": cleaned.get("color") == "", "picture": bool(leaves_picture)}
        if going.get(self.in_use):
            words = "Team headshots are made with it. Give them another look first."
            self.add_error(self.in_use, words)
        return cleaned

    def clean_color(self) -> str:
        return str(self.cleaned_data["color"]).lower()

    def clean_picture(self) -> bytes | None:
        file: Any = self.cleaned_data["picture"]
        if not file:
            return None
        try:
            return clean_input_image(file, name=file.name).data
        except RefusedImage as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.code) from refusal
