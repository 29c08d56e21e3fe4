"""The audit log: who changed what, when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from .teams import Team


class Via(models.TextChoices):
    """Through which door a change came."""

    PAGE = "page", "a page"
    API = "api", "the gateway"
    SYSTEM = "system", "the portal"


class AuditEntry(models.Model):
    """One change in a team; written by `prompts.audit.record` alone, and never changed.

    Names are kept as they were, because entries outlive what they tell of; only the erasure of a
    person takes that person's names out.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="audit_entries")
    at = models.DateTimeField(default=timezone.now)
    #: Empty for what the portal did by itself, and for those who are no user any more.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    actor_name = models.CharField(max_length=255, blank=True)
    via = models.CharField(max_length=10, choices=Via)
    #: One of `prompts.audit.ACTIONS`.
    action = models.CharField(max_length=40)
    target_type = models.CharField(max_length=40, blank=True)
    #: The public id of what was changed, or its number where it has none.
    target_id = models.CharField(max_length=40, blank=True)
    target_label = models.CharField(max_length=160, blank=True)
    #: The public id of the depicted person whom it concerns.
    subject = models.CharField(max_length=16, blank=True)
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["team", "-at", "-id"], name="audit_by_team"),
            models.Index(fields=["team", "action", "-at", "-id"], name="audit_by_action"),
            models.Index(fields=["team", "actor", "-at", "-id"], name="audit_by_actor"),
            models.Index(fields=["team", "target_id", "-at", "-id"], name="audit_by_target"),
            models.Index(fields=["team", "subject", "-at", "-id"], name="audit_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.action} {self.target_label}"
