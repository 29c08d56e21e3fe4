"""Answers that are kept so that a repeated call does nothing twice."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.db import models
from django.db.models.functions import Now

from .api_keys import ApiKey

#: How long an answer is replayed.
KEPT = dt.timedelta(hours=24)
#: How long a call may take before another with the same name may begin it anew.
LEASE = dt.timedelta(minutes=2)


class IdempotencyQuerySet(models.QuerySet["IdempotencyKey"]):
    """Which rows still say something."""

    def outdated(self) -> Self:
        return self.filter(created_at__lt=Now() - KEPT)


class IdempotencyKey(models.Model):
    """A call that bore an `Idempotency-Key`: what was asked, and what was answered.

    While it runs, `status` is empty and the caller holds a lease with a fencing number. The answer
    is written in the transaction that makes the object, and only by the holder: so a call that was
    overtaken rolls its object back.
    """

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    #: SHA-256 of method, address, workspace and parameters.
    fingerprint = models.CharField(max_length=64)
    fence = models.PositiveIntegerField(default=1)
    lease_expires_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now(), db_index=True)

    objects = IdempotencyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["api_key", "name"], name="one_answer_for_a_key")
        ]

    def __str__(self) -> str:
        return self.name

    def held(self) -> models.QuerySet[IdempotencyKey]:
        """This row, if this caller still holds it."""
        return type(self).objects.filter(pk=self.pk, fence=self.fence, status=None)

    def take_over(self) -> bool:
        """Begins an unfinished call anew once its lease has run out; False when it has not."""
        rows = self.held().filter(lease_expires_at__lt=Now())
        taken = bool(rows.update(fence=self.fence + 1, lease_expires_at=Now() + LEASE))
        self.fence += taken
        return taken
