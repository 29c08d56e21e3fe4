"""Answers that carry files: fixed type, never sniffed, never run."""

from __future__ import annotations

from typing import TypeVar

from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from prompts.archives import ZipDownload

R = TypeVar("R", HttpResponse, StreamingHttpResponse)
YEAR = 365 * 24 * 60 * 60


def media_response(
    name: str, content_type: str, *, immutable: bool = False, download_as: str = ""
) -> HttpResponse:
    """The stored file `name` as `content_type`; 404 when it is gone.

    Thumbnails are `immutable`: their address changes with their content. Originals are not kept
    by any cache, so that access ends when it is withdrawn.
    """
    try:
        with default_storage.open(name) as file:
            response = HttpResponse(file.read(), content_type=content_type)
    except FileNotFoundError as error:
        raise Http404 from error
    caching = f"private, max-age={YEAR}, immutable" if immutable else "private, no-store"
    response["Cache-Control"] = caching
    return _sealed(response, download_as)


def bytes_response(data: bytes, content_type: str, *, download_as: str) -> HttpResponse:
    """A file made for this answer, kept by no cache."""
    response = HttpResponse(data, content_type=content_type)
    response["Cache-Control"] = "private, no-store"
    return _sealed(response, download_as)


def zip_response(download: ZipDownload, name: str) -> StreamingHttpResponse:
    """A zip as it is being made."""
    response = StreamingHttpResponse(download, content_type="application/zip")
    response["Cache-Control"] = "private, no-store"
    return _sealed(response, name)


def _sealed(response: R, download_as: str) -> R:
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    if download_as:
        response["Content-Disposition"] = content_disposition_header(True, download_as) or ""
    return response
