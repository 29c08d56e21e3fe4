"""The form of a team's retention periods."""

from __future__ import annotations

from typing import Any

from django import forms

from prompts.models import Team

#: A shorter period would delete what people are still working with.
SHORTEST_DAYS, LONGEST_DAYS = 30, 3650


class RetentionForm(forms.ModelForm):
    """Days until what is old is deleted; an empty field keeps it."""

    class Meta:
        model = Team
        fields = ("photos_kept_days", "people_kept_days", "pictures_kept_days")
        labels = {
            "photos_kept_days": "Photos, days after training",
            "people_kept_days": "People, days after their last prompt",
            "pictures_kept_days": "Pictures, days after they were made",
        }
        help_texts = {
            "photos_kept_days": "The pictures stay; for more the photos are uploaded again.",
            "people_kept_days": "With everything made from their photos.",
            "pictures_kept_days": "They go to the trash for 30 days. Those that were chosen, stand "
            "in an album or are shown by a link stay.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields:
            self.fields[name] = forms.IntegerField(
                label=self.fields[name].label,
                help_text=self.fields[name].help_text,
                required=False,
                min_value=SHORTEST_DAYS,
                max_value=LONGEST_DAYS,
                widget=forms.NumberInput(attrs={"placeholder": "Kept"}),
            )
