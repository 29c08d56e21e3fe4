"""The ledger of what members used: an entry a run, written in the transaction that ends it."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.files.storage import default_storage
from django.utils import timezone

from prompts.models import PROMPT_OPEN, Image, Photo, Prompt, PromptStatus, UsageEntry

#: So many rows are measured in one go, so that a sweep stays short.
BATCH = 500


def note_end(prompt: Prompt) -> None:
    """Enters the run that has just ended; to be called once, where its status changes."""
    prompt = Prompt.objects.only(*_COLUMNS).get(pk=prompt.pk)
    _entry(prompt, prompt.status).save(force_insert=True)


def note_deletion(prompts: Iterable[Prompt]) -> None:
    """Enters the runs that end because their prompts, which are locked, are about to be deleted."""
    UsageEntry.objects.bulk_create(
        _entry(prompt, PromptStatus.CANCELLED) for prompt in prompts if prompt.status in PROMPT_OPEN
    )


_COLUMNS = ("team", "author", "engine", "status", "made", "queued_at", "started_at")


def _entry(prompt: Prompt, status: str) -> UsageEntry:
    waited = None
    if prompt.started_at and prompt.queued_at:
        # The clocks of two machines may differ.
        waited = max(0.0, (prompt.started_at - prompt.queued_at).total_seconds())
    return UsageEntry(
        team_id=prompt.team_id,
        user_id=prompt.author_id,
        engine=prompt.engine,
        ended_at=timezone.now(),
        status=status,
        images=prompt.made,
        waited=waited,
    )


def measure_stored() -> int:
    """Measures files of rows that do not say their size yet; returns how many rows."""
    images = list(Image.objects.filter(stored=None).order_by("pk")[:BATCH])
    for image in images:
        image.stored = _size([*image.files, image.web_copy])
    photos = list(Photo.objects.filter(stored=None).order_by("pk")[:BATCH])
    for photo in photos:
        photo.stored = _size([photo.file, photo.thumbnail])
    Image.objects.bulk_update(images, ["stored"], batch_size=BATCH)
    Photo.objects.bulk_update(photos, ["stored"], batch_size=BATCH)
    return len(images) + len(photos)


def _size(names: Iterable[str]) -> int:
    total = 0
    for name in names:
        try:
            total += default_storage.size(name)
        except FileNotFoundError:
            continue
    return total
