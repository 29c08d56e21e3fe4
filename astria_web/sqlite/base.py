"""Whoever writes takes turns; see `turns`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.sqlite3 import base

from .turns import Turn

#: First words of statements that write.
WRITES = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE"})


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
    """As Django's, but for the turns at writing."""

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
        except BaseException:  # whatever it was, others may write
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

    def _close(self) -> None:
        self._end_turn()
        super()._close()  # type: ignore[misc]  # not in the stubs
