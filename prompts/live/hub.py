"""One hub in every web process, which hands changes to the open streams."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Sequence

from django.db import DatabaseError, connections
from django.db.models import Max, QuerySet
from django.db.utils import DEFAULT_DB_ALIAS

from prompts.jobs.wake import new_watcher
from prompts.models import Change

from .streams import Stream

logger = logging.getLogger(__name__)

#: Seconds after which the table is read without having been woken.
LONGEST_WAIT = 1.0
#: Seconds before another try after the database was gone.
RECOVERY_WAIT = 1.0
#: How far behind the newest change an unread one may turn up. SQLite's writers take turns; on
#: PostgreSQL ids are drawn before the commit, so a smaller one may become visible later.
STRAGGLERS = {"sqlite": 0}
STRAGGLERS_ELSEWHERE = 200


class ChangeFeed:
    """Reads every change that is committed from now on, each once."""

    def __init__(self) -> None:
        vendor = connections[DEFAULT_DB_ALIAS].vendor
        self._overlap = STRAGGLERS.get(vendor, STRAGGLERS_ELSEWHERE)
        self._newest = Change.objects.aggregate(newest=Max("pk"))["newest"] or 0
        self._seen = set(self._recent().values_list("pk", flat=True))

    def read(self) -> list[Change]:
        """What was committed since the last call, oldest first."""
        fresh = [change for change in self._recent() if change.pk not in self._seen]
        if fresh:
            self._newest = max(self._newest, fresh[-1].pk)
            self._seen.update(change.pk for change in fresh)
            self._seen = {pk for pk in self._seen if pk > self._newest - self._overlap}
        return fresh

    def _recent(self) -> QuerySet[Change]:
        return Change.objects.filter(pk__gt=self._newest - self._overlap).order_by("pk")


class Hub:
    """The streams of one event loop and the thread that feeds them.

    The thread begins with the first stream. All methods are for the loop's own thread, but for
    `close`, which may be called from anywhere.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._streams: set[Stream] = set()
        self._feeding: threading.Thread | None = None
        self._ready = asyncio.Event()
        self._closed = False

    async def add(self, stream: Stream) -> None:
        """From the return on, the stream is offered every change; a closed hub ends it."""
        self._streams.add(stream)
        if self._closed:
            stream.close()
            return
        if self._feeding is None:
            self._feeding = threading.Thread(target=self._feed, name="live-hub", daemon=True)
            self._feeding.start()
        await self._ready.wait()

    def remove(self, stream: Stream) -> None:
        self._streams.discard(stream)

    def close(self) -> None:
        """Ends every stream, so that a server which stops need not wait for them."""
        self._closed = True
        self.loop.call_soon_threadsafe(self._close_streams)

    def _close_streams(self) -> None:
        self._ready.set()
        for stream in tuple(self._streams):
            stream.close()

    def _deliver(self, changes: Sequence[Change]) -> None:
        self._ready.set()
        for stream in self._streams:
            for change in changes:
                stream.offer(change)

    def _feed(self) -> None:
        watcher = new_watcher()
        feed: ChangeFeed | None = None
        while not self._closed:
            try:
                if feed is None:
                    watcher.wait(0)  # connects, so that nothing is committed unheard meanwhile
                    feed = ChangeFeed()
                self._tell(feed.read())
                watcher.wait(LONGEST_WAIT)
            except DatabaseError as error:
                logger.warning("Live pages wait for the database: %s", error)
                connections.close_all()
                time.sleep(RECOVERY_WAIT)
        watcher.close()
        connections.close_all()

    def _tell(self, changes: Sequence[Change]) -> None:
        if changes or not self._ready.is_set():
            try:
                self.loop.call_soon_threadsafe(self._deliver, changes)
            except RuntimeError:  # the loop has ended without closing the hub
                self._closed = True


_hub: Hub | None = None


def get_hub() -> Hub:
    """The hub of the running event loop."""
    global _hub
    loop = asyncio.get_running_loop()
    if _hub is None or _hub.loop is not loop:
        _hub = Hub(loop)
    return _hub


def close_hub() -> None:
    """Ends this process's streams; callable from a signal handler."""
    if _hub is not None:
        _hub.close()
