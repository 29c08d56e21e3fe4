"""Middleware of our own."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.decorators import sync_only_middleware

GetResponse = Callable[[HttpRequest], HttpResponseBase]


#: Seconds between two notes of one session, and so many sessions a process has in mind.
NOTE_INTERVAL, NOTED_SESSIONS = 300, 10_000
_noted: OrderedDict[str, float] = OrderedDict()


@sync_only_middleware
def note_sessions(get_response: GetResponse) -> GetResponse:
    """Notes now and then that a session is in use, for the account page.

    The library's own middleware writes on every request, which would make every look a write.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        key = request.session.session_key
        if key and _is_due(key) and request.user.is_authenticated:
            UserSession.objects.filter(session_key=key).update(last_seen_at=timezone.now())
        return get_response(request)

    return middleware


def _is_due(key: str) -> bool:
    now = time.monotonic()
    first = _noted.setdefault(key, now)
    # Keys come from cookies, which anybody can make up.
    while len(_noted) > NOTED_SESSIONS:
        _noted.popitem(last=False)
    if now - first < NOTE_INTERVAL:
        return False
    _noted[key] = now
    _noted.move_to_end(key)
    return True
