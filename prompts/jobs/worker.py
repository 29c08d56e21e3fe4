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
from collections.abc import Sequence
from types import TracebackType

from django.conf import settings
from django.core.files.storage import storages
from django.db import DatabaseError, connections

from prompts.engines.registry import get_engine
from prompts.live import prune_changes
from prompts.models import Prompt, Tune
from prompts.models.jobs import Job
from prompts.storage import AtomicFileSystemStorage

from .control import Control
from .runs import DATABASE_AWAY, run_job
from .wake import new_watcher

logger = logging.getLogger(__name__)

#: Seconds after which the queue is looked at without a wake-up: a waiting time or a lease may
#: have run out, which nobody commits.
LONGEST_WAIT = 1.0
#: Seconds without the database: the wait before another try.
RECOVERY_WAIT = 1.0
SWEEP_INTERVAL = 600.0
#: Loaded with the job, so that a job knows its folder even when somebody deletes its owner.
RELATED = {Prompt: ("team", "tune__team"), Tune: ("team",)}


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


class Worker:
    """Takes prompts and trainings in turn, so that neither kind waits for all of the other."""

    def __init__(self, kinds: Sequence[type[Prompt] | type[Tune]] = (Prompt, Tune)) -> None:
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"[-64:]
        self.control = Control()
        self._kinds = deque(kinds)
        self._unsettled: Prompt | Tune | None = None
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
                if not self.run_next():
                    watcher.wait(LONGEST_WAIT)
            except DATABASE_AWAY as error:
                logger.warning("Waiting for the database: %s", error)
                self._recover()
            except Exception:
                logger.exception("The worker goes on after a fault of its own")
                self._recover()
        watcher.close()

    def _recover(self) -> None:
        connections.close_all()
        time.sleep(RECOVERY_WAIT)

    def run_next(self) -> bool:
        """Carries out one job; False when none is due. Raises `DATABASE_AWAY`."""
        self._give_back_unsettled()
        job = self._claim()
        if job is None:
            return False
        self._unsettled = job
        self.control.lease_lost = False
        with Heartbeat(job, self.control):
            run_job(job, self.control)
        self._unsettled = None
        return True

    def _give_back_unsettled(self) -> None:
        """A job that a fault interrupted need not wait until its lease runs out."""
        if self._unsettled is not None:
            self._unsettled.retry_later(dt.timedelta(), "")
            self._unsettled = None

    def _claim(self) -> Prompt | Tune | None:
        for kind in tuple(self._kinds):
            rows = kind.objects.select_related(*RELATED[kind])
            job: Prompt | Tune | None = rows.claim(self.name)
            if job is not None:
                # To the end of the line with the kind that was served.
                self._kinds.remove(kind)
                self._kinds.append(kind)
                return job
        return None

    def _sweep_if_due(self) -> None:
        if time.monotonic() < self._sweep_at:
            return
        self._sweep_at = time.monotonic() + SWEEP_INTERVAL
        prune_changes()
        storage = storages["default"]
        if isinstance(storage, AtomicFileSystemStorage):
            storage.remove_partial_files()


def warm_up() -> None:
    """Loads the default engine, so that the first job does not wait for it."""
    try:
        get_engine(settings.DEFAULT_ENGINE).warm_up()
    except Exception:
        logger.exception("The engine could not be warmed up")
