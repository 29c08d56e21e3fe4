"""What people like."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from .images import Image
from .prompts import Prompt
from .users import User


class Like(models.Model):
    """A user likes one image, or (through the API) a prompt as a whole: then `image` is empty."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="likes"
    )
    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="likes")
    image = models.ForeignKey(
        Image, on_delete=models.CASCADE, null=True, blank=True, related_name="likes"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "image"], name="one_like_of_an_image"),
            models.UniqueConstraint(
                fields=["user", "prompt"],
                condition=models.Q(image=None),
                name="one_like_of_a_prompt",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} likes {self.image or self.prompt}"


def liked_by(user: User) -> models.Exists:
    """Of a queryset of images: whether `user` likes the image; to filter by or to annotate."""
    return models.Exists(Like.objects.filter(user=user, image=models.OuterRef("pk")))
