"""Callbacks: a service says that one of our objects has changed.

Whoever knows the address may only give a hint. Nothing of a body is believed: the next look asks
the service itself. So a callback costs a few milliseconds, may come any number of times and in
any order, and may be lost.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from prompts import reach, spool
from prompts.access import public
from prompts.jobs.wake import wake_others
from prompts.models import Handover, Prompt, Tune
from prompts.models.handovers import digest_of

logger = logging.getLogger(__name__)

MAX_BYTES = 2**20
#: Milliseconds to wait for the database's lock before the hint goes to a file instead.
PATIENCE = 1500
KINDS = frozenset(Handover.Kind.values)
MAX_ID = 2**63 - 1


class BadBody(Exception):
    """Not something a service would send."""


@public
@csrf_exempt
@require_POST
def receive(request: HttpRequest, kind: str, token: str) -> HttpResponse:
    """200 for a known token, whatever came of it; 404, 400 or 413 for anything else."""
    body = _read(request)
    if body is None:
        return _answer(413, "The body is larger than 1 MiB.")
    if kind == reach.KIND:
        proof = reach.take_call(token)
        return JsonResponse({"proof": proof}) if proof else _answer(404, "Unknown.")
    try:
        number = claimed_id(kind, body)
    except BadBody as error:
        return _answer(400, str(error))
    try:
        known = kind in KINDS and take_hint(kind, token, number)
    except (OperationalError, InterfaceError) as error:
        logger.warning("A callback waits in a file, the database is away: %s", error)
        known = spool.keep({"kind": kind, "token": token, "id": number})
    return _answer(200, "") if known else _answer(404, "Unknown.")


def _read(request: HttpRequest) -> bytes | None:
    """The body; None when it is too large."""
    declared = request.headers.get("Content-Length", "")
    if declared.isdigit() and int(declared) > MAX_BYTES:
        return None
    body = request.read(MAX_BYTES + 1)
    return body if len(body) <= MAX_BYTES else None


def _answer(status: int, error: str) -> HttpResponse:
    return JsonResponse({"error": error} if error else {}, status=status)


def claimed_id(kind: str, body: bytes) -> int | None:
    """The id in `{"prompt": {…}}`, in a bare entity, or in the only entry of a list of them.

    Raises BadBody for what is neither an object nor a list.
    """
    try:
        data: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadBody("The body is not JSON.") from error
    if isinstance(data, list):
        data = data[0] if len(data) == 1 else {}
    if not isinstance(data, dict):
        raise BadBody("The body must hold an object.")
    entity = data.get(kind, data)
    number = entity.get("id") if isinstance(entity, dict) else None
    if isinstance(number, str) and number.isdecimal() and len(number) < 19:
        number = int(number)
    valid = isinstance(number, int) and not isinstance(number, bool) and 0 < number <= MAX_ID
    return number if valid else None


def take_hint(kind: str, token: str, number: int | None) -> bool:
    """Has the object with that token looked at now; False when no object has it.

    Objects that have ended, were deleted, or are to be looked at anyway, stay as they are.
    """
    model: type[Prompt] | type[Tune] = Prompt if kind == Handover.Kind.PROMPT else Tune
    with _impatient():
        row = (
            Handover.objects.with_token(kind, token)
            .values_list("pk", "token_sha256", "remote_id", f"{kind}_id", f"{kind}__status")
            .first()
        )
        if row is None:
            return False
        pk, digest, remote_id, job, status = row
        if not constant_time_compare(digest, digest_of(token)):
            return False
        if number is not None and remote_id not in (None, number):
            logger.warning("A callback for handover %s names another object", pk)
            number = None
        if status == model.RUNNING and not model.objects.filter(pk=job, run_after__lte=Now()):
            _save_hint(model, pk, job, number)
    return True


def _save_hint(
    model: type[Prompt] | type[Tune], handover: int, job: int, number: int | None
) -> None:
    with transaction.atomic():
        if model.hint(model.objects.filter(pk=job)):
            known = {} if number is None else {"hinted_id": number}
            Handover.objects.filter(pk=handover).update(called_back_at=Now(), **known)
            wake_others()


@contextlib.contextmanager
def _impatient() -> Iterator[None]:
    """The caller waits: a database that is locked for long is not waited for."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout")
            before = cursor.fetchone()[0]
            cursor.execute(f"PRAGMA busy_timeout = {PATIENCE}")
            try:
                yield
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {before}")
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [str(PATIENCE)])
    try:
        yield
    finally:
        with contextlib.suppress(OperationalError, InterfaceError), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', '0', false)")


def replay_spooled() -> int:
    """Takes in the hints that wait in files; answers how many. Raises when the database is away."""
    count = 0
    for file, entry in spool.waiting():
        take_hint(str(entry.get("kind")), str(entry.get("token")), entry.get("id"))
        spool.drop(file)
        count += 1
    return count
