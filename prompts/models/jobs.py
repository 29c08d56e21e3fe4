"""The row is the job: lease, fencing number, attempts, next run.

A worker claims a row with one conditional update and holds it by a lease that it renews. A killed
worker's lease runs out and another worker takes over with the next fencing number; whatever the
first one still writes is refused, because every write names its fencing number.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import connections, models, transaction
from django.db.models import F, Q
from django.utils import timezone


class JobQuerySet(models.QuerySet[Any]):
    """Queue questions."""

    def runnable(self, now: dt.datetime | None = None) -> Self:
        """Waiting rows whose time has come, and rows whose worker has gone silent."""
        now = now or timezone.now()
        return self.filter(
            Q(status=self.model.WAITING) | Q(status=self.model.RUNNING, lease_expires_at__lt=now),
            Q(run_after=None) | Q(run_after__lte=now),
        ).order_by("id")

    def claim(self, worker: str) -> Any | None:
        """Takes the next runnable row, or answers None.

        On SQLite it looks before it opens the write transaction, so that idle workers never hold
        the write lock; on PostgreSQL workers skip each other's locked rows.
        """
        now = timezone.now()
        sqlite = connections[self.db].vendor == "sqlite"
        if sqlite and not self.runnable(now).exists():
            return None
        with transaction.atomic(using=self.db):
            rows = self.runnable(now)
            if not sqlite:
                rows = rows.select_for_update(skip_locked=True, of=("self",))
            job = rows.first()
            return None if job is None else job.take_lease(worker, now)


class Job(models.Model):
    """Abstract: the columns and transitions of a row that is worked on in the background."""

    WAITING: ClassVar[str]
    RUNNING: ClassVar[str]
    FAILED: ClassVar[str]

    status: Any
    lease_owner = models.CharField(max_length=64, blank=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    fence = models.PositiveIntegerField(default=0, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    run_after = models.DateTimeField(null=True, blank=True, editable=False)
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)
    progress = models.FloatField(default=0, editable=False)
    step = models.CharField(max_length=80, blank=True, editable=False)
    error = models.TextField(blank=True, editable=False)

    class Meta:
        abstract = True

    def take_lease(self, worker: str, now: dt.datetime) -> Self | None:
        """Claims this row for `worker`; None when somebody else was first."""
        fresh = {
            "status": self.RUNNING,
            "lease_owner": worker,
            "lease_expires_at": now + dt.timedelta(seconds=settings.LEASE_SECONDS),
            "fence": self.fence + 1,
            "attempts": self.attempts + 1,
            "started_at": self.started_at or now,
        }
        rows = type(self)._base_manager.filter(pk=self.pk, fence=self.fence, status=self.status)
        if not rows.update(**fresh):
            return None
        for name, value in fresh.items():
            setattr(self, name, value)
        return self

    def held(self) -> models.QuerySet[Any]:
        """This row if this worker still holds it: every write of a worker goes through here."""
        return type(self)._base_manager.filter(pk=self.pk, fence=self.fence, status=self.RUNNING)

    def renew_lease(self) -> bool:
        """Heartbeat; False when the job was cancelled or taken over."""
        until = timezone.now() + dt.timedelta(seconds=settings.LEASE_SECONDS)
        return bool(self.held().update(lease_expires_at=until))

    def release_lease(self) -> bool:
        """Gives the row back at once and does not count the attempt: a worker that shuts down."""
        return bool(
            self.held().update(
                status=self.WAITING,
                lease_owner="",
                lease_expires_at=None,
                attempts=F("attempts") - 1,
            )
        )

    def retry_later(self, delay: dt.timedelta, reason: str) -> bool:
        """Back into the queue after a passing fault."""
        return bool(
            self.held().update(
                status=self.WAITING,
                lease_owner="",
                lease_expires_at=None,
                run_after=timezone.now() + delay,
                error=reason,
            )
        )

    def finish_as(self, status: str, **fields: Any) -> bool:
        """Ends the job; False when it is no longer ours."""
        fields.setdefault("error", "")
        return bool(
            self.held().update(
                status=status,
                lease_owner="",
                lease_expires_at=None,
                finished_at=timezone.now(),
                step="",
                **fields,
            )
        )

    def requeue(self, allowed: frozenset[Any]) -> bool:
        """A person's Retry: from one of the `allowed` states into the queue, with fresh attempts.

        The fencing number grows, so that a worker of the earlier run can write nothing.
        """
        rows = type(self)._base_manager.filter(pk=self.pk, status__in=allowed)
        return bool(
            rows.update(
                status=self.WAITING,
                fence=F("fence") + 1,
                attempts=0,
                run_after=None,
                started_at=None,
                finished_at=None,
                progress=0,
                step="",
                error="",
            )
        )
