"""Presets: filled-in prompt forms."""

from __future__ import annotations

from typing import Self

from django.db import models

from .teams import Team
from .tunes import Tune


class PresetQuerySet(models.QuerySet["Preset"]):
    def for_team(self, team: Team) -> Self:
        """The built-in presets and the team's own."""
        return self.filter(models.Q(team=None) | models.Q(team=team))


class Preset(models.Model):
    """A filled-in prompt form; the built-in ones belong to no team."""

    class Kind(models.TextChoices):
        HEADSHOT = "headshot", "Headshot"
        PORTRAIT = "portrait", "Portrait"
        ACTION = "action", "Action"

    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, null=True, blank=True, related_name="presets"
    )
    slug = models.SlugField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    #: `{token}` and `{class}` stand for the tune's trigger word and class name.
    text = models.TextField()
    #: Named and validated as in `prompts.parameters`.
    parameters = models.JSONField(default=dict, blank=True)
    #: Storage name of the picture that prompts made from this preset start from.
    input_image = models.CharField(max_length=255, blank=True, editable=False)

    objects = PresetQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["team", "slug"], name="preset_slug_in_a_team"),
            models.UniqueConstraint(
                fields=["slug"], condition=models.Q(team=None), name="preset_slug_built_in"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def text_for(self, tune: Tune) -> str:
        """The preset's text about this tune's subject."""
        return self.text_of(tune.token, tune.name)

    def text_of(self, token: str, class_name: str) -> str:
        """The preset's text with this trigger word and class."""
        return self.text.replace("{token}", token).replace("{class}", class_name)
