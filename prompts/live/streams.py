"""One open stream of server-sent events: what it may hear and what it has not been sent yet."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections

from prompts.models import Change

from .rights import Rights

#: Keeps proxies from closing a silent stream; the rights are looked at again as often.
PING_SECONDS = 15.0
#: With more topics than these unsent, the page had better read everything again.
MAX_PENDING = 100

# One for all streams: a thread and a connection to the database for each would soon be too many.
_looking = ThreadPoolExecutor(1, "live-rights")

OPEN = b"event: open\ndata: {}\n\n"
RECONNECT = b"retry: 2000\n\n"
PING = b": ping\n\n"
BYE = b"event: bye\ndata: {}\n\n"


def encode(topics: list[str]) -> bytes:
    """The event that names what has changed."""
    return f"event: change\ndata: {json.dumps({'topics': topics})}\n\n".encode()


class Stream:
    """Collects topics for one window, each once however often it changes meanwhile.

    That bounds the memory of a stream whose browser reads slowly. `look_again` answers the rights
    as they are now, or None when the stream must end; it may block. Losing a team ends it too.
    """

    def __init__(self, rights: Rights, look_again: Callable[[], Rights | None]) -> None:
        self._rights = rights
        self._look_again = look_again
        self._pending: dict[str, Change] = {}
        self._missed_some = False
        self._rights_are_stale = False
        self._looked_at = time.monotonic()
        self._closing = False
        self._woken = asyncio.Event()

    def offer(self, change: Change) -> None:
        """Takes note of a change if this stream may hear of it."""
        if change.team_id is None:
            self._rights_are_stale |= change.only_for_id == self._rights.user_id
        elif self._rights.may_hear(change):
            for topic in change.topics.split():
                self._pending.setdefault(topic, change)
        else:
            return
        if len(self._pending) > MAX_PENDING:
            self._pending.clear()
            self._missed_some = True
        self._woken.set()

    def close(self) -> None:
        """Ends the stream without a farewell, so that the browser comes back."""
        self._closing = True
        self._woken.set()

    async def events(self) -> AsyncIterator[bytes]:
        """The encoded events, until the stream is closed or its member may hear no more."""
        yield RECONNECT + OPEN
        while not self._closing:
            event = await self._next()
            yield event
            if event is BYE:
                return

    async def _next(self) -> bytes:
        while not self._closing:
            try:
                async with asyncio.timeout(PING_SECONDS):
                    await self._woken.wait()
            except TimeoutError:
                return PING if await self._refresh_rights() else BYE
            self._woken.clear()
            # A stream that always has something to say never comes to its ping.
            self._rights_are_stale |= time.monotonic() - self._looked_at > PING_SECONDS
            if self._rights_are_stale and not await self._refresh_rights():
                return BYE
            if event := self._take():
                return event
        return PING

    def _take(self) -> bytes | None:
        """What is due, by the rights of this moment."""
        pending, self._pending = self._pending, {}
        if self._missed_some:
            self._missed_some = False
            return OPEN
        topics = [topic for topic, change in pending.items() if self._rights.may_hear(change)]
        return encode(topics) if topics else None

    async def _refresh_rights(self) -> bool:
        self._rights_are_stale = False
        self._looked_at = time.monotonic()
        try:
            rights = await _in_looking_thread(self._look_again)
        except DatabaseError:
            self.close()  # the browser comes back, and polls until it can
            return True
        # A window may show something of a team that its member is out of: it had better look anew.
        if rights is None or self._rights.teams.keys() - rights.teams.keys():
            return False
        self._rights = rights
        return True


async def _in_looking_thread(look_again: Callable[[], Rights | None]) -> Rights | None:
    def look() -> Rights | None:
        close_old_connections()
        return look_again()

    return await sync_to_async(look, thread_sensitive=False, executor=_looking)()
