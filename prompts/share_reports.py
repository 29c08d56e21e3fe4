"""What those who made a link learn of it: visits day by day, and what guests picked."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from prompts.models import Image, Pick, Share

DAYS = 30
#: So many guests are named beneath a picture; the table for download has all of them.
MOST_GUESTS = 12
#: A column of the chart and the chart itself, in its own units.
COLUMN, HEIGHT = 20, 100


@dataclass(frozen=True)
class Bar:
    """A bar of the chart: where it stands and how tall it is."""

    x: int
    y: int
    height: int


@dataclass(frozen=True)
class Day:
    """What was counted on a day, by the clock of UTC, and its two bars."""

    day: dt.date
    views: int
    downloads: int
    view_bar: Bar
    download_bar: Bar


@dataclass(frozen=True)
class Traffic:
    """The last `DAYS` days, the earliest first; `most` is the tallest bar, at least 1."""

    days: list[Day]
    most: int
    views: int
    downloads: int

    @property
    def busy_days(self) -> list[Day]:
        """Those on which anything happened, the latest first."""
        return [day for day in reversed(self.days) if day.views or day.downloads]


def load_traffic(share: Share) -> Traffic:
    """Views and downloads of the last days."""
    today = timezone.now().date()
    days = [today - dt.timedelta(days=ago) for ago in range(DAYS - 1, -1, -1)]
    visits = share.visits.filter(day__gte=days[0]).values_list("day", "views", "downloads")
    counted = {day: (views, downloads) for day, views, downloads in visits}
    numbers = [counted.get(day, (0, 0)) for day in days]
    most = max(1, *(max(pair) for pair in numbers))
    shown = [
        Day(day, views, downloads, _bar(place, 1, views, most), _bar(place, 10, downloads, most))
        for place, (day, (views, downloads)) in enumerate(zip(days, numbers, strict=True))
    ]
    return Traffic(shown, most, sum(v for v, _ in numbers), sum(d for _, d in numbers))


def _bar(place: int, offset: int, number: int, most: int) -> Bar:
    # One visit among thousands is still to be seen.
    height = max(2, round(HEIGHT * number / most)) if number else 0
    return Bar(place * COLUMN + offset, HEIGHT - height, height)


@dataclass(frozen=True)
class Picked:
    """A picture, who picked it and what they said; `more` guests are not named."""

    image: Image
    picks: list[Pick]
    number: int
    more: int


def with_picks(share: Share, images: Sequence[Image]) -> list[Picked]:
    """The pictures of `picked_images` with their guests; those who said something come first."""
    picks: defaultdict[int, list[Pick]] = defaultdict(list)
    for pick in Pick.objects.filter(share=share, image__in=images).order_by("id"):
        picks[pick.image_id].append(pick)
    rows = []
    for image in images:
        own = sorted(picks[image.pk], key=lambda pick: (not pick.comment, not pick.name))
        rows.append(Picked(image, own[:MOST_GUESTS], len(own), max(0, len(own) - MOST_GUESTS)))
    return rows


PICK_COLUMNS = ("Picture", "Person", "Guest", "Comment", "Picked (UTC)", "Address")


def pick_rows(share: Share, images: QuerySet[Image], site: str) -> Iterator[Sequence[object]]:
    """The table of all picks of these pictures, as `PICK_COLUMNS`; `site` begins addresses."""
    picks = (
        Pick.objects.filter(share=share, image__in=images.order_by().values("pk"))
        .select_related("image__tune")
        .order_by("image_id", "id")
    )
    for pick in picks.iterator(1_000):
        image = pick.image
        yield (
            image.public_id,
            image.tune.title,
            pick.name,
            pick.comment,
            pick.created_at.strftime("%Y-%m-%d %H:%M"),
            f"{site}{image.get_absolute_url()}",
        )
