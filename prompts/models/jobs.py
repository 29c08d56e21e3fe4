"""The row is the job: lease, fencing number, attempts, next run.

A worker claims a row with one conditional update and holds it by a lease that it renews. A killed
worker's lease runs out and another worker takes over with the next fencing number; whatever the
first one still writes is refused, because every write names its fencing number.

All times are the database's, so that machines whose clocks differ agree on them.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import connections, models, transaction
from django.db.models import F, Q
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce, Now


def _in(delay: dt.timedelta) -> CombinedExpression:
    """The moment `delay` from now."""
    return Now() + delay


def _lease_end() -> CombinedExpression:
    return _in(dt.timedelta(seconds=settings.LEASE_SECONDS))


class JobQuerySet(models.QuerySet[Any]):
    """Queue questions."""

    def runnable(self) -> Self:
        """Waiting rows whose time has come, and rows whose worker has gone silent."""
        return self.filter(
            Q(status=self.model.WAITING) | Q(status=self.model.RUNNING, lease_expires_at__lt=Now()),
            Q(run_after=None) | Q(run_after__lte=Now()),
        ).order_by("id")

    def claim(self, worker: str) -> Any | None:
        """Takes the next runnable row, or answers None.

        On SQLite it looks before it opens the write transaction, so that idle workers never hold
        the write lock; on PostgreSQL workers skip each other's locked rows.
        """
        skips_locked = connections[self.db].features.has_select_for_update_skip_locked
        if not skips_locked and not self.runnable().exists():
            return None
        with transaction.atomic(using=self.db):
            rows = self.runnable()
            if skips_locked:
                rows = rows.select_for_update(skip_locked=True, of=("self",))
            job = rows.first()
            return None if job is None else job.take_lease(worker)


class Job(models.Model):
    """Abstract: the columns and transitions of a row that is worked on in the background."""

    WAITING: ClassVar[str]
    RUNNING: ClassVar[str]
    FAILED: ClassVar[str]
    #: How often a job is begun before it counts as failed.
    MAX_ATTEMPTS: ClassVar[int] = 3

    #: The models that inherit it say which values there are.
    status = models.CharField(max_length=10)
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

    def take_lease(self, worker: str) -> Self | None:
        """Claims this row for `worker`; None when somebody else was first."""
        rows = type(self)._base_manager.filter(pk=self.pk, fence=self.fence, status=self.status)
        known = {
            "status": self.RUNNING,
            "lease_owner": worker,
            "fence": self.fence + 1,
            "attempts": self.attempts + 1,
            "run_after": None,
            "error": "",
        }
        if not rows.update(
            **known, lease_expires_at=_lease_end(), started_at=Coalesce("started_at", Now())
        ):
            return None
        # Not read back: by then the row might be somebody else's, and so would its fence.
        for name, value in known.items():
            setattr(self, name, value)
        return self

    def held(self) -> models.QuerySet[Any]:
        """This row if this worker still holds it: every write of a worker goes through here."""
        return type(self)._base_manager.filter(pk=self.pk, fence=self.fence, status=self.RUNNING)

    def lock_if_held(self) -> bool:
        """Whether this worker still holds the row, true until the present transaction ends."""
        return self.held().select_for_update().exists()

    def renew_lease(self) -> bool:
        """Heartbeat; False when the job was cancelled or taken over."""
        return bool(self.held().update(lease_expires_at=_lease_end()))

    def report(self, fraction: float, step: str) -> bool:
        """How far the job has come, 0–1, and what is being done; False when it is not ours."""
        fraction = min(max(fraction, 0.0), 1.0)
        return bool(self.held().update(progress=fraction, step=step[:80]))

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
                run_after=_in(delay),
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
                finished_at=Now(),
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
