"""The threads in which requests run: used again, and few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager

from django.db import connections


class Threads:
    """Lends a thread to each request, and keeps up to `kept` idle ones for the next.

    A thread that is used again still has its connection to the database. There are as many as
    there are requests at a time, so nobody waits for a free one. Only the event loop's own thread
    may call this.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._idle: list[ThreadPoolExecutor] = []

    @contextmanager
    def lend(self) -> Iterator[ThreadPoolExecutor]:
        """An executor with one thread, the one that came back last."""
        thread = self._idle.pop() if self._idle else ThreadPoolExecutor(1, "request")
        try:
            yield thread
        finally:
            if len(self._idle) < self._kept:
                self._idle.append(thread)
            else:
                thread.submit(connections.close_all)
                thread.shutdown(wait=False)


class Gate:
    """Lets `places` requests compute at a time, in the order in which they came.

    Threads of one process share the interpreter, and the more of them want it, the more time goes
    by with handing it on. Whoever has been inside for `patience` seconds, because it waits for
    something else or has much to do, goes on beside the others and no longer takes a place.
    """

    def __init__(self, places: int, patience: float) -> None:
        self._places = asyncio.Semaphore(places)
        self._patience = patience

    @asynccontextmanager
    async def passed(self) -> AsyncIterator[None]:
        """Waits for a place and keeps it until the end of the block, or of the patience."""
        await self._places.acquire()
        holds_place = True

        def leave() -> None:
            nonlocal holds_place
            if holds_place:
                holds_place = False
                self._places.release()

        patience = asyncio.get_running_loop().call_later(self._patience, leave)
        try:
            yield
        finally:
            patience.cancel()
            leave()
