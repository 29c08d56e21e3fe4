"""Who calls, for which team, and whether this key may: one decorator for every view."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from prompts.access import (
    MemberRequest,
    View,
    marked,
    memberships_of,
    public,
    uncached_unless_told,
)
from prompts.audit import acting
from prompts.models import ApiKey, Membership, Via
from prompts.quotas import QuotaExceeded

from .bodies import Params, read_params
from .errors import BASE, ApiError, Forbidden, Invalid, NotFound, Unauthorized, Unavailable
from .idempotency import run_once
from .links import base_url
from .throttle import throttle

logger = logging.getLogger(__name__)

SAFE_METHODS = frozenset({"GET", "HEAD"})
EVERY_WORKSPACE = "all"


class ApiRequest(MemberRequest):
    """A call with a valid key.

    `membership` is the place for which it creates things, `memberships` are those it may read:
    one, or with `X-Workspace-Id: all` every one. `places` are all of the user's, whatever the
    header says. `params` are query and body together.
    """

    key: ApiKey
    places: list[Membership]
    params: Params


def api(*, methods: Sequence[str], write: bool | None = None) -> Callable[[View], View]:
    """Marks a view of the gateway; without a valid key it is never called.

    `write` says whether the key must be one that may write; left out, every method but GET needs
    it. ApiError, Http404 and PermissionDenied end in the gateway's own answers.
    """
    allowed = [*methods, "HEAD"] if "GET" in methods else list(methods)

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            needs_write = request.method not in SAFE_METHODS if write is None else write
            headers: dict[str, str] = {}
            try:
                check_method(request.method, allowed)
                authenticate(request)
                headers = throttle(request.key, write=needs_write)
                check_scope(request, needs_write)
                request.params = read_params(request)
                with acting(request.user, Via.API):
                    response = run_once(
                        request, request.key, request.params, lambda: view(request, *args, **kwargs)
                    )
            except ApiError as error:
                response = error.response()
            except Http404:
                response = NotFound().response()
            except QuotaExceeded as exceeded:
                response = Invalid({BASE: [exceeded.message]}).response()
            except PermissionDenied as error:
                response = Forbidden(str(error) or "You may not do this.").response()
            except (OperationalError, InterfaceError):
                logger.exception("The gateway could not reach the database")
                response = Unavailable().response()
            for name, value in headers.items():
                response[name] = value
            return uncached_unless_told(response)

        return marked(guarded, "api", methods=tuple(methods))

    return decorate


def open_api(view: View) -> View:
    """Marks a view of the gateway that reads and needs no key."""

    @csrf_exempt
    @wraps(view)
    def opened(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            check_method(request.method, ["GET", "HEAD"])
            return view(request, *args, **kwargs)
        except ApiError as error:
            return error.response()
        except Http404:
            return NotFound().response()

    return marked(opened, "public", methods=("GET",))


def check_method(method: str | None, allowed: Sequence[str]) -> None:
    """405 with the methods there are."""
    if method not in allowed:
        listed = ", ".join(allowed)
        raise ApiError(405, f"This address takes {listed}.", {"Allow": listed})


def authenticate(request: ApiRequest) -> None:
    """Finds the key and the workspace of a call; raises 401 or 404."""
    scheme, _, plain = request.headers.get("Authorization", "").partition(" ")
    key = ApiKey.objects.authenticate(plain.strip()) if scheme.lower() == "bearer" else None
    if key is None:
        raise Unauthorized
    places = memberships_of(key.user, pictured=False)
    own = next((place for place in places if place.team_id == key.team_id), None)
    if own is None:
        raise Unauthorized("The user of this key is no longer in its team.")
    key.team = own.team
    key.touch(base_url(request))
    request.key, request.user, request.places = key, key.user, places
    request.memberships = _in_workspace(request.headers.get("X-Workspace-Id", ""), own, places)
    request.membership = own if own in request.memberships else request.memberships[0]


def _in_workspace(wanted: str, own: Membership, places: list[Membership]) -> list[Membership]:
    if not wanted:
        return [own]
    if wanted == EVERY_WORKSPACE:
        return places
    named = [place for place in places if str(place.team_id) == wanted]
    if not named:
        raise NotFound("There is no such workspace for this key.")
    return named


def check_scope(request: ApiRequest, needs_write: bool) -> None:
    """403 for a key that may only read."""
    if needs_write and not request.key.may_write:
        raise Forbidden("This API key may only read.")


@public
@csrf_exempt
def unknown_address(request: HttpRequest, path: str = "") -> HttpResponse:
    """Whatever the gateway does not know, in any method."""
    return NotFound("There is no such address; see /api/docs.").response()
