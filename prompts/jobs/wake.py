"""Tells a waiting process that something has been committed.

A wake-up is a hint and carries nothing: whoever is woken looks at the rows. That keeps the seam
small enough that a message broker could take its place, and makes a lost wake-up cost no more
than the bounded wait.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DEFAULT_DB_ALIAS

CHANNEL = "astria_web_changes"
#: Seconds between two looks at SQLite's change counter, which costs microseconds.
SQLITE_INTERVAL = 0.1


def wake_others(using: str = DEFAULT_DB_ALIAS) -> None:
    """Wakes every waiting process when the present transaction commits.

    On SQLite the commit itself is the signal.
    """
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


class Watcher(ABC):
    """Waits for commits on a connection of its own; used by one thread.

    Commits made between two calls of `wait` end the second at once.
    """

    _on_connect = ""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection

    def wait(self, timeout: float) -> None:
        """Returns when something may have been committed, or after `timeout` seconds.

        Raises a `django.db.DatabaseError` when the database is gone; the next call reconnects.
        """
        try:
            if self._connection.connection is None:
                self._connection.ensure_connection()
                if self._on_connect:
                    with self._connection.cursor() as cursor:
                        cursor.execute(self._on_connect)
            with self._connection.wrap_database_errors:
                self._wait(timeout)
        except BaseException:  # whatever it was, it goes on after the clearing up
            self.close()
            raise

    def close(self) -> None:
        self._connection.close()

    @abstractmethod
    def _wait(self, timeout: float) -> None: ...


class SqliteWatcher(Watcher):
    """Looks whether another connection, in this process or another, has committed."""

    _seen = -1

    def _wait(self, timeout: float) -> None:
        end = time.monotonic() + timeout
        while (version := self._version()) == self._seen and time.monotonic() < end:
            time.sleep(SQLITE_INTERVAL)
        self._seen = version

    def _version(self) -> int:
        # https://www.sqlite.org/pragma.html#pragma_data_version
        row = self._connection.connection.execute("PRAGMA data_version").fetchone()
        return int(row[0])


class PostgresWatcher(Watcher):
    """Listens for the notifications that `wake_others` sends."""

    _on_connect = f"LISTEN {CHANNEL}"

    def _wait(self, timeout: float) -> None:
        for _ in self._connection.connection.notifies(timeout=timeout, stop_after=1):
            pass


class PollingWatcher(Watcher):
    """For databases that cannot tell: simply waits."""

    def _wait(self, timeout: float) -> None:
        time.sleep(timeout)


def new_watcher(using: str = DEFAULT_DB_ALIAS) -> Watcher:
    """The watcher that suits the database."""
    connection = connections[using].copy()
    kinds: dict[str, type[Watcher]] = {"sqlite": SqliteWatcher, "postgresql": PostgresWatcher}
    return kinds.get(connection.vendor, PollingWatcher)(connection)
