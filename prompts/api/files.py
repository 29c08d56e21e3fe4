"""Addresses of pictures that work without a key, for a while: clients show and copy them.

An address names the picture and the hour it ends at, and is signed; whether the picture is still
there is asked at every call, so it dies the moment the picture does, or its team.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from prompts.media import media_response
from prompts.models import Image, Photo, Prompt

from .auth import open_api

#: Addresses made within the same span are equal, so that programs need not fetch twice.
SPAN = 3600
_SIGNER = Signer(salt="astria-web api files", sep="~")

#: How tokens and suffixes look in an address.
TOKEN, SUFFIX = r"(?P<token>[\w~-]{20,200})", "(?P<suffix>jpg|png|webp)"
#: Storage name and content type.
Stored = tuple[str, str]


def _image(public_id: str) -> Stored | None:
    found = Image.objects.present().filter(public_id=public_id, team__deletion=None)
    return found.values_list("file", "content_type").first()


def _photo(public_id: str) -> Stored | None:
    rows = Photo.objects.filter(public_id=public_id, tune__team__deletion=None)
    name = rows.values_list("file", flat=True).first()
    return (name, "image/jpeg") if name else None


def _prompt(public_id: str) -> QuerySet[Prompt]:
    return Prompt.objects.filter(public_id=public_id, team__deletion=None)


def _input_image(public_id: str) -> Stored | None:
    rows = _prompt(public_id).exclude(input_image="")
    name = rows.values_list("input_image", flat=True).first()
    return (name, "image/jpeg") if name else None


def _mask_image(public_id: str) -> Stored | None:
    rows = _prompt(public_id).exclude(mask_image="")
    name = rows.values_list("mask_image", flat=True).first()
    return (name, "image/png") if name else None


KINDS: dict[str, Callable[[str], Stored | None]] = {
    "image": _image,
    "photo": _photo,
    "input": _input_image,
    "mask": _mask_image,
}


def file_path(kind: str, public_id: str, suffix: str) -> str:
    """The path of a picture's address; `kind` is one of `KINDS`, `suffix` "jpg", "png" or "webp".

    It ends `API_FILE_URL_HOURS` from now, or up to an hour later.
    """
    hours = settings.API_FILE_URL_HOURS
    ends = math.ceil((time.time() + hours * SPAN) / SPAN) * SPAN
    token = _SIGNER.sign(f"{kind}-{public_id}-{ends}")
    return reverse("api:file", kwargs={"token": token, "suffix": suffix})


def _read(token: str) -> tuple[str, str]:
    """Kind and public id; raises Http404 for what we did not sign, or what has ended."""
    try:
        kind, public_id, ends = _SIGNER.unsign(token).split("-")
    except (BadSignature, ValueError) as error:
        raise Http404 from error
    if time.time() > int(ends):
        raise Http404
    return kind, public_id


@open_api
def file(request: HttpRequest, token: str, suffix: str) -> HttpResponse:
    """A picture to whoever has its address."""
    kind, public_id = _read(token)
    stored = KINDS[kind](public_id)
    if stored is None:
        raise Http404
    response = media_response(*stored)
    # Programs show these in pages of their own.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
