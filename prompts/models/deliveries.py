"""Deliveries: callbacks that we owe to programs, one row each."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models.functions import Now

from .api_keys import ApiKey
from .base import PublicModel
from .jobs import Job, JobQuerySet
from .packs import Shoot
from .prompts import Prompt
from .teams import Membership, Team
from .tunes import Tune


class DeliveryStatus(models.TextChoices):
    """Forward only, but for a replay."""

    QUEUED = "queued", "waiting"
    SENDING = "sending", "sending"
    DELIVERED = "delivered", "delivered"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


ENDED = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.FAILED, DeliveryStatus.CANCELLED})


class DeliveryQuerySet(JobQuerySet):
    """Deliveries as members may see them."""

    def visible_to(self, membership: Membership) -> Self:
        """Admins see the team's, others those of their own keys and prompts.

        Of people whom they may not look at any more, not even those.
        """
        rows = self.filter(team_id=membership.team_id)
        if membership.is_admin:
            return rows
        user = membership.user_id
        tunes = Tune.objects.visible_to(membership).values("pk")
        return rows.filter(
            models.Q(api_key__user_id=user) | models.Q(prompt__author_id=user),
            models.Q(tune=None) | models.Q(tune__in=tunes),
            models.Q(prompt=None) | models.Q(prompt__tune__in=tunes),
        )


class Delivery(PublicModel, Job):
    """One message to one address: what it is about, and how far sending has come.

    The message keeps its id however often it is sent; what it says is the truth of the moment it
    is sent.
    """

    class Event(models.TextChoices):
        PROMPT = "prompt", "Prompt ended"
        TUNE = "tune", "Training ended"
        PROMPTS = "prompts", "Order ended"
        PING = "ping", "Test"

    WAITING = DeliveryStatus.QUEUED
    RUNNING = DeliveryStatus.SENDING
    FAILED = DeliveryStatus.FAILED
    MAX_ATTEMPTS = 10

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="deliveries")
    api_key = models.ForeignKey(
        ApiKey, on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries"
    )
    event = models.CharField(max_length=10, choices=Event)
    url = models.CharField(max_length=2000)
    prompt = models.ForeignKey(
        Prompt, on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries"
    )
    tune = models.ForeignKey(
        Tune, on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries"
    )
    shoot = models.ForeignKey(
        Shoot, on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries"
    )
    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.QUEUED)
    response_status = models.PositiveSmallIntegerField(null=True, editable=False)
    response_excerpt = models.CharField(max_length=500, blank=True, editable=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["team", "-id"], name="delivery_by_team"),
            models.Index(fields=["status", "team"], name="delivery_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} to {self.url}"

    @property
    def message_id(self) -> str:
        """What receivers tell repeated messages by."""
        return f"msg_{self.public_id}"

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED

    def replay(self) -> bool:
        """Sends it again, with fresh attempts; False while it is still being sent."""
        return self.requeue(ENDED)


class CallbackHost(PublicModel):
    """How the deliveries of one key to one host fare; switched off when they fail for good."""

    #: As many deliveries in a row given up switch a host off.
    PATIENCE = 5

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="callback_hosts")
    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, null=True, related_name="+")
    host = models.CharField(max_length=255)
    failures = models.PositiveIntegerField(default=0)
    disabled_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "api_key", "host"], name="one_row_for_a_keys_host"
            ),
            models.UniqueConstraint(
                fields=["team", "host"],
                condition=models.Q(api_key=None),
                name="one_row_for_a_host_without_key",
            ),
        ]

    def __str__(self) -> str:
        return self.host

    def note_success(self) -> None:
        """A delivery arrived."""
        CallbackHost.objects.filter(pk=self.pk).update(failures=0)

    def note_failure(self, reason: str, *, for_good: bool = False) -> None:
        """A delivery was given up; `for_good` when the receiver wants no more of them."""
        rows = CallbackHost.objects.filter(pk=self.pk)
        rows.update(failures=models.F("failures") + 1)
        worn_out = models.Q(failures__gte=self.PATIENCE) if not for_good else models.Q()
        rows.filter(worn_out, disabled_at=None).update(disabled_at=Now(), reason=reason[:200])

    def enable(self) -> None:
        """Somebody has mended the receiver."""
        CallbackHost.objects.filter(pk=self.pk).update(failures=0, disabled_at=None, reason="")
