"""The face of a tune in lists: its newest picture, else its best photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import OuterRef, QuerySet, Subquery

from prompts.models import Image, Photo, Tune

if TYPE_CHECKING:

    class PortrayedTune(Tune):
        """A tune that came through `with_portraits`."""

        latest_image: Image | None
        portrait_photo: Photo | None


def with_portraits(tunes: QuerySet[Tune]) -> list[PortrayedTune]:
    """The tunes with `.latest_image` and `.portrait_photo`, in three queries however many."""
    newest = Image.objects.filter(tune=OuterRef("pk")).order_by("-id").values("pk")[:1]
    best = Photo.objects.filter(tune=OuterRef("pk")).order_by("-quality").values("pk")[:1]
    rows = list(
        tunes.select_related("owner", "team").annotate(
            newest_image=Subquery(newest), best_photo=Subquery(best)
        )
    )
    images = Image.objects.in_bulk([tune.newest_image for tune in rows if tune.newest_image])
    photos = Photo.objects.in_bulk([tune.best_photo for tune in rows if tune.best_photo])
    for tune in rows:
        tune.latest_image = images.get(tune.newest_image)  # type: ignore[attr-defined]
        tune.portrait_photo = photos.get(tune.best_photo)  # type: ignore[attr-defined]
    return rows  # type: ignore[return-value]
