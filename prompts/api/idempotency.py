"""`Idempotency-Key`: a call that is sent again does nothing twice and gets the same answer.

The answer is written in the transaction that makes the object (`answer_once`). A caller that dies
before leaves neither; one that dies after leaves both. Only answers of success are kept: after any
other the name is free again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from prompts.access import MemberRequest
from prompts.models import ApiKey, IdempotencyKey
from prompts.models.idempotency import LEASE

from .answers import json_answer
from .bodies import Params
from .errors import ApiError, BadRequest, Invalid

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
MAX_LENGTH = 255
Made = TypeVar("Made")


class Overtaken(ApiError):
    """The lease ran out and another call took the key over; what was being made is undone."""

    def __init__(self) -> None:
        super().__init__(409, "Another call with this Idempotency-Key took over.")


def run_once(
    request: Any, key: ApiKey, params: Params, work: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """Does the work, unless a call with this name has been answered; raises 409 and 422."""
    name = request.headers.get(HEADER, "")
    if not name or request.method != "POST":
        return work()
    if len(name) > MAX_LENGTH or not name.isprintable():
        raise BadRequest(f"{HEADER}: at most {MAX_LENGTH} printable characters.")
    row, is_new = _begin(key, name, _fingerprint(request, params))
    if not is_new:
        return _replay(row)
    request.idempotency = row
    try:
        response = work()
    except BaseException:  # whatever it was, the call may be repeated
        row.held().delete()
        raise
    if response.status_code < 300:
        # For views that do not answer through `answer_once`; else this finds nothing to do.
        row.held().update(status=response.status_code, body=_text(response))
    else:
        row.held().delete()
    return response


def answer_once(
    request: MemberRequest, make: Callable[[], Made], represent: Callable[[Made], Any]
) -> HttpResponse:
    """Makes an object and keeps the answer about it in one transaction; answers 201."""
    with transaction.atomic():
        response = json_answer(represent(make()), 201)
        row: IdempotencyKey | None = getattr(request, "idempotency", None)
        if row and not row.held().update(status=201, body=_text(response)):
            raise Overtaken
    return response


def _begin(key: ApiKey, name: str, fingerprint: str) -> tuple[IdempotencyKey, bool]:
    """The row for that name, and whether this call is the one that does the work."""
    IdempotencyKey.objects.outdated().filter(api_key=key, name=name).delete()
    row, is_new = IdempotencyKey.objects.get_or_create(
        api_key=key,
        name=name,
        defaults={"fingerprint": fingerprint, "lease_expires_at": Now() + LEASE},
    )
    if row.fingerprint != fingerprint:
        raise Invalid({"base": [f"{HEADER} was used for another request"]})
    return row, is_new or (row.status is None and row.take_over())


def _replay(row: IdempotencyKey) -> HttpResponse:
    if row.status is None:
        message = "The first call with this Idempotency-Key has not ended yet."
        raise ApiError(409, message, {"Retry-After": "2"})
    return HttpResponse(
        row.body,
        status=row.status,
        content_type="application/json",
        headers={REPLAYED: "true"},
    )


def _text(response: HttpResponseBase) -> str:
    return response.content.decode() if isinstance(response, HttpResponse) else ""


def _fingerprint(request: Any, params: Params) -> str:
    """SHA-256 of what is asked for; equal for equal values and files."""
    asked = {
        "method": request.method,
        "path": request.path.removesuffix(".json"),
        "workspace": request.headers.get("X-Workspace-Id", ""),
        "params": params,
    }
    text = json.dumps(asked, sort_keys=True, default=_digest)
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(value: Any) -> str:
    """Stands for a file among the parameters: the name it bears, and its content."""
    if not isinstance(value, UploadedFile):
        raise TypeError(f"No parameter is a {type(value).__name__}")
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return f"{value.name} {digest.hexdigest()}"
