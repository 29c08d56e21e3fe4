"""The team's pictures: filtered, in order, a page at a time.

A page costs the same at any depth and however many pictures there are: it is found by the picture
it begins at, never by counting, and every filter has its index (see `prompts.models.images`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from prompts.forms.gallery import OWN_TEXT
from prompts.models import Image, Like, Membership, Tune
from prompts.searching import with_words

PER_PAGE = 60
#: Counting further would cost more than it tells.
MOST_COUNTED = 1_000
#: Each of these has to be read.
MOST_COUNTED_OF_SEARCH = 100
#: Whoever sees more pictures meets them soon, going through the team's.
FEW_VISIBLE = 2_500
#: By so much the order of keys and that of times may differ, when many write at once.
DISORDER = dt.timedelta(hours=1)


def filtered(membership: Membership, given: dict[str, Any]) -> QuerySet[Image]:
    """What this member may see and asks for; `given` as `GalleryForm` has it."""
    images = _visible_to(membership)
    for name, value in given.items():
        if name in FILTERS:
            images = FILTERS[name](images, value, membership)
    return images


def _visible_to(membership: Membership) -> QuerySet[Image]:
    """By their keys for who may see few, so that nobody walks past everybody else's pictures."""
    if not membership.is_admin:
        tunes = Tune.objects.visible_to(membership).values("pk")
        own = _of_team(membership).filter(tune__in=tunes).order_by()
        if own[: FEW_VISIBLE + 1].count() <= FEW_VISIBLE:
            return Image.objects.present().filter(pk__in=list(own.values_list("pk", flat=True)))
    return Image.objects.visible_to(membership)


def _liked(images: QuerySet[Image], _: object, membership: Membership) -> QuerySet[Image]:
    likes = Like.objects.filter(user_id=membership.user_id, image__isnull=False)
    return images.filter(pk__in=likes.values("image"))


def _final(images: QuerySet[Image], _: object, membership: Membership) -> QuerySet[Image]:
    tunes = Tune.objects.filter(team_id=membership.team_id, final_image__isnull=False)
    return images.filter(pk__in=tunes.values("final_image"))


def _since(images: QuerySet[Image], day: dt.date, membership: Membership) -> QuerySet[Image]:
    start = _midnight(day)
    # The key of the first picture narrows it by the index in use; times decide.
    first = _of_team(membership).filter(created_at__gte=start - DISORDER).order_by("created_at")
    key = first.values_list("pk", flat=True).first()
    return images.none() if key is None else images.filter(pk__gte=key, created_at__gte=start)


def _until(images: QuerySet[Image], day: dt.date, membership: Membership) -> QuerySet[Image]:
    end = _midnight(day + dt.timedelta(days=1))
    last = _of_team(membership).filter(created_at__lt=end + DISORDER).order_by("-created_at")
    key = last.values_list("pk", flat=True).first()
    return images.none() if key is None else images.filter(pk__lte=key, created_at__lt=end)


def _of_team(membership: Membership) -> QuerySet[Image]:
    return Image.objects.present().filter(team_id=membership.team_id)


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


Filter = Callable[[QuerySet[Image], Any, Membership], QuerySet[Image]]
FILTERS: dict[str, Filter] = {
    "person": lambda images, tune, _: images.filter(tune=tune),
    "preset": lambda images, preset, _: images.filter(preset=preset),
    "pack": lambda images, pack, _: images.filter(pack=pack),
    "shoot": lambda images, shoot, _: images.filter(shoot=shoot),
    "kind": lambda images, kind, _: images.filter(kind="" if kind == OWN_TEXT[0] else kind),
    "style": lambda images, style, _: images.filter(style=style),
    "engine": lambda images, engine, _: images.filter(engine=engine),
    "member": lambda images, user, _: images.filter(author=user),
    "liked": _liked,
    "final": _final,
    "since": _since,
    "until": _until,
    "q": with_words,
}


@dataclass(frozen=True)
class GalleryPage:
    """Pictures in order; `earlier` and `later` name where the list goes on.

    `earlier` is the picture before which the page above ends, `later` the one the page below
    begins at; each is None where the list ends.
    """

    images: list[Image]
    earlier: Image | None
    later: Image | None

    @property
    def is_all(self) -> bool:
        """Whether the list neither begins before this page nor goes on after it."""
        return self.earlier is None and self.later is None


def load_page(
    images: QuerySet[Image], *, at: str = "", above: str = "", oldest_first: bool = False
) -> GalleryPage:
    """The page that begins `at` a picture, or ends right `above` one, both by public id.

    The picture itself may be in the trash meanwhile; one that is gone gives the first page.
    """
    mark = Image.objects.filter(public_id=at or above).only("pk").first() if at or above else None
    forward, backward = ("pk", "-pk") if oldest_first else ("-pk", "pk")
    after, before = ("pk__gte", "pk__lt") if oldest_first else ("pk__lte", "pk__gt")
    if mark is not None and above:
        found = list(images.filter(**{before: mark.pk}).order_by(backward)[: PER_PAGE + 1])
        shown = found[:PER_PAGE][::-1]
        return GalleryPage(shown, shown[0] if len(found) > PER_PAGE else None, mark)
    rows = images if mark is None else images.filter(**{after: mark.pk})
    found = list(rows.order_by(forward)[: PER_PAGE + 1])
    later = found[PER_PAGE] if len(found) > PER_PAGE else None
    earlier = None
    if mark is not None and images.filter(**{before: mark.pk}).exists():
        earlier = found[0] if found else mark
    return GalleryPage(found[:PER_PAGE], earlier, later)


def count_words(images: QuerySet[Image], page: GalleryPage, *, searched: bool = False) -> str:
    """How many there are: "12", or "1 000+"; of `searched` ones fewer are counted."""
    if page.is_all:
        return str(len(page.images))
    most = MOST_COUNTED_OF_SEARCH if searched else MOST_COUNTED
    count = images.order_by()[: most + 1].count()
    return f"{most:,}+".replace(",", "\u202f") if count > most else str(count)


def newest_of(images: QuerySet[Image], page: GalleryPage) -> Image | None:
    """The newest picture of a list."""
    if page.is_all:
        return max(page.images, key=lambda image: image.pk, default=None)
    return images.order_by("-pk").first()


def newer_than(images: QuerySet[Image], public_id: str) -> int:
    """How many have come since that picture, at most `PER_PAGE`."""
    mark = Image.objects.filter(public_id=public_id).only("pk").first()
    rows = images if mark is None else images.filter(pk__gt=mark.pk)
    return rows.order_by()[:PER_PAGE].count()
