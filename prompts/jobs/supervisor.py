"""Keeps a number of worker processes alive beside the web server."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from django.conf import settings

logger = logging.getLogger(__name__)

WORKER_COMMAND = (
    sys.executable, str(settings.BASE_DIR / "manage.py"), "worker", "--die-with-parent",
)  # fmt: skip
#: Seconds between two looks at the processes.
INTERVAL = 0.2
#: Seconds before a dead worker is replaced, doubled each time it died young.
FIRST_DELAY, LONGEST_DELAY = 0.5, 5.0
#: Seconds a worker must have lived to count as healthy.
HEALTHY_AFTER = 10.0
#: Seconds until a worker that does not stop is killed; its lease brings the job to another.
STOP_TIMEOUT = 28.0


class Place:
    """One place for a worker process, taken by one after the other."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._delay = FIRST_DELAY
        self._replace_at: float | None = None
        self._start()

    def _start(self) -> None:
        # The pipe ends when this process dies, even by SIGKILL, and takes the worker along. A
        # session of its own keeps the terminal's Ctrl-C from reaching the worker twice.
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            self._command, stdin=subprocess.PIPE, start_new_session=True, env=os.environ
        )
        self._started_at = time.monotonic()
        self._replace_at = None

    def look_after(self) -> None:
        """Replaces a dead worker, soon if it had been healthy."""
        if self.process.poll() is None:
            return
        now = time.monotonic()
        if self._replace_at is None:
            healthy = now - self._started_at > HEALTHY_AFTER
            self._delay = FIRST_DELAY if healthy else min(self._delay * 2, LONGEST_DELAY)
            self._replace_at = now + self._delay
            logger.warning(
                "A worker ended with code %s; another starts in %.1f s",
                self.process.returncode,
                self._delay,
            )
        elif now >= self._replace_at:
            self._start()


class Supervisor:
    """Worker processes that are replaced when they die and stopped together."""

    def __init__(self, count: int, command: Sequence[str] = WORKER_COMMAND) -> None:
        self._places = [Place(command) for _ in range(count)]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stopping.wait(INTERVAL):
            for place in self._places:
                place.look_after()
        for place in self._places:
            place.process.terminate()

    def begin_stop(self) -> None:
        """Asks all workers to end, each after its present picture; returns at once."""
        self._stopping.set()

    def stop(self) -> None:
        """Ends all workers and returns when they are gone."""
        self.begin_stop()
        self._thread.join()
        deadline = time.monotonic() + STOP_TIMEOUT
        for place in self._places:
            try:
                place.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                logger.warning("A worker did not stop and is killed")
                place.process.kill()
                place.process.wait()
