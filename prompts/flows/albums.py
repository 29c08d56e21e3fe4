"""Albums: make one, fill it, put it in order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from prompts import live
from prompts.audit import record
from prompts.models import Album, AlbumImage, Image, Membership, User


def create_album(membership: Membership, cleaned: dict[str, Any]) -> Album:
    """An empty album of this member; `cleaned` comes from a valid `AlbumForm`."""
    with transaction.atomic():
        album: Album = Album.objects.create(team=membership.team, owner=membership.user, **cleaned)
        record(album.team, "album_created", target=album)
        publish_album(album)
    return album


def change_album(album: Album, fields: Collection[str]) -> None:
    """Writes the named fields, which somebody has changed."""
    with transaction.atomic():
        album.save(update_fields=[*fields, "updated_at"])
        if fields:
            record(album.team, "album_edited", target=album, changed=list(fields))
        publish_album(album)


def add_images(album: Album, images: Sequence[Image], by: User) -> int:
    """Appends what is not in the album yet, in the order given; returns how many came in."""
    with transaction.atomic():
        _lock(album)
        rows = AlbumImage.objects.filter(album=album)
        present = set(rows.values_list("image_id", flat=True))
        last = rows.aggregate(last=Max("position"))["last"]
        new = [image for image in dict.fromkeys(images) if image.pk not in present]
        AlbumImage.objects.bulk_create(
            AlbumImage(album=album, image=image, position=position, added_by=by)
            for position, image in enumerate(new, 0 if last is None else last + 1)
        )
        publish_album(album)
    return len(new)


def remove_images(album: Album, images: Sequence[Image]) -> int:
    """Takes pictures out of the album; they stay in the gallery. Returns how many were in it."""
    with transaction.atomic():
        _lock(album)
        removed, _ = AlbumImage.objects.filter(album=album, image__in=images).delete()
        Album.objects.filter(pk=album.pk, cover__in=images).update(cover=None)
        publish_album(album)
    return removed


def move_image(album: Album, image: Image, place: int, seen: Collection[int]) -> bool:
    """Puts a picture at `place`, counted from 1 among those whose keys are in `seen`.

    Whoever arranges an album may not see all of it: what they do not see keeps its neighbours.
    False when the picture is not in the album.
    """
    with transaction.atomic():
        _lock(album)
        rows = list(AlbumImage.objects.filter(album=album))
        moved = next((row for row in rows if row.image_id == image.pk), None)
        if moved is None:
            return False
        rows.remove(moved)
        shown = [row for row in rows if row.image_id in seen]
        follower = shown[place - 1] if 1 <= place <= len(shown) else None
        at = len(rows) if follower is None else rows.index(follower)
        rows.insert(0 if place < 1 else at, moved)
        changed = []
        for position, row in enumerate(rows):
            if row.position != position:
                row.position = position
                changed.append(row)
        AlbumImage.objects.bulk_update(changed, ["position"], batch_size=500)
        publish_album(album)
    return True


def choose_cover(album: Album, image: Image) -> None:
    """The picture on the album's card."""
    with transaction.atomic():
        Album.objects.filter(pk=album.pk).update(cover=image)
        publish_album(album)


def delete_album(album: Album) -> None:
    """Deletes the album; its pictures stay."""
    with transaction.atomic():
        publish_album(album)
        record(album.team, "album_deleted", target=album, pictures=album.places.count())
        album.delete()


def publish_album(album: Album) -> None:
    """Tells the pages that show this album, and the team's lists."""
    live.publish(album.team, f"album-{album.public_id}")


def _lock(album: Album) -> None:
    """One at a time changes the order."""
    Album.objects.select_for_update().filter(pk=album.pk).first()
