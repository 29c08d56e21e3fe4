"""The photos of a draft: whether one may join, and how far the collection has come."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.files.storage import default_storage
from django.db import transaction

from prompts.audit import record
from prompts.engines.errors import EngineError
from prompts.engines.registry import get_engine
from prompts.imaging import CleanPhoto, make_thumbnail
from prompts.models import MAX_PHOTOS, Photo, Tune, TuneStatus
from prompts.quotas import QuotaExceeded, demand_storage
from prompts.storage import save_bytes

from .tunes import publish_tune

#: Width in px of the small copy of a photo.
THUMBNAIL_WIDTH = 480


class PhotoRefused(Exception):
    """The photo cannot join this tune; the message is for people."""

    def __init__(self, message: str, *, duplicate: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.duplicate = duplicate


@dataclass(frozen=True)
class Meter:
    """How far a draft's photos have come, in numbers and in words."""

    count: int
    usable: int
    text: str
    ready: bool
    needed: int
    maximum: int = MAX_PHOTOS


def photo_meter(tune: Tune) -> Meter:
    """What the page says above the contact sheet."""
    photos = list(tune.photos.all())
    usable = sum(photo.is_usable for photo in photos)
    flagged = len(photos) - usable
    needed = tune.min_photos
    missing = needed - usable
    if not photos:
        text = f"Add {needed} to {MAX_PHOTOS} photos."
    elif missing > 0:
        text = f"{usable} of at least {needed} photos. {missing} more to go."
    elif usable < 8:
        text = f"{usable} photos — good. A few more angles would help."
    else:
        text = f"{usable} photos — very good."
    if flagged:
        text += f" {flagged} left out until you decide." if photos else ""
    return Meter(count=len(photos), usable=usable, text=text, ready=missing <= 0, needed=needed)


def add_photo(tune: Tune, name: str, photo: CleanPhoto) -> Photo:
    """Inspects a clean photo and adds it to a draft.

    Raises PhotoRefused when it is there already, when the tune is full or no longer a draft.
    """
    if tune.photos.filter(sha256=photo.sha256).exists():
        raise PhotoRefused(f"You already added {name}.", duplicate=True)
    row = prepare_photo(tune, name, photo)
    with transaction.atomic():
        # Locked, so that parallel uploads cannot overfill the tune between count and insert.
        locked = Tune.objects.select_for_update(no_key=True).get(pk=tune.pk)
        refusal = _refusal(locked, photo) or _no_room(row)
        if refusal is None:
            row.save()
            publish_tune(tune)
    if refusal is not None:
        if not refusal.duplicate:
            _delete_files(row)
        raise refusal
    return row


def prepare_photo(tune: Tune, name: str, photo: CleanPhoto) -> Photo:
    """Inspects a clean photo and stores its files; the row is yet to be saved.

    The tune need not be saved either. Raises PhotoRefused for what the engine cannot read.
    """
    try:
        inspection = get_engine(tune.engine).inspect(photo.data)
    except EngineError as error:
        raise PhotoRefused(error.message) from error
    row = Photo(
        tune=tune,
        file=f"{tune.prefix}/photos/{photo.sha256}.jpg",
        sha256=photo.sha256,
        original_name=name[:255],
        width=photo.width,
        height=photo.height,
        color=photo.color,
        problems=[{"code": p.code, "message": p.message} for p in inspection.problems],
        quality=inspection.quality,
        analysis={"faces": inspection.faces, "traits": inspection.traits},
    )
    thumbnail = make_thumbnail(photo.data, THUMBNAIL_WIDTH)
    save_bytes(default_storage, row.file, photo.data)
    save_bytes(default_storage, row.thumbnail, thumbnail)
    row.stored = len(photo.data) + len(thumbnail)
    return row


def _refusal(tune: Tune, photo: CleanPhoto) -> PhotoRefused | None:
    if not tune.is_draft:
        return PhotoRefused("Training has begun; photos can no longer be added.")
    if tune.photos.filter(sha256=photo.sha256).exists():
        return PhotoRefused("You already added this photo.", duplicate=True)
    if tune.photos.count() >= MAX_PHOTOS:
        return PhotoRefused(f"{MAX_PHOTOS} photos are the most a person can have.")
    return None


def _no_room(row: Photo) -> PhotoRefused | None:
    try:
        demand_storage(row.tune.team, row.stored or 0)
    except QuotaExceeded as exceeded:
        return PhotoRefused(exceeded.message)
    return None


def _delete_files(photo: Photo) -> None:
    for name in (photo.file, photo.thumbnail):
        default_storage.delete(name)


def keep_photo(photo: Photo) -> None:
    """A person decides to use a photo in spite of what is wrong with it."""
    Photo.objects.filter(pk=photo.pk, tune__status=TuneStatus.DRAFT).update(use_anyway=True)
    photo.refresh_from_db()
    publish_tune(photo.tune)


def remove_photo(photo: Photo) -> None:
    """Takes a photo out of a draft; its files go once that is committed."""
    with transaction.atomic():
        removed, _ = Photo.objects.filter(pk=photo.pk, tune__status=TuneStatus.DRAFT).delete()
        if not removed:
            raise PhotoRefused("Training has begun; photos can no longer be removed.")
        record(photo.tune.team, "photo_deleted", target=photo)
        publish_tune(photo.tune)
        transaction.on_commit(lambda: _delete_files(photo))
