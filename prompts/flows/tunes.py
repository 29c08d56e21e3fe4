"""From photos to a tune that may be trained, and its end."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction

from prompts import live
from prompts.engines.errors import EngineError
from prompts.engines.registry import get_engine
from prompts.forms.tunes import CONSENT_TEXT
from prompts.imaging import CleanPhoto, make_thumbnail
from prompts.models import MAX_PHOTOS, MIN_PHOTOS, Consent, Membership, Photo, Tune, TuneStatus
from prompts.storage import delete_tree, save_bytes

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
    needed: int = MIN_PHOTOS
    maximum: int = MAX_PHOTOS


def photo_meter(tune: Tune) -> Meter:
    """What the page says above the contact sheet."""
    photos = list(tune.photos.all())
    usable = sum(photo.is_usable for photo in photos)
    flagged = len(photos) - usable
    missing = MIN_PHOTOS - usable
    if not photos:
        text = f"Add {MIN_PHOTOS} to {MAX_PHOTOS} photos."
    elif missing > 0:
        text = f"{usable} of at least {MIN_PHOTOS} photos. {missing} more to go."
    elif usable < 8:
        text = f"{usable} photos — good. A few more angles would help."
    else:
        text = f"{usable} photos — very good."
    if flagged:
        text += f" {flagged} left out until you decide." if photos else ""
    return Meter(count=len(photos), usable=usable, text=text, ready=missing <= 0)


@transaction.atomic
def create_tune(membership: Membership, cleaned: dict[str, Any]) -> Tune:
    """A draft and its consent record, written together before any photo is stored.

    `cleaned` is what a valid `TuneForm` holds.
    """
    tune = Tune.objects.create(
        team=membership.team,
        owner=membership.user,
        engine=membership.team.engine,
        **{name: cleaned[name] for name in ("title", "name", "token", "visibility")},
    )
    Consent.objects.create(
        tune=tune,
        subject=cleaned["consent_subject"],
        relation=cleaned["consent_relation"],
        confirmed_by=membership.user,
        confirmed_by_email=membership.user.email,
        text=CONSENT_TEXT,
        text_sha256=hashlib.sha256(CONSENT_TEXT.encode()).hexdigest(),
    )
    publish_tune(tune)
    return tune


def add_photo(tune: Tune, name: str, photo: CleanPhoto) -> Photo:
    """Inspects a clean photo and adds it to a draft.

    Raises PhotoRefused when it is there already, when the tune is full or no longer a draft.
    """
    if tune.photos.filter(sha256=photo.sha256).exists():
        raise PhotoRefused(f"You already added {name}.", duplicate=True)
    try:
        inspection = get_engine(tune.engine).inspect(photo.data)
    except EngineError as error:
        raise PhotoRefused(error.message) from error
    file = f"{tune.prefix}/photos/{photo.sha256}.jpg"
    save_bytes(default_storage, file, photo.data)
    row = Photo(
        tune=tune,
        file=file,
        sha256=photo.sha256,
        original_name=name[:255],
        width=photo.width,
        height=photo.height,
        color=photo.color,
        problems=[{"code": p.code, "message": p.message} for p in inspection.problems],
        quality=inspection.quality,
        analysis={"faces": inspection.faces, "traits": inspection.traits},
    )
    save_bytes(default_storage, row.thumbnail, make_thumbnail(photo.data, THUMBNAIL_WIDTH))
    with transaction.atomic():
        # Locked, so that parallel uploads cannot overfill the tune between count and insert.
        locked = Tune.objects.select_for_update().get(pk=tune.pk)
        refusal = _refusal(locked, photo)
        if refusal is None:
            row.save()
            publish_tune(tune)
    if refusal is not None:
        if not refusal.duplicate:
            _delete_files(row)
        raise refusal
    return row


def _refusal(tune: Tune, photo: CleanPhoto) -> PhotoRefused | None:
    if not tune.is_draft:
        return PhotoRefused("Training has begun; photos can no longer be added.")
    if tune.photos.filter(sha256=photo.sha256).exists():
        return PhotoRefused("You already added this photo.", duplicate=True)
    if tune.photos.count() >= MAX_PHOTOS:
        return PhotoRefused(f"{MAX_PHOTOS} photos are the most a person can have.")
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
        publish_tune(photo.tune)
        transaction.on_commit(lambda: _delete_files(photo))


def start_training(tune: Tune) -> str:
    """Queues a draft; answers what is missing in words, or nothing when it is queued."""
    with transaction.atomic():
        meter = photo_meter(tune)
        if not meter.ready:
            return (
                f"Training needs at least {MIN_PHOTOS} usable photos; there "
                f"{'is' if meter.usable == 1 else 'are'} {meter.usable}."
            )
        if tune.queue():
            publish_tune(tune)
    return ""


def retry_training(tune: Tune) -> None:
    """Queues failed training again; harmless when it is no longer failed."""
    with transaction.atomic():
        if tune.retry():
            publish_tune(tune)


def reopen_tune(tune: Tune) -> None:
    """Lets the photos of a tune whose training failed be changed."""
    with transaction.atomic():
        if tune.reopen():
            publish_tune(tune)


def delete_tune(tune: Tune) -> None:
    """Deletes a tune with photos, prompts and images; the files go once that is committed."""
    prefix = tune.prefix
    with transaction.atomic():
        # Locked, so that a worker cannot add a picture between those that go and their prompts.
        list(tune.prompts.select_for_update().order_by("pk").values_list("pk"))
        publish_tune(tune)
        tune.delete()
        transaction.on_commit(lambda: delete_tree(default_storage, prefix))


def publish_tune(tune: Tune) -> None:
    """Tells every page that shows this tune, in the transaction that changes it."""
    live.publish_about(tune, f"tune-{tune.public_id}", f"team-{tune.team.public_id}")
