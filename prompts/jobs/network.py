"""The loop of the network lane: jobs that mostly wait for other machines, several side by side."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import connections

from prompts.models.jobs import Job

from .control import Control
from .kinds import Lane, run
from .runs import DATABASE_AWAY
from .wake import new_watcher
from .worker import LONGEST_WAIT, RECOVERY_WAIT, Heartbeat, Queue, new_name

logger = logging.getLogger(__name__)


class NetworkLoop(threading.Thread):
    """Claims jobs as long as one of its slots is free, and runs each in a thread of its own.

    A slow address takes a slot, never the loop. Once stopped it takes no more jobs; those that
    run give themselves back or come to their end.
    """

    def __init__(self, slots: int | None = None) -> None:
        super().__init__(name="network", daemon=True)
        self._slots = settings.NETWORK_SLOTS if slots is None else slots
        self._free = threading.Semaphore(self._slots)
        self._stopping = False
        self._controls: set[Control] = set()

    def stop(self) -> None:
        """Takes no more jobs. Safe in a signal handler."""
        self._stopping = True
        for control in tuple(self._controls):
            control.stop()

    def run(self) -> None:
        """Works until `stop` is called; no fault of a job or of the database ends it."""
        watcher, queue = new_watcher(), Queue(Lane.NETWORK, new_name())
        with ThreadPoolExecutor(self._slots, thread_name_prefix="network") as pool:
            while not self._stopping:
                try:
                    if not self._free.acquire(timeout=LONGEST_WAIT):
                        continue
                    job = self._claim(queue)
                    if job is None:
                        watcher.wait(LONGEST_WAIT)
                    else:
                        pool.submit(self._carry_out, job)
                except DATABASE_AWAY as error:
                    logger.warning("Waiting for the database: %s", error)
                    self._recover()
                except Exception:  # one bad job must not end the loop
                    logger.exception("The network loop goes on after a fault of its own")
                    self._recover()
        watcher.close()
        connections.close_all()

    def _claim(self, queue: Queue) -> Job | None:
        """A job for the slot that was taken; gives the slot back when there is none."""
        job = None
        try:
            job = queue.claim()
        finally:
            if job is None:
                self._free.release()
        return job

    def _carry_out(self, job: Job) -> None:
        control = Control()
        self._controls.add(control)
        if self._stopping:
            control.stop()
        try:
            with Heartbeat(job, control):
                run(job, control)
        except DATABASE_AWAY as error:
            # Its lease runs out, and it is taken up again.
            logger.warning("%s %s is left unsettled: %s", type(job).__name__, job.pk, error)
        except Exception:  # nobody looks at what a pooled thread raises
            logger.exception("%s %s is left unsettled", type(job).__name__, job.pk)
        finally:
            self._controls.discard(control)
            connections.close_all()
            self._free.release()

    @staticmethod
    def _recover() -> None:
        connections.close_all()
        time.sleep(RECOVERY_WAIT)
