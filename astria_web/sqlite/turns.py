"""Turns at writing: who writes to an SQLite file next.

SQLite lets one write at a time; whoever comes second sleeps and looks again, ever less often, so
that those who have waited longest have the least chance. Here writers queue instead: the threads of
a process at a lock in memory, and their first at a lock on a file beside the database, which it
asks for every millisecond. It is good manners, not safety: that stays with SQLite's own lock, and
whoever has queued for `PATIENCE` seconds, because the one in front was stopped or takes long, goes
to that at once.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time

#: Seconds between two looks at the file's lock, and of queueing in all.
LOOK, PATIENCE = 0.001, 0.25

_queues: dict[tuple[str, int], threading.Lock] = {}


class Turn:
    """A place in front of one database's queue, until `end` or until nobody holds it any more."""

    _queue: threading.Lock | None = None
    _file = -1

    def __init__(self, name: str) -> None:
        until = time.monotonic() + PATIENCE
        # A forked process must not wait for its parent's threads.
        queue = _queues.setdefault((name, os.getpid()), threading.Lock())
        if not queue.acquire(timeout=PATIENCE):
            return
        self._queue = queue
        self._file = os.open(f"{name}-turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        while not self._lock_file() and time.monotonic() < until:
            time.sleep(LOOK)

    def _lock_file(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def end(self) -> None:
        """Lets the next one write; again is harmless."""
        file, self._file = self._file, -1
        if file >= 0:
            # Closing alone would not do: a process forked meanwhile has the file open too.
            fcntl.flock(file, fcntl.LOCK_UN)
            os.close(file)
        queue, self._queue = self._queue, None
        if queue:
            queue.release()

    def __del__(self) -> None:
        # A thread that ended in the middle of a transaction takes its connection along.
        self.end()
