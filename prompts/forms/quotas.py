"""Forms of the limits: a team's, and those of one member that differ."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from prompts.models import Quota

GIGABYTE = 1024**3
MOST_IMAGES, MOST_TUNES, MOST_GIGABYTES = 1_000_000, 100_000, 1_000_000


def _number(label: str, help_text: str, most: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=most, help_text=help_text
    )


class TeamQuotaForm(forms.Form):
    """What holds for everybody in the team; empty is no limit. `storage` becomes bytes."""

    images = _number(
        "Pictures for each member and month",
        "Months are in UTC. What fails or is cancelled is given back, what is deleted is not.",
        MOST_IMAGES,
    )
    tunes = _number("People for each member", "Deleting one makes room.", MOST_TUNES)
    storage = forms.DecimalField(
        label="Storage for the team, in GB",
        required=False,
        min_value=Decimal("0.01"),
        max_value=MOST_GIGABYTES,
        decimal_places=2,
        help_text="Photos and pictures with their small copies, those in the trash too.",
        widget=forms.NumberInput(attrs={"step": "any"}),
    )

    @staticmethod
    def initial_of(quota: Quota | None) -> dict[str, Any]:
        """The present values as the form shows them."""
        if quota is None:
            return {}
        stored = quota.storage
        gigabytes = None if stored is None else round(Decimal(stored) / GIGABYTE, 2).normalize()
        return {
            "images": quota.images,
            "tunes": quota.tunes,
            "storage": None if gigabytes is None else format(gigabytes, "f"),
        }

    def clean_storage(self) -> int | None:
        given: Decimal | None = self.cleaned_data["storage"]
        return None if given is None else int(given * GIGABYTE)


class MemberQuotaForm(forms.Form):
    """What differs for one member; empty is as for everybody."""

    images = _number("Pictures a month", "Empty: as for everybody.", MOST_IMAGES)
    tunes = _number("People", "Empty: as for everybody.", MOST_TUNES)
