"""Turns at writing to an SQLite file."""

from __future__ import annotations

import fcntl
import gc
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError

from astria_web.sqlite import turns
from astria_web.sqlite.base import DatabaseWrapper

pytestmark = pytest.mark.django_db


def wrapper(path: Path, **options: Any) -> DatabaseWrapper:
    """A connection of Django's to a database of its own."""
    settings: dict[str, Any] = {
        "NAME": str(path), "OPTIONS": options, "AUTOCOMMIT": True, "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False, "TIME_ZONE": None, "ATOMIC_REQUESTS": False,
        "ENGINE": "astria_web.sqlite", "HOST": "", "PORT": "", "USER": "", "PASSWORD": "",
        "TEST": {},
    }  # fmt: skip
    return DatabaseWrapper(settings, alias="other")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.sqlite3"


def writer(path: Path) -> DatabaseWrapper:
    """One that waits for a fifth of a second."""
    database = wrapper(path, transaction_mode="IMMEDIATE", timeout=0.2)
    with database.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS a (b)")
    return database


def write(database: DatabaseWrapper) -> None:
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO a VALUES (1)")


def begin(database: DatabaseWrapper) -> None:
    database.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_a_transaction_keeps_others_from_writing_until_it_ends(path: Path, end: str) -> None:
    first, second = writer(path), writer(path)
    begin(first)
    for attempt in (write, begin):
        with pytest.raises(DatabaseError, match="locked"):
            attempt(second)
    with second.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM a")
    write(first)
    getattr(first, end)()
    write(second)
    first.close()
    second.close()


def test_a_transaction_that_could_not_begin_keeps_nobody_waiting(path: Path) -> None:
    first, second = writer(path), writer(path)
    stranger = sqlite3.connect(path)
    stranger.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseError, match="locked"):
        begin(first)
    stranger.rollback()
    stranger.close()
    write(second)
    first.close()
    second.close()


def test_a_thread_that_ends_in_the_middle_gives_its_turn_back(path: Path) -> None:
    def work() -> None:
        begin(writer(path))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    gc.collect()
    second = writer(path)
    write(second)
    second.close()


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Holds the place in front, as another process would."""
    with open(f"{path}-turn", "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def test_processes_queue_for_their_turns(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 60)
    database, order = writer(path), []

    def work() -> None:
        write(writer(path))
        order.append("written")

    with lock(path):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(0.3)
        order.append("let go")
    thread.join()
    assert order == ["let go", "written"]
    database.close()


def test_nobody_waits_for_a_process_that_was_stopped_during_its_turn(path: Path) -> None:
    database = writer(path)
    with lock(path):
        write(database)
        begin(database)
        database.commit()
    database.close()
