"""What members may use up, and the ledger of what they did."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from .states import PromptStatus
from .teams import Team


class Quota(models.Model):
    """A team's limits, or with a user those of one member that differ; None is no limit of its own.

    `prompts.quotas` reads and enforces them.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="quotas")
    #: None: for everybody.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    images = models.PositiveIntegerField("pictures a member and month", null=True, blank=True)
    tunes = models.PositiveIntegerField("people a member", null=True, blank=True)
    storage = models.BigIntegerField("bytes of the team", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="one_quota_a_member"),
            models.UniqueConstraint(
                fields=["team"], condition=models.Q(user=None), name="one_quota_a_team"
            ),
        ]

    def __str__(self) -> str:
        return f"Limits of {self.user or self.team}"


class UsageEntry(models.Model):
    """One run of a prompt that has ended. Written once, and kept when the prompt is deleted.

    It says nothing of the depicted person, nor what was asked for.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="usage")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        db_index=False,
        related_name="+",
    )
    engine = models.CharField(max_length=20)
    ended_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=PromptStatus)
    #: Pictures that were made.
    images = models.PositiveSmallIntegerField()
    #: Seconds from when it was queued until it was begun; None when it never was.
    waited = models.FloatField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["team", "ended_at"], name="usage_by_time"),
            models.Index(fields=["user", "team", "ended_at"], name="usage_by_member"),
        ]

    def __str__(self) -> str:
        return f"{self.images} by {self.engine}, {self.ended_at:%Y-%m-%d}"


class UsageDay(models.Model):
    """What the ledger says of a day (UTC) of a team that is over; see `prompts.usage.Summary`."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    summary = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "day"], name="one_summary_a_day")]

    def __str__(self) -> str:
        return f"{self.team}, {self.day}"
