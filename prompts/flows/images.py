"""What becomes of finished images: the final pick, the trash, and the end.

Every change is conditional on the state it starts from, so that it is harmless to repeat.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from prompts import live
from prompts.audit import record, record_pictures
from prompts.models import Image, Prompt, Tune, User

#: How long the trash keeps an image.
TRASH_LIFETIME = dt.timedelta(days=30)
#: So many are deleted for good in one transaction, so that it stays short.
BATCH = 200


def choose_final(tune: Tune, image: Image | None) -> bool:
    """The picture this person has chosen for good, or none; False when nothing changed.

    An image that is in the trash, or of somebody else, is not taken.
    """
    with transaction.atomic():
        locked = Tune.objects.select_for_update().get(pk=tune.pk)
        chosen = Image.objects.present().filter(tune=tune, pk=image.pk).first() if image else None
        if image is not None and chosen is None:
            return False
        before = locked.final_image_id
        changed = before != (chosen.pk if chosen else None)
        if changed:
            Tune.objects.filter(pk=tune.pk).update(final_image=chosen)
            picture = chosen.public_id if chosen else None
            record(tune.team, "final_chosen", target=tune, picture=picture)
            marked = [pk for pk in (before, chosen and chosen.pk) if pk]
            publish_images(Image.objects.filter(pk__in=marked), in_lists=True)
    tune.final_image = chosen
    return changed


def trash_images(images: Iterable[Image], by: User | None) -> int:
    """Moves images to the trash; returns how many were not there yet.

    From then on no page shows them and none of their addresses answers.
    """
    pks = [image.pk for image in images]
    with transaction.atomic():
        return _move_to_trash(Image.objects.filter(pk__in=pks), by, "images_trashed")


def trash_expired(pks: list[int], ripe: Callable[[], QuerySet[Image]]) -> int:
    """Moves those of the images to the trash that `ripe()` still names once they are locked."""
    images = Image.objects.filter(pk__in=pks)
    with transaction.atomic():
        # Whoever chooses, shares or puts one into an album at this moment refers to one of these
        # rows. In this order, since workers hold a prompt, and choices a person, before an image.
        _lock(Prompt.objects.filter(pk__in=images.values("prompt")))
        _lock(Tune.objects.filter(pk__in=images.values("tune")))
        _lock(images)
        return _move_to_trash(ripe().filter(pk__in=pks), None, "images_expired")


def _lock(rows: QuerySet[Any]) -> None:
    list(rows.select_for_update().order_by("pk").values_list("pk"))


def _move_to_trash(rows: QuerySet[Image], by: User | None, action: str) -> int:
    present = rows.filter(trashed_at=None).order_by("pk")
    moved = list(present.select_for_update(of=("self",)).only("tune_id", "prompt_id"))
    if moved:
        pks = [image.pk for image in moved]
        Image.objects.filter(pk__in=pks).update(trashed_at=Now(), trashed_by=by)
        record_pictures(action, moved)
        publish_images(moved, alone=False, in_lists=True)
    return len(moved)


def restore_images(images: Iterable[Image]) -> int:
    """Brings images back from the trash, with their likes, albums and as final pick."""
    images = list(images)
    with transaction.atomic():
        rows = Image.objects.filter(pk__in=[i.pk for i in images], trashed_at__isnull=False)
        back = list(rows.select_for_update().only("tune_id"))
        restored = rows.update(trashed_at=None, trashed_by=None)
        if restored:
            record_pictures("images_restored", back)
            publish_images(images, in_lists=True)
    return restored


def delete_images(images: Iterable[Image]) -> int:
    """Deletes images for good that are in the trash; their files go once that is committed.

    One that has been restored meanwhile stays.
    """
    wanted = [image.pk for image in images]
    deleted = 0
    for start in range(0, len(wanted), BATCH):
        deleted += _delete_batch(wanted[start : start + BATCH])
    return deleted


def _delete_batch(pks: list[int]) -> int:
    with transaction.atomic():
        rows = Image.objects.select_for_update().filter(pk__in=pks, trashed_at__isnull=False)
        gone = list(rows.order_by("pk"))
        record_pictures("images_deleted", gone)
        publish_images(gone, alone=False, in_lists=True)
        Image.objects.filter(pk__in=[image.pk for image in gone]).delete()
        transaction.on_commit(lambda: delete_files(gone))
    return len(gone)


def delete_files(images: Iterable[Image]) -> None:
    """Deletes the files of images that have no row any more, or never got one."""
    for image in images:
        for name in (*image.files, image.web_copy):
            default_storage.delete(name)


def empty_trash(older_than: dt.timedelta = TRASH_LIFETIME) -> int:
    """Deletes for good what has been in the trash for longer; returns how many images."""
    return delete_images(Image.objects.filter(trashed_at__lt=Now() - older_than).only("pk"))


def publish_images(images: Iterable[Image], *, alone: bool = True, in_lists: bool = False) -> None:
    """Tells the pages that show these images `alone`, and `in_lists` those that list them."""
    by_tune: dict[int, list[Image]] = defaultdict(list)
    for image in images:
        by_tune[image.tune_id].append(image)
    prompts = Prompt.objects.in_bulk({i.prompt_id for rows in by_tune.values() for i in rows})
    tunes = Tune.objects.select_related("team").in_bulk(by_tune)
    for pk, tune in tunes.items():
        topics = [f"image-{image.public_id}" for image in by_tune[pk]] if alone else []
        if in_lists:
            parents = {prompts[image.prompt_id].public_id for image in by_tune[pk]}
            topics += [f"prompt-{public_id}" for public_id in sorted(parents)]
            topics += [f"tune-{tune.public_id}", f"team-{tune.team.public_id}"]
        live.publish_about(tune, *topics)
