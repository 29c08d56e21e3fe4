"""What people like: pictures, and (through the gateway) prompts as a whole.

Who may see something may like it. Everything here is harmless to repeat.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from prompts.models import Image, Like, Prompt, User

from .images import publish_images


def like_images(user: User, images: Iterable[Image]) -> None:
    """`user` likes these images; those liked already stay so."""
    images = list(images)
    rows = [Like(user=user, prompt_id=image.prompt_id, image=image) for image in images]
    with transaction.atomic():
        Like.objects.bulk_create(rows, ignore_conflicts=True)
        publish_images(images)


def unlike_images(user: User, images: Iterable[Image]) -> None:
    """`user` no longer likes these images."""
    images = list(images)
    with transaction.atomic():
        if Like.objects.filter(user=user, image__in=images).delete()[0]:
            publish_images(images)


def like_prompt(user: User, prompt: Prompt) -> None:
    """`user` likes a prompt as a whole."""
    Like.objects.bulk_create([Like(user=user, prompt=prompt)], ignore_conflicts=True)


def unlike_prompt(user: User, prompt: Prompt) -> None:
    """`user` likes neither the prompt as a whole nor any of its images any more."""
    with transaction.atomic():
        liked = Image.objects.filter(prompt=prompt, likes__user=user).select_related("tune")
        images = list(liked)
        Like.objects.filter(user=user, prompt=prompt).delete()
        publish_images(images)
