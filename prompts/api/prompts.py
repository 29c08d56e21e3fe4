"""Prompts: make, list, look at, change, delete, duplicate, like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Min, Q, QuerySet
from django.http import HttpResponse
from django.utils import timezone

from prompts.access import require_maker, visible
from prompts.access_tunes import get_prompt, get_tune
from prompts.composing import kept_images_of
from prompts.flows.likes import like_prompt, unlike_prompt
from prompts.flows.prompts import delete_prompt, submit_prompt
from prompts.models import Like, Prompt, Tune

from . import representations
from .answers import json_answer
from .auth import ApiRequest, api
from .bodies import Params, as_boolean, entity, scalars
from .equal_prompts import described_prompt, present_prompt
from .errors import BadRequest, Invalid, NotFound, form_errors
from .idempotency import answer_once
from .links import base_url
from .paging import page_of
from .prompt_changes import change, packs_named, put_into
from .values import number, prompt_form, prompt_values, usable

MAX_OFFSET = 10_000


@api(methods=["GET", "POST"])
def prompts(request: ApiRequest) -> HttpResponse:
    """GET: everything one may see, filtered. POST: a prompt of `prompt[tune_id]`."""
    if request.method == "POST":
        fields = entity(request.params, "prompt")
        return _create(request, _tune_named(request, fields.get("tune_id")), fields)
    return _list(request, _filtered(request, visible(request, Prompt.objects.all())))


@api(methods=["GET", "POST"])
def tune_prompts(request: ApiRequest, tune_id: int) -> HttpResponse:
    """The same of one tune."""
    if request.method == "POST":
        tune = get_tune(request, tune_id, change=True)
        return _create(request, tune, entity(request.params, "prompt"))
    tune = get_tune(request, tune_id)
    return _list(request, _filtered(request, Prompt.objects.filter(tune=tune)))


def _tune_named(request: ApiRequest, value: Any) -> Tune:
    require_maker(request)
    if value is None:
        raise Invalid({"tune": ["must exist"]})
    tune_id = number(value)
    if tune_id is None:
        raise Invalid({"tune_id": ["is not a number"]})
    return get_tune(request, tune_id, change=True)


# --- Lists ---------------------------------------------------------------------------------------

Rows = QuerySet[Prompt]
#: Narrows rows by the value of a query parameter.
Filter = Callable[[Rows, str, ApiRequest], Rows]


def _list(request: ApiRequest, rows: Rows) -> HttpResponse:
    answered = representations.prompts_for_answers(rows)
    page = page_of(answered, request.params, max_offset=MAX_OFFSET)
    page = representations.with_likes(page, request.user)
    return json_answer([_represent(request, prompt) for prompt in page])


def _answer(request: ApiRequest, rows: Rows, tune_id: int | None = None) -> HttpResponse:
    """The one prompt among `rows`, below that tune if one is named."""
    found = list(representations.prompts_for_answers(rows)[:1])
    prompt = _of_tune(found[0] if found else None, tune_id)
    representations.with_likes([prompt], request.user)
    return json_answer(_represent(request, prompt))


def _represent(request: ApiRequest, prompt: Prompt) -> representations.JSON:
    expand = request.params.get("expand", [])
    expand_images = "images" in (expand if isinstance(expand, list) else [expand])
    answer = representations.prompt(prompt, base_url(request), expand_images=expand_images)
    if prompt.author_id != request.user.pk and not _is_admin_of(request, prompt):
        # As in the log of deliveries: the address may hold what opens a door.
        answer["callback"] = None
    return answer


def _is_admin_of(request: ApiRequest, prompt: Prompt) -> bool:
    return any(p.is_admin for p in request.memberships if p.team_id == prompt.team_id)


def _by_number(column: str) -> Filter:
    def narrow(rows: Rows, value: str, request: ApiRequest) -> Rows:
        wanted = number(value)
        return rows.none() if wanted is None else rows.filter(**{column: wanted})

    return narrow


def _by_answer(which: Callable[[ApiRequest], Q]) -> Filter:
    def narrow(rows: Rows, value: str, request: ApiRequest) -> Rows:
        wanted = as_boolean(value)
        if wanted is None:
            raise BadRequest("Give true or false.")
        condition = which(request)
        return rows.filter(condition) if wanted else rows.exclude(condition)

    return narrow


def _is_liked(request: ApiRequest) -> Q:
    # As a set: asked row by row, SQLite reads all of the user's likes for every prompt.
    likes = Like.objects.filter(user=request.user, image__trashed_at=None)
    return Q(pk__in=likes.values("prompt"))


def _is_of_today(request: ApiRequest) -> Q:
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    teams = [place.team_id for place in request.memberships]
    today = Prompt.objects.filter(team__in=teams, created_at__gte=midnight)
    # Lists go down the ids, and would go on through all earlier days where today's do not fill
    # the page; the lowest id of today tells where to stop.
    first = today.aggregate(first=Min("pk"))["first"]
    return Q(pk__in=[]) if first is None else Q(pk__gte=first, created_at__gte=midnight)


FILTERS: dict[str, Filter] = {
    "text": lambda rows, value, request: rows.filter(text__icontains=value),
    "tune_id": _by_number("tune_id"),
    "pack_id": _by_number("template_of_id"),
    "base_pack_id": _by_number("base_pack_id"),
    "order_id": _by_number("shoot_id"),
    "user_id": _by_number("author_id"),
    "orig_prompt_id": _by_number("orig_prompt_id"),
    "liked": _by_answer(_is_liked),
    "today": _by_answer(_is_of_today),
    "is_api": _by_answer(lambda request: Q(is_api=True)),
    "is_video": _by_answer(lambda request: Q(pk__in=[])),
}


def _filtered(request: ApiRequest, rows: Rows) -> Rows:
    for name, value in scalars(request.params, *FILTERS).items():
        rows = FILTERS[name](rows, str(value), request)
    return rows


# --- Making --------------------------------------------------------------------------------------


def _create(
    request: ApiRequest, tune: Tune, fields: Params, orig_prompt: Prompt | None = None
) -> HttpResponse:
    usable(tune)
    kept = kept_images_of(orig_prompt)
    if described := described_prompt(request, tune, fields, kept):
        return answer_once(request, lambda: described, lambda prompt: _represent(request, prompt))
    form = prompt_form(fields, kept=kept)
    if not form.is_valid():
        raise Invalid(form_errors(form))
    values = prompt_values(form)
    packs = packs_named(request, fields, tune.team_id)

    def make() -> Prompt:
        if present := present_prompt(request, tune, values, lock=True):
            return present
        prompt = submit_prompt(
            tune=tune,
            author=request.user,
            api_key=request.key,
            orig_prompt=orig_prompt,
            preset=orig_prompt.preset if orig_prompt else None,
            **values,
        )
        put_into(packs, prompt)
        return prompt

    return answer_once(request, make, lambda prompt: _represent(request, prompt))


# --- One -----------------------------------------------------------------------------------------


@api(methods=["GET", "PATCH", "DELETE"])
def prompt(request: ApiRequest, id: int, tune_id: int | None = None) -> HttpResponse:
    """Looks at a prompt, changes it while it waits, or deletes it with its images."""
    if request.method == "GET" or request.method == "HEAD":
        return _answer(request, visible(request, Prompt.objects.filter(pk=id)), tune_id)
    row = _of_tune(get_prompt(request, id, change=True), tune_id)
    if request.method == "DELETE":
        delete_prompt(row)
        return json_answer({})
    change(request, row)
    return _answer(request, Prompt.objects.filter(pk=row.pk))


def _of_tune(prompt: Prompt | None, tune_id: int | None) -> Prompt:
    if prompt is None or tune_id not in (None, prompt.tune_id):
        raise NotFound
    return prompt


@api(methods=["POST"])
def prompt_duplicate(request: ApiRequest, id: int) -> HttpResponse:
    """A new prompt with the same values, but for those that are given."""
    original = get_prompt(request, id)
    overrides = entity(request.params, "prompt")
    tune_id = overrides.pop("tune_id", original.tune_id)
    settings = original.settings
    if original.author_id != request.user.pk:
        # Whoever asked for the original is not told of what others make of it.
        settings.pop("callback", None)
    fields = {**settings, **overrides}
    return _create(request, _tune_named(request, tune_id), fields, original)


@api(methods=["POST", "DELETE"])
def prompt_likes(request: ApiRequest, id: int) -> HttpResponse:
    """The key's user likes a prompt, or does no longer; answers without content."""
    prompt = get_prompt(request, id)
    if request.method == "POST":
        like_prompt(request.user, prompt)
        return HttpResponse(status=201)
    unlike_prompt(request.user, prompt)
    return HttpResponse(status=200)
