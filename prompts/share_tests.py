"""A link's self-test: goes there as a stranger and says in plain words what a stranger gets.

It asks the portal itself, through all of its middleware, so that it sees what is served and not
what is meant to be. It looks at the first page of a link; its visits are not counted.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from prompts.access_shares import GRANTS_KEY, shared_images
from prompts.models import THUMBNAIL_SIZES, Image, Share
from prompts.share_findings import Finding, Opened, judge, told

#: Set in a request's environment by the self-test alone: no header can name it.
SELF_TEST = "astria_web.self_test"
#: So many pictures of a link are tried.
MOST_TRIED = 60


@dataclass
class Stranger:
    """Somebody without an account, on the site that `request` came to."""

    request: HttpRequest
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, address: str) -> HttpResponseBase:
        """The portal's answer to a path or an address of its own.

        It must not be closed: that would end the request inside of which it was made.
        """
        parts = urlsplit(address)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "SERVER_NAME": self.request.META.get("SERVER_NAME", "localhost"),
            "SERVER_PORT": self.request.META.get("SERVER_PORT", "80"),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": self.request.get_host(),
            "HTTP_COOKIE": cookies,
            "wsgi.url_scheme": self.request.scheme,
            "wsgi.input": io.BytesIO(),
            SELF_TEST: True,
        }
        return _handler().get_response(WSGIRequest(environ))

    def text(self, address: str) -> str:
        """What is read there; empty for anything but 200."""
        answer = self.get(address)
        content = getattr(answer, "content", b"")
        return content.decode() if answer.status_code == 200 else ""


@cache
def _handler() -> BaseHandler:
    handler = BaseHandler()
    handler.load_middleware()
    return handler


def run_self_test(request: HttpRequest, share: Share) -> list[Finding]:
    """What a stranger gets under the link now, the most important first."""
    covered = shared_images(share)
    images = list(covered[:MOST_TRIED]) if covered is not None else []
    with _admitted(request, share) as guest:
        page = guest.text(share.public_path)
        json = guest.text(reverse("shared_json", args=[share.slug]))
        addresses = sorted(_addresses(share, images) | _harvest(share, page + json))
        if not share.is_live or not images:
            return [_closed_to(guest, share, addresses, "Nobody gets anything")]
        opened = Opened(share, images, page, json, *_samples(guest, share, images))
    findings = judge(opened)
    if share.has_password:
        stranger = Stranger(request)
        findings.insert(0, _closed_to(stranger, share, addresses, "Without the password: nothing"))
        findings.insert(1, _secrets(stranger, share, images))
    return findings


@contextmanager
def _admitted(request: HttpRequest, share: Share) -> Iterator[Stranger]:
    """A stranger who has given the password, if there is one."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[GRANTS_KEY] = {share.public_id: share.password_version}
    session.set_expiry(60)
    session.create()
    try:
        yield Stranger(request, {settings.SESSION_COOKIE_NAME: session.session_key})
    finally:
        session.delete()


def _addresses(share: Share, images: list[Image]) -> set[str]:
    """What there could be under the link, whether or not it is handed out."""
    found = {reverse(name, args=[share.slug]) for name in ("shared_json", "shared_zip")}
    for image in images:
        of_image = [share.slug, image.public_id]
        found.add(reverse("shared_download", args=of_image))
        found |= {reverse("shared_thumb", args=[*of_image, size]) for size in THUMBNAIL_SIZES}
    return found


def _harvest(share: Share, text: str) -> set[str]:
    """The addresses under the link that the text hands out, but for those of forms."""
    found = set(re.findall(rf'(/s/{re.escape(share.slug)}[/.][^"\s#?,]*)', text))
    forms = ("/pick/", "/picks/", "/unlock/")
    return {a for a in found if a != share.public_path and not a.endswith(forms)}


def _closed_to(stranger: Stranger, share: Share, addresses: list[str], words: str) -> Finding:
    """Whether none of the addresses opens; the page may ask for the password."""
    open_to = [address for address in addresses if stranger.get(address).status_code != 404]
    if not share.has_password and stranger.get(share.public_path).status_code != 404:
        open_to.append(share.public_path)
    if open_to:
        return Finding("bad", f"Open though it should not be: {', '.join(open_to[:5])}.")
    return Finding("good", f"{words}. {told(addresses)} are all refused.")


def _secrets(stranger: Stranger, share: Share, images: list[Image]) -> Finding:
    """Whether the page that asks for the password tells anything."""
    page = stranger.text(share.public_path)
    hints = [share.title, share.note, "og:image", *(image.public_id for image in images)]
    if not page or any(hint and hint in page for hint in hints):
        return Finding("bad", "The page that asks for the password tells of what is behind it.")
    return Finding("good", "The page that asks for the password tells nothing else.")


def _samples(
    guest: Stranger, share: Share, images: list[Image]
) -> tuple[HttpResponseBase, HttpResponseBase, HttpResponseBase, HttpResponseBase]:
    """The page, a thumbnail, a file and the archive; of the archive only its head."""
    of_image = [share.slug, images[0].public_id]
    page = guest.get(share.public_path)
    thumbnail = guest.get(reverse("shared_thumb", args=[*of_image, THUMBNAIL_SIZES[0]]))
    file = guest.get(reverse("shared_download", args=of_image))
    archive = guest.get(reverse("shared_zip", args=[share.slug]))
    return page, thumbnail, file, archive
