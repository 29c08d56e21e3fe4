"""Packs: collections of template prompts."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone

from prompts.access import require_maker
from prompts.access_tunes import get_pack, get_prompt
from prompts.audit import record
from prompts.flows.packs import add_to_pack
from prompts.forms import PackForm
from prompts.models import Pack, Team

from . import pack_representations
from .answers import json_answer
from .auth import ApiRequest, api
from .bodies import as_boolean, entity, scalars
from .errors import Invalid, NotFound, form_errors
from .idempotency import answer_once
from .links import base_url
from .paging import page_of
from .values import ids, number

MAX_OFFSET = 200


@api(methods=["GET", "POST"])
def packs(request: ApiRequest) -> HttpResponse:
    """GET: the built-in packs and the team's own. POST: a new one of the team."""
    if request.method == "POST":
        return _create(request)
    teams = [place.team_id for place in request.memberships]
    rows = Pack.objects.filter(Q(team=None) | Q(team__in=teams))
    for name, empty in (("public", Q(public_at=None)), ("listed", ~Q(unlisted_at=None))):
        wanted = as_boolean(request.params.get(name))
        if wanted is not None:
            rows = rows.exclude(empty) if wanted else rows.filter(empty)
    return _list(request, rows)


@api(methods=["GET"])
def gallery_packs(request: ApiRequest) -> HttpResponse:
    """The packs every team has."""
    return _list(request, Pack.objects.filter(team=None))


def _list(request: ApiRequest, rows: Any) -> HttpResponse:
    answered = pack_representations.packs_for_answers(rows)
    page = page_of(answered, request.params, max_offset=MAX_OFFSET)
    return json_answer([pack_representations.pack(pack, base_url(request)) for pack in page])


def _create(request: ApiRequest) -> HttpResponse:
    member = require_maker(request)
    fields = entity(request.params, "pack")
    form = PackForm(
        scalars(fields, "title", "subtitle", "slug", "main_class_name"),
        instance=Pack(team=member.team, position=1000),
    )
    if not form.is_valid():
        raise Invalid(form_errors(form))
    if as_boolean(fields.get("public")):
        form.instance.public_at = timezone.now()
    prompts = [get_prompt(request, id, change=True) for id in ids(fields, "prompt_ids")]
    if any(prompt.team_id != member.team_id for prompt in prompts):
        raise Invalid({"prompt_ids": ["must be of one workspace"]})

    def make() -> Pack:
        # Locked until the new pack is committed, so that two calls cannot both take one slug.
        Team.objects.select_for_update(no_key=True).get(pk=member.team_id)
        form.full_clean()
        if not form.is_valid():
            raise Invalid(form_errors(form))
        pack: Pack = form.save()
        add_to_pack(pack, prompts)
        record(member.team, "pack_created", target=pack, prompts=len(prompts))
        return pack_representations.packs_for_answers(Pack.objects.filter(pk=pack.pk)).get()

    return answer_once(request, make, lambda p: pack_representations.pack(p, base_url(request)))


def pack_named(request: ApiRequest, slug: str) -> Pack:
    """By number, or by slug: the team's own before a built-in one."""
    if (pack_id := number(slug)) is not None:
        return get_pack(request, pack_id)
    teams = [place.team_id for place in request.memberships]
    own_first = Pack.objects.filter(Q(team=None) | Q(team__in=teams), slug=slug).order_by(
        "team_id", "id"
    )
    found = sorted(own_first, key=lambda pack: pack.team_id is None)
    if not found:
        raise NotFound
    return found[0]


@api(methods=["GET"])
def pack(request: ApiRequest, slug: str) -> HttpResponse:
    """A pack with its template prompts."""
    found = pack_named(request, slug)
    row = pack_representations.packs_for_answers(Pack.objects.filter(pk=found.pk)).get()
    return json_answer(pack_representations.pack(row, base_url(request)))
