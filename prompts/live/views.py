"""The address of the stream."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from prompts.access import marked

from .hub import get_hub
from .rights import rights_of_session
from .streams import Stream


@require_GET
async def stream(request: HttpRequest) -> HttpResponseBase:
    """Server-sent events for the signed-in member; 401 for everybody else.

    `open`: read everything anew, something may have been missed. `change`: read what carries one
    of the `topics`. `bye`: signed out.
    """
    look_again = partial(rights_of_session, request.session.session_key)
    rights = await sync_to_async(look_again)()
    if rights is None:
        return HttpResponse(status=401)
    response = StreamingHttpResponse(
        _events(Stream(rights, look_again)), content_type="text/event-stream"
    )
    response["Cache-Control"] = "no-cache, no-transform"
    response["X-Accel-Buffering"] = "no"  # nginx would collect events before it passes them on
    return response


async def _events(listener: Stream) -> AsyncIterator[bytes]:
    hub = get_hub()
    try:
        await hub.add(listener)
        async for event in listener.events():
            yield event
    finally:
        hub.remove(listener)


marked(stream, "member")
