"""What may stop a job from outside, and how a job reports how far it has come."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import transaction

from prompts.engines.base import Progress
from prompts.models.jobs import Job

#: Seconds a worker that shuts down gives the picture it is at.
SHUTDOWN_GRACE = 20.0
#: Seconds between two reports: more often than people see would only load the database.
REPORT_INTERVAL = 0.25


class Interrupted(Exception):
    """The job stops here; engines let this pass."""


class LeaseLost(Interrupted):
    """The job was cancelled, deleted or taken over by another worker."""


class ShuttingDown(Interrupted):
    """The worker has been asked to stop."""


class Control:
    """What a worker knows of the world outside its job; written by other threads and signals."""

    def __init__(self) -> None:
        self.lease_lost = False
        self._stopping_since: float | None = None

    @property
    def is_stopping(self) -> bool:
        return self._stopping_since is not None

    def stop(self) -> None:
        """Asks for an end after the present picture. Safe in a signal handler."""
        if self._stopping_since is None:
            self._stopping_since = time.monotonic()

    def check(self) -> None:
        """Raises Interrupted when it makes no sense to go on with the present picture."""
        if self.lease_lost:
            raise LeaseLost
        since = self._stopping_since
        if since is not None and time.monotonic() - since > SHUTDOWN_GRACE:
            raise ShuttingDown

    def checkpoint(self) -> None:
        """Raises Interrupted: here nothing would be lost by stopping."""
        if self.is_stopping:
            raise ShuttingDown
        self.check()


class Reporter:
    """The `Progress` of one job: a few times a second at most, and only while the lease holds.

    `check` raises Interrupted when the job is to stop.
    """

    def __init__(self, job: Job, check: Callable[[], None], publish: Callable[[], None]) -> None:
        self._job = job
        self._check = check
        self._publish = publish
        self._reported_at = float("-inf")

    def __call__(self, fraction: float, step: str) -> None:
        """Raises Interrupted, see `prompts.engines.base.Progress`."""
        self._check()
        now = time.monotonic()
        if now - self._reported_at < REPORT_INTERVAL:
            return
        self._reported_at = now
        with transaction.atomic():
            if not self._job.report(fraction, step):
                raise LeaseLost
            self._publish()

    def part(self, start: float, end: float) -> Progress:
        """A progress whose 0–1 is `start`–`end` of the whole."""

        def report(fraction: float, step: str) -> None:
            self(start + (end - start) * fraction, step)

        return report
