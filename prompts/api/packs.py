"""Packs: collections of template prompts, and running them over people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone

from prompts.access import require_maker
from prompts.access_tunes import get_pack, get_prompt, get_tune
from prompts.audit import record
from prompts.flows.packs import (
    ShootPrompt,
    add_to_pack,
    idea_texts,
    preset_images,
    preset_values,
    start_shoot,
)
from prompts.forms import PackForm
from prompts.forms.packs import MAX_PEOPLE
from prompts.models import Pack, Preset, Prompt, Shoot, Tune

from . import pack_representations, representations
from .answers import json_answer
from .auth import ApiRequest, api
from .bodies import Params, as_boolean, entity, scalars
from .errors import Invalid, NotFound, form_errors
from .idempotency import answer_once
from .links import base_url
from .paging import page_of
from .tunes import consent_of, described, taken_in
from .values import callback_address, ids, number, prompt_form, prompt_values, usable

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
        pack: Pack = form.save()
        add_to_pack(pack, prompts)
        record(member.team, "pack_created", target=pack, prompts=len(prompts))
        return pack_representations.packs_for_answers(Pack.objects.filter(pk=pack.pk)).get()

    return answer_once(request, make, lambda p: pack_representations.pack(p, base_url(request)))


def _named(request: ApiRequest, slug: str) -> Pack:
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
    found = _named(request, slug)
    row = pack_representations.packs_for_answers(Pack.objects.filter(pk=found.pk)).get()
    return json_answer(pack_representations.pack(row, base_url(request)))


# --- Running -------------------------------------------------------------------------------------


@api(methods=["POST"])
def run_pack(request: ApiRequest, slug: str) -> HttpResponse:
    """Runs a pack on `tune[tune_ids]`, or on a new person that comes with the call."""
    require_maker(request)
    found = _named(request, slug)
    fields = entity(request.params, "tune")
    presets = _presets(found, ids(fields, "prompt_ids"))
    callback = callback_address(fields, "prompts_callback")
    overrides = entity(fields, "prompt_attributes")
    if "tune_ids" not in fields:
        return _run_on_new_person(request, found, presets, fields, overrides, callback)
    tunes = _tunes(request, fields)
    if not all(found.is_for(tune.team_id) for tune in tunes):
        raise Invalid({"tune_ids": ["must be of the pack's workspace"]})
    prompts = [_templated(preset, tune, overrides) for tune in tunes for preset in presets]
    return _shoot(request, tunes, prompts, title=found.title, pack=found, callback=callback)


def _presets(pack: Pack, chosen: Sequence[int]) -> list[Preset]:
    presets = pack.ordered_presets()
    if strangers := set(chosen) - {preset.pk for preset in presets}:
        listed = ", ".join(map(str, sorted(strangers)))
        raise Invalid({"prompt_ids": [f"are not all in this pack: {listed}"]})
    return [preset for preset in presets if not chosen or preset.pk in chosen]


def _tunes(request: ApiRequest, fields: Params) -> list[Tune]:
    numbers = ids(fields, "tune_ids")
    if not numbers:
        raise Invalid({"tune_ids": ["can't be blank"]})
    if len(numbers) > MAX_PEOPLE:
        raise Invalid({"tune_ids": [f"are too many (maximum is {MAX_PEOPLE})"]})
    return [usable(get_tune(request, number, change=True)) for number in numbers]


def _templated(preset: Preset, tune: Tune, overrides: Params) -> ShootPrompt:
    form = prompt_form({**preset_values(preset, tune), **overrides}, kept=preset_images(preset))
    if not form.is_valid():
        raise Invalid({f"prompt_attributes.{k}": v for k, v in form_errors(form).items()})
    return ShootPrompt(tune, prompt_values(form), preset)


def _shoot(
    request: ApiRequest,
    tunes: list[Tune],
    prompts: list[ShootPrompt],
    *,
    title: str,
    callback: str,
    pack: Pack | None = None,
) -> HttpResponse:
    def make() -> tuple[Shoot, list[Prompt]]:
        return start_shoot(
            team=tunes[0].team,
            author=request.user,
            title=title,
            prompts=prompts,
            pack=pack,
            prompts_callback=callback,
            api_key=request.key,
        )

    def answer(made: tuple[Shoot, list[Prompt]]) -> Any:
        return pack_representations.order(*made, [tune.pk for tune in tunes])

    if len({tune.team_id for tune in tunes}) > 1:
        raise Invalid({"tune_ids": ["must be of one workspace"]})
    return answer_once(request, make, answer)


def _run_on_new_person(
    request: ApiRequest,
    pack: Pack,
    presets: list[Preset],
    fields: Params,
    overrides: Params,
    callback: str,
) -> HttpResponse:
    """Trains the person and then runs every template; the answer is the tune, with its order."""
    if not pack.is_for(request.membership.team_id):
        raise NotFound
    person = described(request, fields)
    prompts = [_templated(preset, person, overrides) for preset in presets]
    intake = taken_in(person, fields)
    try:

        def make() -> tuple[Tune, Shoot, list[Prompt]]:
            tune = intake.commit(consent_of(request, person))
            shoot, made = start_shoot(
                team=tune.team,
                author=request.user,
                title=f"{pack.title}: {tune.title}",
                prompts=prompts,
                pack=pack,
                prompts_callback=callback,
                api_key=request.key,
            )
            return tune, shoot, made

        def answer(made: tuple[Tune, Shoot, list[Prompt]]) -> Any:
            tune, shoot, queued = made
            ordered = pack_representations.order(shoot, queued, [tune.pk])
            described = representations.tune(tune, base_url(request), shows_addresses=True)
            return {**described, **ordered}

        return answer_once(request, make, answer)
    except BaseException:
        intake.drop()
        raise


@api(methods=["POST"])
def themes(request: ApiRequest) -> HttpResponse:
    """Ten prompts for each of `theme[tune_ids]` from the short idea `theme[theme]`."""
    require_maker(request)
    fields = entity(request.params, "theme")
    idea = str(scalars(fields, "theme").get("theme", "")).strip()
    if not idea:
        raise Invalid({"theme": ["can't be blank"]})
    overrides = entity(fields, "prompt_attributes")
    tunes = _tunes(request, fields)
    prompts = [_themed(tune, text, overrides) for tune in tunes for text in idea_texts(idea, tune)]
    callback = callback_address(fields, "prompts_callback")
    return _shoot(request, tunes, prompts, title=idea, callback=callback)


def _themed(tune: Tune, text: str, overrides: Params) -> ShootPrompt:
    form = prompt_form({**overrides, "text": text})
    if not form.is_valid():
        raise Invalid({f"prompt_attributes.{k}": v for k, v in form_errors(form).items()})
    return ShootPrompt(tune, prompt_values(form))
