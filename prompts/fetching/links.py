"""Which links may be followed at all, before anything is looked up."""

from __future__ import annotations

import httpx
from django.conf import settings

from prompts.fetching.errors import FetchRefused

_DEFAULT_PORTS = {"http": 80, "https": 443}


def parse_link(text: str, *, base: httpx.URL | None = None) -> httpx.URL:
    """The URL, if it is one we follow; `base` resolves a redirect's relative target."""
    try:
        url = httpx.URL(text) if base is None else base.join(text)
        host, userinfo = url.host, url.userinfo
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise FetchRefused("invalid", "This is not a valid link.") from error
    if url.scheme not in _DEFAULT_PORTS:
        raise FetchRefused("scheme", "Only links that begin with http:// or https:// are fetched.")
    if not host:
        raise FetchRefused("invalid", "This is not a valid link: it names no server.")
    if userinfo:
        raise FetchRefused("userinfo", "Links with a user name or password are not fetched.")
    if url.port not in (None, 80, 443) and not is_allowed(url):
        raise FetchRefused("port", "Only links to the ports 80 and 443 are fetched.")
    return url


def is_allowed(url: httpx.URL) -> bool:
    allowed = {entry.lower() for entry in getattr(settings, "FETCH_ALLOWED_HOSTS", ())}
    host = url.netloc.decode("ascii").removesuffix(f":{url.port}")
    port = url.port or _DEFAULT_PORTS[url.scheme]
    return f"{host}:{port}" in allowed or (port in (80, 443) and host in allowed)
