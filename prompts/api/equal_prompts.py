"""Prompts that are there already, where a team wants nothing twice.

As the live service compares: the callback counts, input and mask image do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prompts.models import Prompt, Tune

from . import representations
from .auth import ApiRequest
from .bodies import Params
from .values import prompt_form, prompt_values


def present_prompt(
    request: ApiRequest, tune: Tune, values: Mapping[str, Any], *, lock: bool = False
) -> Prompt | None:
    """The prompt with equal values, if the team wants no second one.

    With `lock`, two equal calls cannot both find none before the present transaction ends.
    """
    if not tune.team.api_idempotency:
        return None
    if lock:
        Tune.objects.select_for_update(no_key=True).get(pk=tune.pk)
    equal = Prompt.objects.filter(
        tune=tune, text=values["text"], num_images=values["num_images"], is_api=True
    )
    for pk, parameters in equal.order_by("-id").values_list("pk", "parameters"):
        if parameters == values["parameters"]:
            rows = representations.prompts_for_answers(Prompt.objects.filter(pk=pk))
            return representations.with_likes(list(rows), request.user)[0]
    return None


def described_prompt(
    request: ApiRequest, tune: Tune, fields: Params, kept: Mapping[str, bytes]
) -> Prompt | None:
    """The same before any image is read: its address may have ended since the first call."""
    if not tune.team.api_idempotency:
        return None
    form = prompt_form(fields, kept=kept, reads_images=False)
    return present_prompt(request, tune, prompt_values(form)) if form.is_valid() else None
