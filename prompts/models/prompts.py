"""Prompts: one generation request each."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse

from .api_keys import ApiKey
from .base import PublicModel
from .presets import Preset
from .states import PROMPT_OPEN, PROMPT_RETRYABLE, TUNE_OPEN, PromptStatus
from .teams import Membership, Team
from .tunes import Tune, of_visible_tunes
from .turns import TurnJob, TurnQuerySet


class PromptQuerySet(TurnQuerySet):
    """Prompts as members may see them."""

    def visible_to(self, membership: Membership) -> Self:
        """Prompts of the tunes this member may look at."""
        return of_visible_tunes(self, membership)

    def runnable(self) -> Self:
        """Those whose time has come; a prompt of a tune that is still in training waits for it."""
        return super().runnable().exclude(tune__status__in=TUNE_OPEN)

    def ready(self) -> Self:
        """As `runnable`."""
        return super().ready().exclude(tune__status__in=TUNE_OPEN)

    def open(self) -> Self:
        return self.filter(status__in=PROMPT_OPEN)


class Prompt(PublicModel, TurnJob):
    """One generation request: text, parameters and how far it has come."""

    WAITING = PromptStatus.QUEUED
    RUNNING = PromptStatus.PROCESSING
    FAILED = PromptStatus.FAILED
    MEMBER, PRECEDENCE = "author_id", 1

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
    #: Image i is made with `seed_of(base_seed, i)`; the given seed, or a drawn one.
    base_seed = models.PositiveBigIntegerField()
    #: Pictures that the present or last run was to make, and those that it has made.
    asked = models.PositiveSmallIntegerField(default=0, editable=False)
    made = models.PositiveSmallIntegerField(default=0, editable=False)
    input_image = models.CharField(max_length=255, blank=True)
    mask_image = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=10, choices=PromptStatus, default=PromptStatus.QUEUED)
    engine = models.CharField(max_length=20)
    #: The key that asked for it through the gateway; pages leave it empty.
    api_key = models.ForeignKey(
        ApiKey, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    is_api = models.BooleanField("asked for through the gateway", default=False)
    shoot = models.ForeignKey(
        "Shoot", on_delete=models.SET_NULL, null=True, blank=True, related_name="prompts"
    )
    #: The pack to which this prompt was added as a template.
    template_of = models.ForeignKey(
        "Pack", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    #: The pack it was made from.
    base_pack = models.ForeignKey(
        "Pack", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    #: The prompt this one was duplicated or remixed from.
    orig_prompt = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = PromptQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["team", "-id"], name="prompt_by_team"),
            models.Index(fields=["tune", "-id"], name="prompt_by_tune"),
            models.Index(fields=["team", "created_at"], name="prompt_by_day"),
            models.Index(fields=["status", "team"], name="prompt_queue"),
            models.Index(fields=["status", "turn", "id"], name="prompt_line"),
            models.Index(fields=["author", "status", "turn"], name="prompt_line_of_member"),
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
    def waits_for_training(self) -> bool:
        return self.is_queued and self.tune.is_open

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

    @property
    def look(self) -> dict[str, Any]:
        """The parameters that shape the pictures, and so may go along with them.

        Without the address that is told of their end: it may hold what opens doors.
        """
        return {name: value for name, value in self.parameters.items() if name != "callback"}

    def cancel(self) -> bool:
        """Ends an open prompt; the pictures made so far stay. False when it had already ended."""
        return bool(Prompt.objects.filter(pk=self.pk).call_off(PromptStatus.CANCELLED))

    def rewrite(self, **values: Any) -> bool:
        """Other values, as long as nothing of it is begun or made; False when it is too late."""
        if self.images.exists():
            return False
        rows = Prompt.objects.filter(pk=self.pk, status=PromptStatus.QUEUED, attempts=0)
        return bool(rows.update(**values, updated_at=Now()))

    def missing_images(self) -> int:
        """How many of its pictures there are not."""
        return max(0, self.num_images - self.images.count())

    def retry(self) -> bool:
        """Queues what is missing of a failed or cancelled prompt."""
        return self.requeue(
            PROMPT_RETRYABLE, **self.new_place(), asked=self.missing_images(), made=0
        )

    def finish(self, remark: str = "") -> bool:
        """All pictures are there, or all that can be had; `remark` tells which are not, and why."""
        return self.finish_as(PromptStatus.COMPLETED, progress=1, error=remark)

    def fail(self, reason: str) -> bool:
        """It cannot be done, for a reason its author can read."""
        return self.finish_as(PromptStatus.FAILED, error=reason)
