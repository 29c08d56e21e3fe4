"""Resources about who calls: the account, its workspaces (our teams), the models there are."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from prompts.access import require_admin
from prompts.engines.base import Support
from prompts.engines.registry import get_engine
from prompts.flows.teams import change_team, create_team
from prompts.forms import TeamForm
from prompts.models import Membership, Team
from prompts.parameters import BY_NAME

from .answers import json_answer
from .auth import ApiRequest, api, open_api
from .bodies import Params, as_boolean, entity, scalars
from .errors import Forbidden, Invalid, form_errors
from .idempotency import answer_once
from .times import timestamp

#: Seconds for which programs may keep the list of models.
MODELS_CACHE_SECONDS = 3600


@api(methods=["GET"])
def users(request: ApiRequest) -> HttpResponse:
    """The account behind the key."""
    return json_answer(represent_account(request))


def represent_account(request: ApiRequest) -> dict[str, Any]:
    """The key's user; there is no balance, because a portal of one's own costs nothing."""
    return {
        "id": request.user.pk,
        "name": request.user.name,
        "email": request.user.email,
        "usd_balance_mc": None,
        "workspace_id": request.membership.team_id,
        "role": request.membership.role,
        "may_write": request.key.may_write and request.membership.may_make,
        "created_at": timestamp(request.user.date_joined),
    }


@api(methods=["GET", "POST"])
def workspaces(request: ApiRequest) -> HttpResponse:
    """Every team of the key's user; or a new one, which the user then owns."""
    if request.method == "POST":
        return _create(request)
    return json_answer([represent_workspace(place) for place in request.places])


def _create(request: ApiRequest) -> HttpResponse:
    if not request.membership.is_admin:
        raise Forbidden("Only admins may create workspaces.")
    form = TeamForm(_form_data(entity(request.params, "workspace"), Team()))
    if not form.is_valid():
        raise Invalid(_renamed(form_errors(form)))
    return answer_once(
        request, lambda: create_team(request.user, **form.cleaned_data), represent_workspace
    )


@api(methods=["GET", "PATCH"])
def workspace(request: ApiRequest, id: int) -> HttpResponse:
    """One team; its admins may change it."""
    request.membership = _place(request, id)
    if request.method == "PATCH":
        team = require_admin(request).team
        form = TeamForm(_form_data(entity(request.params, "workspace"), team), instance=team)
        if not form.is_valid():
            raise Invalid(_renamed(form_errors(form)))
        change_team(form.instance, form.changed_data)
    return json_answer(represent_workspace(request.membership))


def _place(request: ApiRequest, team_id: int) -> Membership:
    for place in request.places:
        if place.team_id == team_id:
            return place
    raise Http404


def _form_data(given: Params, team: Team) -> dict[str, Any]:
    """What the team's form takes: what was given, and for the rest what is there."""
    values = scalars(given, "title", "api_idempotency")
    idempotency = as_boolean(values.get("api_idempotency"))
    return {
        "name": values.get("title", team.name),
        "api_idempotency": team.api_idempotency if idempotency is None else idempotency,
    }


def _renamed(errors: dict[str, list[str]]) -> dict[str, list[str]]:
    return {"title" if name == "name" else name: messages for name, messages in errors.items()}


def represent_workspace(place: Membership) -> dict[str, Any]:
    """A team as this member sees it."""
    team = place.team
    return {
        "id": team.pk,
        "title": team.name,
        "role": place.role,
        "engine": team.engine,
        "api_idempotency": team.api_idempotency,
        "created_at": timestamp(team.created_at),
    }


@open_api
def models(request: HttpRequest) -> HttpResponse:
    """The models that programs may choose from: the engine new teams get."""
    engine = get_engine(settings.DEFAULT_ENGINE)
    can_resize = engine.capabilities["resolution"].support != Support.IGNORED
    model = {
        "tune_id": None,
        "title": engine.label,
        "resolutions": list(BY_NAME["resolution"].choices) if can_resize else [],
    }
    return json_answer(
        {
            "cache_ttl": MODELS_CACHE_SECONDS,
            "default": engine.name,
            "models": {engine.name: model},
            "video_models": {},
        }
    )
