"""What guests leave behind under a link: counts, and their favourites."""

from __future__ import annotations

from django.db import models

from .images import Image


class ShareVisit(models.Model):
    """How often a link was opened on one day; nothing about who did."""

    share = models.ForeignKey("prompts.Share", on_delete=models.CASCADE, related_name="visits")
    day = models.DateField()
    views = models.PositiveIntegerField(default=0)
    downloads = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["share", "day"], name="one_count_a_day")]

    def __str__(self) -> str:
        return f"{self.share_id}/{self.day}"


class Pick(models.Model):
    """A guest's favourite. `visitor` is a random id from a cookie of this link alone."""

    share = models.ForeignKey("prompts.Share", on_delete=models.CASCADE, related_name="picks")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="picks")
    visitor = models.CharField(max_length=32)
    name = models.CharField(max_length=80, blank=True)
    comment = models.TextField(max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["share", "visitor", "image"], name="one_pick_of_a_picture"
            )
        ]

    def __str__(self) -> str:
        return f"{self.share_id}/{self.image_id}"
