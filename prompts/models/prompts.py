"""Prompts: one generation request each."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse

from .base import PublicModel
from .jobs import Job, JobQuerySet
from .presets import Preset
from .states import PROMPT_OPEN, PROMPT_RETRYABLE, PromptStatus
from .teams import Membership, Team
from .tunes import Tune


class PromptQuerySet(JobQuerySet):
    """Prompts as members may see them."""

    def visible_to(self, membership: Membership) -> Self:
        """Prompts of the tunes this member may look at."""
        return self.filter(tune__in=Tune.objects.visible_to(membership))

    def open(self) -> Self:
        return self.filter(status__in=PROMPT_OPEN)


class Prompt(PublicModel, Job):
    """One generation request: text, parameters and how far it has come."""

    WAITING = PromptStatus.QUEUED
    RUNNING = PromptStatus.PROCESSING
    FAILED = PromptStatus.FAILED

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="prompts")
    tune = models.ForeignKey(Tune, on_delete=models.CASCADE, related_name="prompts")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="prompts"
    )
    preset = models.ForeignKey(
        Preset, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    text = models.TextField()
    #: Every other given parameter but the images, named as in `prompts.parameters`.
    parameters = models.JSONField(default=dict, blank=True)
    num_images = models.PositiveSmallIntegerField(default=1)
    #: Image i is made with (base_seed + i) mod 2**32; the given seed, or a drawn one.
    base_seed = models.PositiveBigIntegerField()
    input_image = models.CharField(max_length=255, blank=True)
    mask_image = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=10, choices=PromptStatus, default=PromptStatus.QUEUED)
    engine = models.CharField(max_length=20)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PromptQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["team", "-id"], name="prompt_by_team"),
            models.Index(fields=["tune", "-id"], name="prompt_by_tune"),
            models.Index(
                fields=["id"],
                condition=models.Q(status__in=sorted(PROMPT_OPEN)),
                name="prompt_queue",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    def get_absolute_url(self) -> str:
        return reverse("prompt_detail", args=[self.public_id])

    @property
    def prefix(self) -> str:
        """The folder of this prompt's files, inside its tune's."""
        return f"{self.tune.prefix}/prompts/{self.public_id}"

    @property
    def is_open(self) -> bool:
        return self.status in PROMPT_OPEN

    @property
    def is_queued(self) -> bool:
        return self.status == PromptStatus.QUEUED

    @property
    def is_failed(self) -> bool:
        return self.status == PromptStatus.FAILED

    @property
    def is_cancelled(self) -> bool:
        return self.status == PromptStatus.CANCELLED

    @property
    def can_retry(self) -> bool:
        return self.status in PROMPT_RETRYABLE

    @property
    def settings(self) -> dict[str, Any]:
        """Text, count and parameters as one form's worth of values."""
        return {"text": self.text, "num_images": self.num_images, **self.parameters}

    def cancel(self) -> bool:
        """Ends an open prompt; the pictures made so far stay. False when it had already ended.

        The fencing number grows, so that the worker at it can write nothing more.
        """
        rows = Prompt.objects.filter(pk=self.pk, status__in=PROMPT_OPEN)
        return bool(
            rows.update(
                status=PromptStatus.CANCELLED,
                fence=models.F("fence") + 1,
                lease_owner="",
                lease_expires_at=None,
                step="",
            )
        )

    def retry(self) -> bool:
        """Queues what is missing of a failed or cancelled prompt."""
        return self.requeue(PROMPT_RETRYABLE)

    def finish(self) -> bool:
        """All pictures are there."""
        return self.finish_as(PromptStatus.COMPLETED, progress=1)

    def fail(self, reason: str) -> bool:
        """It cannot be done, for a reason its author can read."""
        return self.finish_as(PromptStatus.FAILED, error=reason)
