"""What pages show of albums: cards with a cover and a count, as far as one may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, OuterRef, QuerySet, Subquery

from prompts.models import Album, AlbumImage, Image, Membership

#: More than fit on a screen: the rest is found on the albums' own page.
CHOICES = 50


@dataclass(frozen=True)
class AlbumCard:
    """An album, how many of its pictures this member sees, and the one that stands for it."""

    album: Album
    count: int
    cover: Image | None


def album_cards(membership: Membership, albums: Iterable[Album]) -> list[AlbumCard]:
    """Three queries, however many albums."""
    albums = list(albums)
    seen = AlbumImage.objects.filter(image__in=Image.objects.visible_to(membership))
    rows = seen.filter(album__in=albums).order_by().values("album").annotate(count=Count("id"))
    counts = {row["album"]: row["count"] for row in rows}
    covers = _covers(albums, seen)
    return [AlbumCard(a, counts.get(a.pk, 0), covers.get(a.pk)) for a in albums]


def _covers(albums: list[Album], seen: QuerySet[AlbumImage]) -> dict[int, Image]:
    """By album: the chosen cover if it may be seen, else the first picture that may."""
    here = seen.filter(album=OuterRef("pk"))
    chosen = here.filter(image=OuterRef("cover")).values("image")[:1]
    first = here.order_by("position", "id").values("image")[:1]
    rows = Album.objects.filter(pk__in=[album.pk for album in albums])
    pairs = rows.annotate(chosen=Subquery(chosen), first=Subquery(first))
    by_album = {pk: c or f for pk, c, f in pairs.values_list("pk", "chosen", "first") if c or f}
    images = Image.objects.in_bulk(set(by_album.values()))
    return {album: images[image] for album, image in by_album.items()}


def changeable_albums(membership: Membership) -> QuerySet[Album]:
    """The albums this maker may fill, the last used first."""
    albums = Album.objects.filter(team_id=membership.team_id).select_related("owner")
    if not membership.is_admin:
        albums = albums.filter(owner_id=membership.user_id)
    return albums.order_by("-updated_at", "-id")[:CHOICES]
