"""Team headshots: what everybody in a team is to do by when, and in which style."""

from __future__ import annotations

from typing import Any

from django.db import models

from .base import PublicModel
from .presets import Preset
from .teams import Team


class Campaign(PublicModel):
    """A team's campaign; there is at most one at a time.

    With `is_locked` only admins may ask for pictures in another style than this one. Without a
    `preset` the one that was shared is gone, and an admin must choose another.
    """

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="campaign")
    preset = models.ForeignKey(Preset, on_delete=models.SET_NULL, null=True, related_name="+")
    #: "4:5"; empty for the preset's own shape.
    aspect_ratio = models.CharField(max_length=10, blank=True)
    is_locked = models.BooleanField(default=False)
    due_on = models.DateField(null=True, blank=True)
    note = models.TextField(max_length=500, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"Team headshots of {self.team}"

    def parameters(self) -> dict[str, Any]:
        """The shared style's parameters, as the prompt form takes them.

        How many pictures are made of it is for everybody to choose.
        """
        look = dict(self.preset.parameters) if self.preset else {}
        look.pop("num_images", None)
        shape = {"aspect_ratio": self.aspect_ratio} if self.aspect_ratio else {}
        return {**look, **shape}
