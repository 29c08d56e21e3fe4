"""What people say of themselves."""

from __future__ import annotations

from typing import Any

from django import forms

from prompts.models import Image, Membership, User

from .fields import offer_rows


class ProfileForm(forms.ModelForm):
    """How others see the name."""

    class Meta:
        model = User
        fields = ("name",)
        labels = {"name": "Your name"}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True


class MemberPictureForm(forms.Form):
    """One of one's own headshots, or none: then the initials stand there."""

    #: So many are offered, the finals first.
    OFFERED = 24

    picture = forms.ModelChoiceField(
        Image.objects.none(), to_field_name="public_id", required=False, empty_label=None
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = own_headshots(membership)
        offer_rows(self, "picture", self.choices)

    def offered(self) -> list[Image]:
        """Those the page shows to choose from."""
        rows = self.choices.select_related("tune")[: self.OFFERED * 4]
        finals_first = sorted(rows, key=lambda image: image.tune.final_image_id != image.pk)
        return finals_first[: self.OFFERED]


def own_headshots(membership: Membership) -> Any:
    """The member's pictures in this team, newest first."""
    images = Image.objects.present().filter(team_id=membership.team_id)
    return images.filter(tune__owner_id=membership.user_id).order_by("-id")
