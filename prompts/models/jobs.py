"""The row is the job: lease, fencing number, attempts, next run.

A worker claims a row with one conditional update and holds it by a lease that it renews. A killed
worker's lease runs out and another worker takes over with the next fencing number; whatever the
first one still writes is refused, because every write names its fencing number.

A row whose work somebody else does (a service that was handed it) stays running without a lease;
`run_after` says when it is looked at next.

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


#: Of a running row: its worker has gone silent, or it was handed over.
_UNATTENDED = Q(lease_expires_at__lt=Now()) | Q(lease_expires_at=None, run_after__isnull=False)


class JobQuerySet(models.QuerySet[Any]):
    """Queue questions."""

    def runnable(self) -> Self:
        """Waiting rows, rows that were handed over and rows whose worker has gone silent.

        Each only when its time has come.
        """
        waiting, runs = self.model.WAITING, self.model.RUNNING
        return self._due().filter(
            # Said twice, so that the database finds the few open rows by their status.
            Q(status__in=(waiting, runs)),
            Q(status=waiting) | Q(_UNATTENDED, status=runs),
        )

    def ready(self) -> Self:
        """The waiting among the runnable rows, in order."""
        return self._due().filter(status=self.model.WAITING)

    def unattended(self) -> Self:
        """The running among the runnable rows, in order."""
        return self._due().filter(_UNATTENDED, status=self.model.RUNNING)

    def _due(self) -> Self:
        return self.filter(Q(run_after=None) | Q(run_after__lte=Now())).order_by(*self.model.ORDER)

    def call_off(self, status: str) -> int:
        """Ends the open rows as `status`; returns how many.

        The fencing number grows, so that a worker at one of them can write nothing more.
        """
        rows = self.filter(status__in=(self.model.WAITING, self.model.RUNNING))
        return rows.update(
            status=status,
            fence=F("fence") + 1,
            lease_owner="",
            lease_expires_at=None,
            step="",
        )

    def steps(self) -> tuple[Self, ...]:
        """The runnable rows in one part or several, to be looked through one after the other."""
        return (self.runnable(),)

    def claim(self, worker: str, *, looked: bool = False) -> Any | None:
        """Takes the next runnable row, or answers None.

        On SQLite it looks before it opens the write transaction, so that idle workers never hold
        the write lock, unless the caller has just `looked`; on PostgreSQL workers skip each
        other's locked rows.
        """
        skips_locked = connections[self.db].features.has_select_for_update_skip_locked
        if not (looked or skips_locked or any(rows.exists() for rows in self.steps())):
            return None
        with transaction.atomic(using=self.db):
            # Found by its number alone: most looks find nothing that would need loading.
            for rows in self.select_related(None).steps():
                if skips_locked:
                    rows = rows.select_for_update(skip_locked=True, of=("self",))
                if (found := rows.only("pk").first()) is not None:
                    return self.get(pk=found.pk).take_lease(worker)
        return None


class Job(models.Model):
    """Abstract: the columns and transitions of a row that is worked on in the background."""

    WAITING: ClassVar[str]
    RUNNING: ClassVar[str]
    FAILED: ClassVar[str]
    #: How often a job is begun before it counts as failed.
    MAX_ATTEMPTS: ClassVar[int] = 3
    #: What is claimed first.
    ORDER: ClassVar[tuple[str, ...]] = ("id",)

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
        return self._give_back(attempts=F("attempts") - 1)

    def retry_later(self, delay: dt.timedelta, reason: str) -> bool:
        """Back into the queue after a passing fault."""
        return self._give_back(run_after=_in(delay), error=reason)

    def postpone(self, delay: dt.timedelta, reason: str = "") -> bool:
        """Back into the queue without counting the attempt: nothing could be tried."""
        return self._give_back(attempts=F("attempts") - 1, run_after=_in(delay), error=reason)

    def _give_back(self, **fields: Any) -> bool:
        free = {"status": self.WAITING, "lease_owner": "", "lease_expires_at": None}
        return bool(self.held().update(**free, **fields))

    def hand_over(self, next_look: dt.timedelta, **fields: Any) -> bool:
        """Leaves the row running without a worker, to be looked at again after `next_look`.

        A look at what somebody else does is no attempt, so counting them begins anew. A hint that
        came while the worker was looking brings the next look at once.
        """
        return bool(
            self.held().update(
                lease_owner="",
                lease_expires_at=None,
                attempts=0,
                run_after=Coalesce("run_after", _in(next_look)),
                **fields,
            )
        )

    @classmethod
    def hint(cls, rows: models.QuerySet[Any]) -> bool:
        """Has running rows that were handed over looked at now; False when none was waiting.

        Harmless to repeat, and safe at any moment: a row that is just being looked at is looked
        at once more.
        """
        waiting = rows.filter(Q(run_after=None) | Q(run_after__gt=Now()), status=cls.RUNNING)
        return bool(waiting.update(run_after=Now()))

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

    def requeue(self, allowed: frozenset[Any], **fields: Any) -> bool:
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
                **fields,
            )
        )
