"""The loop that takes jobs and carries them out, one at a time."""

from __future__ import annotations

import datetime as dt
import logging
import os
import secrets
import socket
import threading
import time
from collections import deque
from types import TracebackType
from typing import Any

from django.conf import settings
from django.core.files.storage import storages
from django.db import DatabaseError, connections

from prompts import limits
from prompts.callbacks import replay_spooled
from prompts.engines.registry import get_engine
from prompts.flows.erasure import finish_erasures
from prompts.flows.images import empty_trash
from prompts.flows.remote import forget_deleted
from prompts.flows.retention import sweep_retention
from prompts.flows.tunes import expire_tunes
from prompts.flows.usage import measure_stored
from prompts.live import prune_changes
from prompts.models import IdempotencyKey, Mail
from prompts.models.jobs import Job
from prompts.sign_ins import forget_ended
from prompts.storage import AtomicFileSystemStorage
from prompts.usage import sum_up_days

from .control import Control
from .kinds import JobKind, Lane, groups, run
from .runs import DATABASE_AWAY
from .wake import new_watcher

logger = logging.getLogger(__name__)

#: Seconds after which the queue is looked at without a wake-up: a waiting time or a lease may
#: have run out, which nobody commits.
LONGEST_WAIT = 1.0
#: Seconds without the database: the wait before another try.
RECOVERY_WAIT = 1.0
SWEEP_INTERVAL = 600.0


class Heartbeat:
    """Renews a job's lease while the block runs; tells `control` when the lease is lost."""

    def __init__(self, job: Job, control: Control) -> None:
        self._job = job
        self._control = control
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._done.wait(settings.LEASE_SECONDS / 3):
                try:
                    if not self._job.renew_lease():
                        self._control.lease_lost = True
                        return
                except DatabaseError as error:
                    logger.warning("The lease could not be renewed: %s", error)
                    connections.close_all()
        finally:
            connections.close_all()


def new_name() -> str:
    """Tells this worker's leases from those of all others."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"[-64:]


class Queue:
    """Takes jobs of a lane, of each group of kinds in turn, so that none waits for all of another.

    Within a group they come in the order of `prompts.models.turns`.
    """

    def __init__(self, lane: Lane | None, name: str) -> None:
        self._lane = lane
        self._name = name
        self._groups = deque(groups(lane))

    def claim(self) -> Job | None:
        """The next runnable job, now held by this worker."""
        for group in tuple(self._groups):
            for rows, looked in self._in_order(group):
                job: Job | None = rows.claim(self._name, looked=looked)
                if job is not None:
                    # To the end of the line with the group that was served.
                    self._groups.remove(group)
                    self._groups.append(group)
                    return job
        return None

    def _in_order(self, group: tuple[JobKind, ...]) -> list[tuple[Any, bool]]:
        """The rows of each kind that may have a job, and whether it is certain that they do."""
        rows: list[Any] = [kind.rows(self._lane) for kind in group]
        if len(rows) < 2:
            return [(each, False) for each in rows]
        heads = [(head, each) for each in rows if (head := each.head()) is not None]
        return [(each, True) for _, each in sorted(heads, key=lambda pair: pair[0])]


class Worker:
    """Carries out the jobs of a lane one at a time; without a lane those of every one."""

    def __init__(self, lane: Lane | None = None) -> None:
        self.name = new_name()
        self.control = Control()
        self._queue = Queue(lane, self.name)
        self._unsettled: Job | None = None
        self._sweep_at = 0.0

    def stop(self) -> None:
        """Ends `run` after the present picture. Safe in a signal handler."""
        self.control.stop()

    def run(self) -> None:
        """Works until `stop` is called; no fault of a job or of the database ends it."""
        watcher = new_watcher()
        while not self.control.is_stopping:
            try:
                self._sweep_if_due()
                replay_spooled()
                if not self.run_next():
                    watcher.wait(LONGEST_WAIT)
            except DATABASE_AWAY as error:
                logger.warning("Waiting for the database: %s", error)
                self._recover()
            except Exception:  # one bad job must not end the worker
                logger.exception("The worker goes on after a fault of its own")
                self._recover()
        watcher.close()

    def _recover(self) -> None:
        connections.close_all()
        time.sleep(RECOVERY_WAIT)

    def run_next(self) -> bool:
        """Carries out one job; False when none is due. Raises `DATABASE_AWAY`."""
        self._give_back_unsettled()
        job = self._queue.claim()
        if job is None:
            return False
        self._unsettled = job
        self.control.lease_lost = False
        with Heartbeat(job, self.control):
            run(job, self.control)
        self._unsettled = None
        return True

    def _give_back_unsettled(self) -> None:
        """A job that a fault interrupted need not wait until its lease runs out."""
        if self._unsettled is not None:
            self._unsettled.retry_later(dt.timedelta(), "")
            self._unsettled = None

    def _sweep_if_due(self) -> None:
        if time.monotonic() < self._sweep_at:
            return
        self._sweep_at = time.monotonic() + SWEEP_INTERVAL
        prune_changes()
        expire_tunes()
        forget_deleted()
        sweep_retention()
        empty_trash()
        finish_erasures()
        measure_stored()
        sum_up_days()
        limits.prune()
        forget_ended()
        IdempotencyKey.objects.outdated().delete()
        Mail.objects.outdated().delete()
        storage = storages["default"]
        if isinstance(storage, AtomicFileSystemStorage):
            storage.remove_partial_files()


def warm_up() -> None:
    """Loads the default engine, so that the first job does not wait for it."""
    try:
        get_engine(settings.DEFAULT_ENGINE).warm_up()
    except Exception:  # the job that needs it will say what is wrong
        logger.exception("The engine could not be warmed up")
