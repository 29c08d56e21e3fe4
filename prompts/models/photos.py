"""Photos: the training pictures of a tune."""

from __future__ import annotations

from typing import Self

from django.db import models

from .base import PublicModel
from .tunes import Tune


class PhotoQuerySet(models.QuerySet["Photo"]):
    def usable(self) -> Self:
        """Photos without a problem, and those a person chose to use anyway."""
        return self.filter(models.Q(problems=[]) | models.Q(use_anyway=True))


class Photo(PublicModel):
    """One clean copy of an uploaded photo: upright, without metadata."""

    tune = models.ForeignKey(Tune, on_delete=models.CASCADE, related_name="photos")
    file = models.CharField(max_length=255)
    #: Of the bytes as uploaded, so that the same upload is noticed again.
    sha256 = models.CharField(max_length=64)
    original_name = models.CharField(max_length=255)
    #: In bytes, with the small copy; None until it has been measured.
    stored = models.PositiveBigIntegerField(null=True, editable=False)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    color = models.CharField(max_length=7)
    #: [{"code": "too_dark", "message": "…"}], empty when all is well.
    problems = models.JSONField(default=list, blank=True)
    use_anyway = models.BooleanField(default=False)
    quality = models.FloatField(default=0)
    analysis = models.JSONField(default=dict, blank=True)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["tune", "sha256"], name="photo_once_in_a_tune")
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def is_usable(self) -> bool:
        return not self.problems or self.use_anyway

    @property
    def thumbnail(self) -> str:
        """Storage name of the small WebP that pages show."""
        return f"{self.file.rsplit('.', 1)[0]}-thumb.webp"
