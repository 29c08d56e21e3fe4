"""From a submitted prompt to its end.

Every transition is one conditional update, and tells the open pages in the same transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from copy import copy
from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.functions import Now

from prompts import live
from prompts.audit import record
from prompts.campaigns import require_style, require_style_again
from prompts.deliveries import prompt_ended, prompt_left
from prompts.engines.base import SEEDS
from prompts.models import ApiKey, Pack, Preset, Prompt, Shoot, Tune, User
from prompts.models.turns import close_up
from prompts.parameters import PICTURES
from prompts.quotas import QuotaExceeded, demand_images
from prompts.storage import content_name, delete_tree, save_bytes

from .remote import let_go_of, try_pictures_again
from .usage import note_deletion, note_end

#: As many waiting prompts are told that the line has moved; the others are far from their turn.
NEXT_IN_LINE = 8


def submit_prompt(
    *,
    tune: Tune,
    author: User | None,
    text: str,
    parameters: dict[str, Any],
    num_images: int,
    preset: Preset | None = None,
    input_image: bytes | None = None,
    mask_image: bytes | None = None,
    api_key: ApiKey | None = None,
    orig_prompt: Prompt | None = None,
    shoot: Shoot | None = None,
) -> Prompt:
    """Queues a prompt; of a tune that is not trained yet it waits until it is.

    `parameters` are validated and hold no images; `input_image` is a clean JPEG, `mask_image` a
    clean PNG. Without a seed one is drawn. `api_key` is the one that asked for it, if any. Raises
    `prompts.campaigns.StyleLocked` for another style than the one the team shares, QuotaExceeded
    for more pictures than the author may make.
    """
    seed = parameters.get("seed")
    prompt = Prompt(
        team=tune.team,
        tune=tune,
        author=author,
        preset=preset,
        text=text,
        parameters=parameters,
        num_images=num_images,
        base_seed=secrets.randbelow(SEEDS) if seed is None else seed % SEEDS,
        engine=tune.engine,
        api_key=api_key,
        is_api=api_key is not None,
        orig_prompt=orig_prompt,
        shoot=shoot,
        base_pack=shoot.pack if shoot else None,
        asked=num_images,
    )
    require_style(prompt, author, input_image, mask_image)
    prompt.input_image = _saved(prompt, input_image, ".jpg")
    prompt.mask_image = _saved(prompt, mask_image, ".png")
    try:
        _queue(prompt)
    except QuotaExceeded:
        delete_tree(default_storage, prompt.prefix)
        raise
    return prompt


def _queue(prompt: Prompt) -> None:
    with transaction.atomic():
        demand_images(prompt.team, prompt.author, prompt.asked, prompt.engine)
        if not prompt.tune.is_open:
            prompt.enter_line()
        prompt.save(force_insert=True)
        record(
            prompt.team,
            "prompt_submitted",
            actor=prompt.author,
            target=prompt,
            pictures=prompt.asked,
            engine=prompt.engine,
        )
        publish_prompt(prompt, in_lists=True)


def _saved(prompt: Prompt, data: bytes | None, suffix: str) -> str:
    """The name under which an image of the prompt is stored; empty for none."""
    if data is None:
        return ""
    return save_bytes(default_storage, content_name(f"{prompt.prefix}/input", data, suffix), data)


def finish_prompt(prompt: Prompt, *, remark: str = "") -> bool:
    """All pictures are there, or with a `remark` all that can be had.

    False when the prompt is no longer this worker's.
    """
    with transaction.atomic():
        finished = _told(prompt, prompt.finish(remark))
        if finished:
            note_end(prompt)
            prompt_ended(prompt)
        return finished


def fail_prompt(prompt: Prompt, reason: str) -> bool:
    """It cannot be made; False when the prompt is no longer this worker's."""
    with transaction.atomic():
        failed = _told(prompt, prompt.fail(reason))
        if failed:
            note_end(prompt)
            prompt_ended(prompt)
        return failed


def cancel_prompt(prompt: Prompt) -> bool:
    """Ends an open prompt; the pictures made so far stay. False when it had already ended."""
    with transaction.atomic():
        was = Prompt.objects.select_for_update(no_key=True).filter(pk=prompt.pk).first()
        cancelled = _told(prompt, prompt.cancel())
        if was is not None and cancelled:
            close_up([was])
            note_end(prompt)
            record(prompt.team, "prompt_cancelled", target=prompt)
            prompt_ended(prompt)
            let_go_of(prompt)
            tell_those_behind(prompt)
        return cancelled


def change_prompt(prompt: Prompt, values: Mapping[str, Any], *, by: User) -> bool:
    """Gives a prompt that still waits other values; False when it is too late.

    They are text, parameters, number and images as `submit_prompt` takes them; it raises as that
    does.
    """
    parameters, count = values["parameters"], values["num_images"]
    asked = copy(prompt)
    asked.text, asked.parameters, asked.num_images = values["text"], parameters, count
    require_style(asked, by, values["input_image"], values["mask_image"])
    before = {prompt.input_image, prompt.mask_image}
    asked.input_image = _saved(prompt, values["input_image"], ".jpg")
    asked.mask_image = _saved(prompt, values["mask_image"], ".png")
    after = {asked.input_image, asked.mask_image}
    names = ("text", "parameters", "num_images", *PICTURES)
    columns = {name: getattr(asked, name) for name in names}
    if "seed" in parameters:
        columns["base_seed"] = parameters["seed"] % SEEDS
    changed = False
    try:
        with transaction.atomic():
            demand_images(prompt.team, prompt.author, count - prompt.num_images, prompt.engine)
            changed = _told(prompt, prompt.rewrite(**columns, asked=count))
            if changed:
                record(prompt.team, "prompt_edited", target=prompt)
    finally:
        _drop_files(before - after if changed else after - before)
    return changed


def _drop_files(names: set[str]) -> None:
    for name in names - {""}:
        transaction.on_commit(partial(default_storage.delete, name))


def note_base_pack(prompt: Prompt, pack: Pack) -> None:
    """Notes the pack that a prompt was made from."""
    Prompt.objects.filter(pk=prompt.pk).update(base_pack=pack, updated_at=Now())
    prompt.base_pack = pack


def retry_prompt(prompt: Prompt, *, by: User | None = None) -> bool:
    """Queues what is missing; False when there is nothing to retry.

    Raises QuotaExceeded, and `prompts.campaigns.StyleLocked` when `by` may not ask for this style.
    """
    require_style_again(prompt, by)
    with transaction.atomic():
        present = Prompt.objects.select_for_update(no_key=True).filter(pk=prompt.pk).first()
        if present is not None and present.can_retry:
            demand_images(prompt.team, prompt.author, prompt.missing_images(), prompt.engine)
        try_pictures_again(prompt)
        queued = _told(prompt, prompt.retry())
        if queued:
            record(prompt.team, "prompt_retried", target=prompt)
        return queued


def delete_prompt(prompt: Prompt) -> None:
    """Deletes a prompt and its images; the files go once that is committed."""
    prefix = prompt.prefix
    with transaction.atomic():
        # Locked, so that a worker cannot add a picture between those that go and the prompt.
        was = list(Prompt.objects.select_for_update().filter(pk=prompt.pk))
        note_deletion(was)
        publish_prompt(prompt, in_lists=True)
        shoot = prompt.shoot
        record(prompt.team, "prompt_deleted", target=prompt, pictures=prompt.images.count())
        prompt.delete()
        close_up(was)
        prompt_left(shoot)
        transaction.on_commit(lambda: delete_tree(default_storage, prefix))


def tell_those_behind(prompt: Prompt) -> None:
    """Tells the cards of those who wait behind `prompt` that the line has moved."""
    waiting = Prompt.objects.ready().in_lane(prompt.lane).select_related("tune")
    for other in waiting.filter(turn__gte=prompt.turn).exclude(pk=prompt.pk)[:NEXT_IN_LINE]:
        live.publish_about(other.tune, f"prompt-{other.public_id}")


def _told(prompt: Prompt, changed: bool) -> bool:
    if changed:
        publish_prompt(prompt)
    return changed


def publish_prompt(prompt: Prompt, *, in_lists: bool = False) -> None:
    """Tells its card and the team's lists; with `in_lists` that it has come or gone."""
    topics = [f"prompt-{prompt.public_id}", f"team-{prompt.team.public_id}"]
    if in_lists:
        topics.append(f"prompts-{prompt.tune.public_id}")
    live.publish_about(prompt.tune, *topics)
