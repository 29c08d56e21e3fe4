"""Images: generated pictures."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.urls import reverse

from .base import PublicModel
from .prompts import Prompt
from .teams import Membership, Team
from .tunes import Tune

THUMBNAIL_SIZES = (320, 640, 1280)


class ImageQuerySet(models.QuerySet["Image"]):
    def visible_to(self, membership: Membership) -> Self:
        """Images of the tunes this member may look at."""
        return self.filter(tune__in=Tune.objects.visible_to(membership))


class Image(PublicModel):
    """A generated picture: a content-addressed file and its row, one per place in a prompt."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="images")
    tune = models.ForeignKey(Tune, on_delete=models.CASCADE, related_name="images")
    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="images")
    index = models.PositiveSmallIntegerField()
    file = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField("size in bytes")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    color = models.CharField("mean colour, as #rrggbb", max_length=7)
    seed = models.PositiveBigIntegerField()
    recipe = models.JSONField(default=dict)
    engine = models.CharField(max_length=20)

    objects = ImageQuerySet.as_manager()

    class Meta:
        ordering = ["prompt", "index"]
        constraints = [
            models.UniqueConstraint(fields=["prompt", "index"], name="one_image_per_place")
        ]
        indexes = [models.Index(fields=["team", "-id"], name="image_by_team")]

    def __str__(self) -> str:
        return f"{self.prompt_id}/{self.index}"

    def get_absolute_url(self) -> str:
        return reverse("image_detail", args=[self.public_id])

    def thumbnail(self, size: int) -> str:
        """Storage name of the WebP of that size, one of `THUMBNAIL_SIZES`."""
        return f"{self.file.rsplit('.', 1)[0]}-{size}.webp"
