"""A Redis cache that may be away: until it is back, every process remembers for itself.

What is cached here are the counts of the account library's rate limits. Those had better count for
one process alone than keep everybody from signing in.
"""

from __future__ import annotations

import logging
import time
from threading import Lock
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

#: Seconds for which Redis is not asked after it could not be reached, so that nobody waits twice.
PAUSE = 5.0
#: Seconds between two warnings of a process.
WARNING_INTERVAL = 60.0
#: Seconds that Redis may take to be reached, and to answer.
PATIENCE = 1.0
#: So many counts are remembered in its place.
MOST_REMEMBERED = 10_000


class Reach:
    """Whether Redis was there when this process last asked."""

    def __init__(self) -> None:
        self.is_away = False
        self._ask_at = 0.0
        self._warn_at = 0.0
        self._lock = Lock()

    @property
    def is_due(self) -> bool:
        """Whether Redis is worth asking now."""
        return not self.is_away or time.monotonic() >= self._ask_at

    def note_fault(self, error: Exception) -> None:
        """Leaves Redis alone for a while, and says so now and then."""
        now = time.monotonic()
        with self._lock:
            self.is_away, self._ask_at = True, now + PAUSE
            is_quiet = now < self._warn_at
            self._warn_at = self._warn_at if is_quiet else now + WARNING_INTERVAL
        if not is_quiet:
            logger.warning("Redis is away, rate limits count for each process: %s", error)


#: Connections are made anew for every thread; what is known of the server is not.
_reach: dict[str, Reach] = {}


class PatientRedisCache(RedisCache):
    """Django's Redis cache, with the memory of the process in its place while Redis is away."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        waits = {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE}
        options = {**waits, **params.get("OPTIONS", {})}
        super().__init__(server, {**params, "OPTIONS": options})
        self._memory = LocMemCache(
            f"in place of {server}", {"OPTIONS": {"MAX_ENTRIES": MOST_REMEMBERED}}
        )
        self._state = _reach.setdefault(server, Reach())

    @property
    def is_away(self) -> bool:
        """Asks, unless it was away a moment ago."""
        self.has_key("reach")
        return self._state.is_away

    def _ask(self, method: str, *args: Any, **kwargs: Any) -> Any:
        if self._state.is_due:
            try:
                answer = getattr(super(), method)(*args, **kwargs)
            except (RedisError, OSError) as error:
                self._state.note_fault(error)
            else:
                self._state.is_away = False
                return answer
        return getattr(self._memory, method)(*args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("add", *args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("set", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("touch", *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("delete", *args, **kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("get_many", *args, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("has_key", *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("incr", *args, **kwargs)

    def set_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("set_many", *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("delete_many", *args, **kwargs)

    def clear(self) -> Any:
        return self._ask("clear")
