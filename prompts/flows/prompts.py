"""From a submitted prompt to its pictures, and its end.

Every transition is one conditional update, and tells the open pages in the same transaction.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction

from prompts import live
from prompts.engines.base import Picture
from prompts.engines.registry import get_engine
from prompts.imaging import (
    COMPOSITE,
    TRAINED_ALGORITHMIC_MEDIA,
    FinishedPicture,
    finish_picture,
)
from prompts.models import THUMBNAIL_SIZES, Image, Preset, Prompt, Tune, User
from prompts.storage import content_name, delete_tree, save_bytes

SEEDS = 2**32
#: As many waiting prompts are told that the line has moved; the others are far from their turn.
NEXT_IN_LINE = 8
SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}
#: Engines that arrange photographed and drawn elements; what others make counts as generated.
COMPOSITING_ENGINES = frozenset({"studio", "fake"})


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
) -> Prompt:
    """Queues a prompt of a trained tune.

    `parameters` are validated and hold no images; `input_image` is a clean JPEG, `mask_image` a
    clean PNG. Without a seed one is drawn.
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
    )
    if input_image is not None:
        prompt.input_image = _save_input(prompt, input_image, ".jpg")
    if mask_image is not None:
        prompt.mask_image = _save_input(prompt, mask_image, ".png")
    with transaction.atomic():
        prompt.save(force_insert=True)
        publish_prompt(prompt, in_lists=True)
    return prompt


def _save_input(prompt: Prompt, data: bytes, suffix: str) -> str:
    return save_bytes(default_storage, content_name(f"{prompt.prefix}/input", data, suffix), data)


def keep_picture(prompt: Prompt, picture: Picture) -> Image | None:
    """Stores a picture with its thumbnails: the files first, then the row.

    Answers None when the prompt is no longer this worker's, and then leaves no files behind.
    Harmless to repeat: a picture that is there already is answered as it is.
    """
    recipe = _recipe(prompt, picture)
    finished = finish_picture(
        picture.data,
        recipe,
        made_by=f"Astria Web, {recipe['engine']} engine {recipe['engine_version']}",
        digital_source=COMPOSITE
        if prompt.engine in COMPOSITING_ENGINES
        else TRAINED_ALGORITHMIC_MEDIA,
    )
    row = _row(prompt, picture, finished, recipe)
    save_bytes(default_storage, row.file, finished.data)
    for size, thumbnail in finished.thumbnails.items():
        save_bytes(default_storage, row.thumbnail(size), thumbnail)
    kept = _save_if_held(prompt, row)
    if kept is None or kept.file != row.file:
        _delete_files(row)
    return kept


def _save_if_held(prompt: Prompt, row: Image) -> Image | None:
    with transaction.atomic():
        if not prompt.lock_if_held():
            return None
        present = Image.objects.filter(prompt=prompt, index=row.index).first()
        if present is not None:
            return present
        row.save(force_insert=True)
        publish_prompt(prompt)
    return row


def _recipe(prompt: Prompt, picture: Picture) -> dict[str, Any]:
    """Everything that is needed to make the picture again."""
    engine = get_engine(prompt.engine)
    return {
        **picture.recipe,
        "text": prompt.text,
        "parameters": prompt.parameters,
        "seed": picture.seed,
        "engine": engine.name,
        "engine_version": engine.version,
    }


def _row(
    prompt: Prompt, picture: Picture, finished: FinishedPicture, recipe: dict[str, Any]
) -> Image:
    # The fencing number keeps the files of two workers apart: a late one may delete its own
    # although another has just stored the very same picture.
    name = f"{finished.sha256}-{prompt.fence}{SUFFIXES[finished.content_type]}"
    return Image(
        team=prompt.team,
        tune=prompt.tune,
        prompt=prompt,
        index=picture.index,
        file=f"{prompt.prefix}/{name}",
        sha256=finished.sha256,
        content_type=finished.content_type,
        size=len(finished.data),
        width=finished.width,
        height=finished.height,
        color=finished.color,
        seed=picture.seed,
        recipe=recipe,
        engine=prompt.engine,
    )


def _files(image: Image) -> list[str]:
    return [image.file, *map(image.thumbnail, THUMBNAIL_SIZES)]


def _delete_files(image: Image) -> None:
    for name in _files(image):
        default_storage.delete(name)


def remove_strays(prompt: Prompt) -> int:
    """Deletes files that killed workers stored without getting to their row; returns how many.

    For the worker that holds the prompt: its fencing number bars every earlier one from still
    adding a row.
    """
    try:
        _, present = default_storage.listdir(prompt.prefix)
    except FileNotFoundError:
        return 0
    owned = {name.rsplit("/", 1)[-1] for image in prompt.images.all() for name in _files(image)}
    strays = [name for name in present if name not in owned]
    for name in strays:
        default_storage.delete(f"{prompt.prefix}/{name}")
    return len(strays)


def finish_prompt(prompt: Prompt) -> bool:
    """All pictures are there; False when the prompt is no longer this worker's."""
    with transaction.atomic():
        return _told(prompt, prompt.finish())


def cancel_prompt(prompt: Prompt) -> bool:
    """Ends an open prompt; the pictures made so far stay. False when it had already ended."""
    with transaction.atomic():
        cancelled = _told(prompt, prompt.cancel())
        if cancelled:
            tell_those_behind(prompt)
        return cancelled


def retry_prompt(prompt: Prompt) -> bool:
    """Queues what is missing; False when there is nothing to retry."""
    with transaction.atomic():
        return _told(prompt, prompt.retry())


def delete_prompt(prompt: Prompt) -> None:
    """Deletes a prompt and its images; the files go once that is committed."""
    prefix = prompt.prefix
    with transaction.atomic():
        # Locked, so that a worker cannot add a picture between those that go and the prompt.
        Prompt.objects.select_for_update().filter(pk=prompt.pk).first()
        publish_prompt(prompt, in_lists=True)
        prompt.delete()
        transaction.on_commit(lambda: delete_tree(default_storage, prefix))


def tell_those_behind(prompt: Prompt) -> None:
    """Tells the cards of those who wait behind `prompt` that the line has moved."""
    waiting = Prompt.objects.runnable().filter(pk__gt=prompt.pk).select_related("tune")
    for other in waiting[:NEXT_IN_LINE]:
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
