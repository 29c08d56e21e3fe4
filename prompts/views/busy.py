"""The plain page for who has used up a limit."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def busy(
    request: HttpRequest, wait: int, *, heading: str, words: str, back: str, back_to: str
) -> HttpResponse:
    """429 with the seconds to wait; `back` is an address, `back_to` its words."""
    context = {"membership": None, "heading": heading, "words": words}
    context |= {"back": back, "back_to": back_to}
    response = render(request, "shares/busy.html", context, status=429)
    response["Retry-After"] = str(wait)
    return response
