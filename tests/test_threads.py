"""Threads that requests borrow, and the gate before them."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections

from astria_web.threads import Gate, Threads

LONG = 60.0


def number_of(thread: ThreadPoolExecutor) -> int:
    return thread.submit(threading.get_ident).result()


def test_the_thread_that_came_back_last_is_lent_next() -> None:
    threads = Threads(kept=2)
    with threads.lend() as first, threads.lend() as second:
        numbers = number_of(first), number_of(second)
    with threads.lend() as third:
        assert number_of(third) == numbers[0]
        with threads.lend() as fourth:
            assert number_of(fourth) == numbers[1]
    assert len(set(numbers)) == 2


def test_a_thread_comes_back_from_what_failed() -> None:
    threads = Threads(kept=1)
    with pytest.raises(LookupError), threads.lend() as first:
        raise LookupError
    with threads.lend() as second:
        assert second is first


def open_connection() -> Any:
    """The driver's connection of this thread, in use."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return connection.connection


def answers(driver: Any) -> bool:
    try:
        driver.execute("SELECT 1")
    except Exception:  # each driver has its own for this
        return False
    return True


@pytest.mark.django_db(transaction=True)
def test_a_kept_thread_keeps_its_connection_and_one_too_many_closes_its_own() -> None:
    threads = Threads(kept=1)
    with threads.lend() as kept, threads.lend() as spare:
        first, other = (t.submit(open_connection).result() for t in (kept, spare))
    kept.shutdown()
    assert answers(other) is True  # came back first
    assert answers(first) is False
    with threads.lend() as again:
        assert again is spare
        assert again.submit(open_connection).result() is other
        again.submit(connections.close_all).result()


async def _pass(gate: Gate, name: str, seen: list[str], leave: asyncio.Event) -> None:
    async with gate.passed():
        seen.append(name)
        await leave.wait()


def test_no_more_than_the_places_are_inside_and_the_next_follow_in_order() -> None:
    async def crowd() -> None:
        gate, seen = Gate(2, LONG), list[str]()
        leaves = [asyncio.Event() for _ in range(4)]
        async with asyncio.TaskGroup() as tasks:
            for name, leave in zip("abcd", leaves, strict=True):
                tasks.create_task(_pass(gate, name, seen, leave))
            await asyncio.sleep(0.05)
            assert seen == ["a", "b"]
            leaves[1].set()
            await asyncio.sleep(0.05)
            assert seen == ["a", "b", "c"]
            for leave in leaves:
                leave.set()
        assert seen == ["a", "b", "c", "d"]

    asyncio.run(crowd())


def test_who_takes_long_lets_others_in_but_each_only_one() -> None:
    async def crowd() -> None:
        gate, seen = Gate(1, 0.05), list[str]()
        slow, held = asyncio.Event(), asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_pass(gate, "slow", seen, slow))
            await asyncio.sleep(0.2)
            gate._patience = LONG
            tasks.create_task(_pass(gate, "second", seen, held))
            await asyncio.sleep(0.05)
            assert seen == ["slow", "second"]
            slow.set()  # its place was given away and does not come back twice
            tasks.create_task(_pass(gate, "third", seen, held))
            await asyncio.sleep(0.05)
            assert seen == ["slow", "second"]
            held.set()

    asyncio.run(crowd())


def test_a_place_comes_back_from_what_failed() -> None:
    async def twice() -> None:
        gate = Gate(1, LONG)
        for _ in range(2):
            with pytest.raises(LookupError):
                async with asyncio.timeout(5), gate.passed():
                    raise LookupError

    asyncio.run(twice())
