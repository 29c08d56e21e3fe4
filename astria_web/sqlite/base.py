"""Keeps a few connections open between requests.

Under ASGI every request runs in a thread of its own, so Django opens and closes the database for
each: 1.5 ms of which nothing is gained, and no statement is ever prepared before. Here a closed
connection goes to a shelf, from which the next thread takes it. One that has seen an error, or is
in the middle of something, is closed for good. Whoever writes takes turns; see `turns`.
"""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.sqlite3 import base

from .turns import Turn

#: Idle connections that are kept for each database.
SHELF_SIZE = 8

#: First words of statements that write.
WRITES = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE"})

_shelves: dict[tuple[str, int], deque[sqlite3.Connection]] = {}


class Cursor(base.SQLiteCursorWrapper):
    """Takes a turn for a statement that writes outside of a transaction."""

    wrapper: DatabaseWrapper

    def execute(self, query: str, params: Any = None) -> Any:
        with self.wrapper.turn_for(query):
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        with self.wrapper.turn_for(query):
            return super().executemany(query, param_list)


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's, but for opening, closing and the turns at writing."""

    _turn: Turn | None = None

    @contextmanager
    def turn_for(self, query: str) -> Iterator[None]:
        """Holds a turn during a single statement that writes; transactions have their own."""
        word = query.lstrip()[:7].split(" ", 1)[0].upper()
        if self._turn or word not in WRITES or self.is_in_memory_db():
            yield
            return
        turn = self._new_turn()
        try:
            yield
        finally:
            turn.end()

    def _new_turn(self) -> Turn:
        return Turn(str(self.settings_dict["NAME"]))

    def _end_turn(self) -> None:
        if self._turn:
            self._turn.end()
            self._turn = None

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = self.connection.cursor(factory=Cursor)
        cursor.wrapper = self
        return cursor

    def _start_transaction_under_autocommit(self) -> None:
        if not self.is_in_memory_db():
            self._turn = self._new_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # not in the stubs
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # not in the stubs
        self._end_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]  # not in the stubs
        finally:
            self._end_turn()

    def _shelf(self) -> deque[sqlite3.Connection]:
        # A forked process must not touch its parent's connections.
        key = (str(self.settings_dict["NAME"]), os.getpid())
        return _shelves.setdefault(key, deque(maxlen=SHELF_SIZE))

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return self._shelf().pop()
        except IndexError:
            return super().get_new_connection(conn_params)

    def _close(self) -> None:
        self._end_turn()
        connection, shelf = self.connection, self._shelf()
        if (
            connection is None
            or self.is_in_memory_db()
            or self.errors_occurred
            or connection.in_transaction
            or len(shelf) >= SHELF_SIZE
        ):
            super()._close()  # type: ignore[misc]  # not in the stubs
        else:
            shelf.append(connection)


def close_shelf(name: str) -> None:
    """Closes the idle connections to that database, so that its file can go."""
    shelf = _shelves.pop((name, os.getpid()), None)
    while shelf:
        shelf.pop().close()
