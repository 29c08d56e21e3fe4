"""The face of a tune: its final pick, else its newest picture, else its best photo."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.db.models import OuterRef, QuerySet, Subquery

from prompts.models import Image, Photo, Tune

if TYPE_CHECKING:

    class PortrayedTune(Tune):
        """A tune that came through `with_portraits`."""

        newest_image: int | None
        best_photo: int | None
        portrait_image: Image | None
        portrait_photo: Photo | None


def with_portraits(tunes: QuerySet[Tune]) -> list[PortrayedTune]:
    """The tunes with `.portrait_image` and `.portrait_photo`, in three queries however many."""
    newest = Image.objects.present().filter(tune=OuterRef("pk")).order_by("-id").values("pk")[:1]
    best = Photo.objects.filter(tune=OuterRef("pk")).order_by("-quality").values("pk")[:1]
    annotated = tunes.select_related("owner", "team").annotate(
        newest_image=Subquery(newest), best_photo=Subquery(best)
    )
    rows = cast("list[PortrayedTune]", list(annotated))
    wanted = {pk for tune in rows for pk in (tune.final_image_id, tune.newest_image) if pk}
    images = Image.objects.present().in_bulk(wanted)
    photos = Photo.objects.in_bulk([tune.best_photo for tune in rows if tune.best_photo])
    for tune in rows:
        chosen, newest_one = tune.final_image_id or 0, tune.newest_image or 0
        tune.portrait_image = images.get(chosen) or images.get(newest_one)
        tune.portrait_photo = photos.get(tune.best_photo or 0)
    return rows
