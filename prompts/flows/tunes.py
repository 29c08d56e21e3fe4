"""From photos to a tune that may be trained, and its end."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.functions import Now

from prompts import live
from prompts.audit import record
from prompts.deliveries import tune_ended
from prompts.engines.errors import EngineError
from prompts.engines.registry import get_engine
from prompts.forms.tunes import consent_text
from prompts.imaging import CleanPhoto, make_thumbnail
from prompts.models import (
    MAX_PHOTOS,
    Consent,
    Membership,
    Photo,
    PromptStatus,
    Tune,
    TuneStatus,
)
from prompts.models.turns import close_up, line_up
from prompts.quotas import QuotaExceeded, demand_storage, demand_tune
from prompts.storage import delete_tree, save_bytes

from .remote import let_go_of
from .usage import note_deletion

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


def create_tune(membership: Membership, cleaned: dict[str, Any]) -> Tune:
    """A draft and its consent record, written together before any photo is stored.

    `cleaned` is what a valid `TuneForm` holds.
    """
    tune = Tune(
        team=membership.team,
        owner=membership.user,
        engine=membership.team.engine,
        **{name: cleaned[name] for name in ("title", "name", "token", "visibility")},
    )
    consent = Consent(
        subject=cleaned["consent_subject"],
        relation=cleaned["consent_relation"],
        text=consent_text(tune.engine),
    )
    with transaction.atomic():
        save_with_consent(tune, consent)
    return tune


def save_with_consent(tune: Tune, consent: Consent) -> None:
    """Writes a new tune and what its owner confirmed; to be called in a transaction.

    Raises QuotaExceeded when the owner has as many people as they may.
    """
    demand_tune(tune.team, tune.owner)
    tune.save(force_insert=True)
    consent.tune = tune
    consent.confirmed_by = tune.owner
    consent.confirmed_by_email = tune.owner.email if tune.owner else ""
    consent.text_sha256 = hashlib.sha256(consent.text.encode()).hexdigest()
    consent.save(force_insert=True)
    record(
        tune.team,
        "tune_created",
        actor=tune.owner,
        target=tune,
        engine=tune.engine,
        visibility=tune.visibility,
        consent_of=consent.subject,
    )
    publish_tune(tune)


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


def start_training(tune: Tune) -> str:
    """Queues a draft; answers what is missing in words, or nothing when it is queued."""
    with transaction.atomic():
        meter = photo_meter(tune)
        if not meter.ready:
            return (
                f"Training needs at least {meter.needed} usable photos; there "
                f"{'is' if meter.usable == 1 else 'are'} {meter.usable}."
            )
        if tune.queue():
            record(
                tune.team, "training_started", target=tune, photos=meter.usable, engine=tune.engine
            )
            publish_tune(tune)
    return ""


def finish_training(tune: Tune, *, learnt: Mapping[str, Any] | None = None, **fields: Any) -> bool:
    """Training has ended well; False when the tune is no longer this worker's.

    `learnt` maps the public ids of photos to what was found out about them.
    """
    with transaction.atomic():
        if not tune.finish(trained_at=Now(), **fields):
            return False
        photos = list(tune.photos.filter(public_id__in=learnt or {}))
        for photo in photos:
            photo.analysis |= (learnt or {})[photo.public_id]
        Photo.objects.bulk_update(photos, ["analysis"])
        _line_up_prompts(tune)
        publish_tune(tune)
        tune_ended(tune)
    return True


def fail_training(tune: Tune, reason: str) -> bool:
    """Training has ended badly; False when the tune is no longer this worker's."""
    with transaction.atomic():
        failed = tune.fail(reason)
        if failed:
            _line_up_prompts(tune)
            publish_tune(tune)
            tune_ended(tune)
        return failed


def _line_up_prompts(tune: Tune) -> None:
    """Those that have waited for the training get their turns as if asked for now."""
    line_up(list(tune.prompts.filter(status=PromptStatus.QUEUED).order_by("pk")))


def change_tune(tune: Tune, fields: Iterable[str]) -> None:
    """Writes the named fields, which somebody has changed, and no others: a worker may be at it."""
    with transaction.atomic():
        fields = list(fields)
        tune.save(update_fields=[*fields, "updated_at"])
        if fields:
            record(tune.team, "tune_edited", target=tune, changed=fields)
        publish_tune(tune)


def expire_tune(tune: Tune) -> bool:
    """The service no longer keeps this person; the pictures stay, they are here."""
    with transaction.atomic():
        rows = Tune.objects.filter(pk=tune.pk, status=TuneStatus.TRAINED)
        expired = bool(rows.update(status=TuneStatus.EXPIRED))
        if expired:
            publish_tune(tune)
    return expired


def expire_tunes() -> int:
    """Those which the service has deleted by now; returns how many."""
    ripe = Tune.objects.filter(
        status=TuneStatus.TRAINED, expires_at__lte=Now(), handover__isnull=False
    )
    return sum(expire_tune(tune) for tune in ripe.select_related("team"))


def retry_training(tune: Tune) -> None:
    """Queues failed training again; harmless when it is no longer failed."""
    with transaction.atomic():
        if tune.retry():
            record(tune.team, "training_retried", target=tune)
            publish_tune(tune)


def reopen_tune(tune: Tune) -> None:
    """Lets the photos of a tune whose training failed be changed."""
    with transaction.atomic():
        if tune.reopen():
            let_go_of(tune)
            record(tune.team, "training_reopened", target=tune)
            publish_tune(tune)


def delete_tune(tune: Tune) -> None:
    """Deletes a tune with photos, prompts and images; the files go once that is committed."""
    prefix = tune.prefix
    with transaction.atomic():
        # Locked, so that a worker cannot add a picture between those that go and their prompts.
        prompts = list(tune.prompts.select_for_update().order_by("pk"))
        note_deletion(prompts)
        publish_tune(tune)
        record(
            tune.team,
            "tune_deleted",
            target=tune,
            photos=tune.photos.count(),
            pictures=tune.images.count(),
        )
        tune.delete()
        close_up(prompts)
        transaction.on_commit(lambda: delete_tree(default_storage, prefix))


def publish_tune(tune: Tune) -> None:
    """Tells every page that shows this tune, in the transaction that changes it."""
    live.publish_about(tune, f"tune-{tune.public_id}", f"team-{tune.team.public_id}")
