"""Running packs and ideas over people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse

from prompts.access import require_maker
from prompts.access_tunes import get_tune, may_change
from prompts.flows.packs import ShootPrompt, idea_texts, preset_images, preset_values, start_shoot
from prompts.forms.packs import MAX_PEOPLE
from prompts.models import Pack, Preset, Prompt, Shoot, Team, Tune

from . import pack_representations, representations
from .auth import ApiRequest, api
from .bodies import Params, entity, scalars
from .errors import Invalid, NotFound, form_errors
from .idempotency import answer_once
from .links import base_url
from .packs import pack_named
from .tunes import commit_intake, consent_of, described, present_tune, taken_in, tune_fields
from .values import callback_address, ids, prompt_form, prompt_values, usable


@api(methods=["POST"])
def run_pack(request: ApiRequest, slug: str) -> HttpResponse:
    """Runs a pack on `tune[tune_ids]`, or on a new person that comes with the call."""
    require_maker(request)
    found = pack_named(request, slug)
    fields = tune_fields(request)
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


def _start(
    request: ApiRequest,
    team: Team,
    prompts: list[ShootPrompt],
    *,
    title: str,
    callback: str,
    pack: Pack | None,
) -> tuple[Shoot, list[Prompt]]:
    return start_shoot(
        team=team,
        author=request.user,
        title=title,
        prompts=prompts,
        pack=pack,
        prompts_callback=callback,
        api_key=request.key,
    )


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
        team = tunes[0].team
        return _start(request, team, prompts, title=title, callback=callback, pack=pack)

    def answer(made: tuple[Shoot, list[Prompt]]) -> Any:
        return pack_representations.order(*made, [tune.pk for tune in tunes])

    if len({tune.team_id for tune in tunes}) > 1:
        raise Invalid({"tune_ids": ["must be of one workspace"]})
    return answer_once(request, make, answer)


#: A person, the shoot and its prompts.
Run = tuple[Tune, Shoot, list[Prompt]]


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

    def start(tune: Tune, prompts: list[ShootPrompt]) -> Run:
        title = f"{pack.title}: {tune.title}"
        started = _start(request, tune.team, prompts, title=title, callback=callback, pack=pack)
        return tune, *started

    def again(tune: Tune) -> Run:
        """The same person once more: the order there is, or the first one."""
        shoot = Shoot.objects.filter(pack=pack, prompts__tune=tune).order_by("-id").first()
        if shoot is not None:
            return tune, shoot, list(shoot.prompts.filter(tune=tune).order_by("id"))
        tune = usable(get_tune(request, tune.pk, change=True))
        return start(tune, [_templated(preset, tune, overrides) for preset in presets])

    def answer(run: Run) -> Any:
        tune, shoot, queued = run
        shows = may_change(request, tune)
        told = representations.tune(tune, base_url(request), shows_addresses=shows)
        return {**told, **pack_representations.order(shoot, queued, [tune.pk])}

    if present := present_tune(request, person):
        return answer_once(request, lambda: again(present), answer)
    prompts = [_templated(preset, person, overrides) for preset in presets]
    intake = taken_in(person, fields)

    def make() -> Run:
        if present := present_tune(request, person, lock=True):
            return again(present)
        return start(intake.commit(consent_of(request, person)), prompts)

    return commit_intake(request, intake, make, answer)


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
