"""What may be changed of a prompt: its packs at any time, everything else while it waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prompts.access_tunes import get_pack
from prompts.composing import kept_images_of
from prompts.flows.packs import add_to_pack
from prompts.flows.prompts import change_prompt, note_base_pack
from prompts.models import Pack, Prompt
from prompts.parameters import PICTURES

from .auth import ApiRequest
from .bodies import Params, entity
from .errors import Invalid, form_errors
from .values import ids, prompt_form, prompt_values

#: Names of packs: the one that the prompt is a template of, and the one that it was made from.
PACKS = ("pack_id", "base_pack_id")


def change(request: ApiRequest, prompt: Prompt) -> None:
    """Does what the call asks for; raises Invalid where it is too late."""
    fields = entity(request.params, "prompt")
    packs = packs_named(request, fields, prompt.team_id)
    if not fields.keys() <= set(PACKS):
        _change_values(request, prompt, fields)
    put_into(packs, prompt)


def packs_named(request: ApiRequest, fields: Params, team_id: int) -> dict[str, Pack]:
    """The packs that a call names, by the names of the fields; raises Invalid, 403 and 404."""
    packs: dict[str, Pack] = {}
    for name in PACKS:
        for number in ids(fields, name):
            pack = get_pack(request, number, change=name == "pack_id")
            if not pack.is_for(team_id):
                raise Invalid({name: ["must be of the prompt's workspace"]})
            packs[name] = pack
    return packs


def put_into(packs: Mapping[str, Pack], prompt: Prompt) -> None:
    """Makes the prompt a template of one pack, and notes the other as the one it was made from."""
    if pack := packs.get("pack_id"):
        add_to_pack(pack, [prompt])
        prompt.template_of = pack
    if pack := packs.get("base_pack_id"):
        note_base_pack(prompt, pack)


def _change_values(request: ApiRequest, prompt: Prompt, fields: Params) -> None:
    kept = kept_images_of(prompt)
    made_with_tune = "lora_scale" in prompt.parameters
    form = prompt_form({**prompt.settings, **fields}, kept=kept, with_tune=made_with_tune)
    if not form.is_valid():
        raise Invalid(form_errors(form))
    values = prompt_values(form)
    changed = _changed(prompt, values, kept)
    if changed and not change_prompt(prompt, values, by=request.user):
        raise Invalid({name: ["can't be changed once the prompt runs"] for name in changed})


def _changed(prompt: Prompt, values: Mapping[str, Any], kept: Mapping[str, bytes]) -> list[str]:
    before = {**dict.fromkeys(PICTURES), **prompt.settings, **kept}
    after = {**values, **values["parameters"]}
    names = dict.fromkeys((*before, *after))
    return [n for n in names if n != "parameters" and before.get(n) != after.get(n)]
