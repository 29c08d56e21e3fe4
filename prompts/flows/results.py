"""What an engine has made becomes images: clean files first, then the row that names them."""

from __future__ import annotations

from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F

from prompts.engines.base import Picture
from prompts.engines.registry import get_engine
from prompts.imaging import COMPOSITE, TRAINED_ALGORITHMIC_MEDIA, FinishedPicture, finish_picture
from prompts.models import Image, Prompt
from prompts.storage import save_bytes

from .images import delete_files
from .prompts import publish_prompt

SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}
#: Engines that arrange photographed and drawn elements; what others make counts as generated.
COMPOSITING_ENGINES = frozenset({"studio", "fake", "mock"})


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
    row.stored = len(finished.data) + sum(map(len, finished.thumbnails.values()))
    for size, thumbnail in finished.thumbnails.items():
        save_bytes(default_storage, row.thumbnail(size), thumbnail)
    kept = _save_if_held(prompt, row)
    if kept is None or kept.file != row.file:
        delete_files([row])
    return kept


def _save_if_held(prompt: Prompt, row: Image) -> Image | None:
    with transaction.atomic():
        if not prompt.lock_if_held():
            return None
        present = Image.objects.filter(prompt=prompt, index=row.index).first()
        if present is not None:
            return present
        row.save(force_insert=True)
        Prompt.objects.filter(pk=prompt.pk).update(made=F("made") + 1)
        publish_prompt(prompt)
    return row


def _recipe(prompt: Prompt, picture: Picture) -> dict[str, Any]:
    """Everything that is needed to make the picture again."""
    engine = get_engine(prompt.engine)
    return {
        **picture.recipe,
        "text": prompt.text,
        "parameters": prompt.look,
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


def remove_strays(prompt: Prompt) -> int:
    """Deletes files that killed workers stored without getting to their row; returns how many.

    For the worker that holds the prompt: its fencing number bars every earlier one from still
    adding a row.
    """
    try:
        _, present = default_storage.listdir(prompt.prefix)
    except FileNotFoundError:
        return 0
    owned = {name.rsplit("/", 1)[-1] for image in prompt.images.all() for name in image.files}
    strays = [name for name in present if name not in owned]
    for name in strays:
        default_storage.delete(f"{prompt.prefix}/{name}")
    return len(strays)
