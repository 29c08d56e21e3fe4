"""Template tags of the pages: icons, pictures, times, numbers and fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import lucide
from django import template
from django.forms import BoundField
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from prompts.models import THUMBNAIL_SIZES, Image, Membership, Tune
from prompts.presets import sample_address

register = template.Library()

THIN_SPACE = "\u202f"
MINUTE, HOUR, DAY = 60, 3600, 86400
#: Where a picture stands when a template does not say: a frame in a strip or a row.
DEFAULT_SIZES = "(min-width: 48rem) 240px, 50vw"


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, size: int = 18) -> SafeString:
    """The Lucide icon of that name as inline SVG, hidden from assistive technology.

    Whatever it stands beside says the same in words. Raises `lucide.IconDoesNotExist`.
    """
    svg = lucide._render_icon(name, size, **{"class": "icon", "aria_hidden": "true"})
    # Django's own escaping does not apply: the markup comes from the package's files.
    return mark_safe(svg.replace("\n", ""))  # noqa: S308


@register.filter
def ratio_class(picture: Any) -> str:
    """The CSS class of a picture's shape: `r-80` for a width of 0.80 times the height.

    Takes whatever has `width` and `height`, or a pair of them. Pages may not carry style
    attributes, so static/css/shapes.css names every hundredth from 1:3 to 3:1; what is left is
    less than two pixels of a picture in a row.
    """
    width, height = (
        picture if isinstance(picture, tuple | list) else (picture.width, picture.height)
    )
    if not width or not height:
        return "r-80"
    return f"r-{min(max(round(100 * width / height), 33), 300)}"


def _quotient(ratio: str) -> float:
    width, height = ratio.split(":")
    return int(width) / int(height)


@register.simple_tag
def shape(ratio: str, size: int = 18) -> SafeString:
    """A small outline of an aspect ratio such as "4:5", at most `size` px in each direction."""
    quotient = _quotient(ratio)
    longest = size - 2.0
    width, height = longest * min(1.0, quotient), longest / max(1.0, quotient)
    return format_html(
        '<svg class="icon" aria-hidden="true" width="{0}" height="{0}" fill="none" '
        'stroke="currentColor" stroke-width="1.5"><rect x="{1}" y="{2}" width="{3}" height="{4}" '
        'rx="1.5"></rect></svg>',
        size,
        f"{(size - width) / 2:.1f}",
        f"{(size - height) / 2:.1f}",
        f"{width:.1f}",
        f"{height:.1f}",
    )


#: Heights of a row of tiles in px, wide and narrow, as in static/css/gallery.css; and by how much
#: rows grow on average until they are full.
ROW_HEIGHTS = (250, 135)
ROW_GROWTH = 1.1
#: Pixels of a tile's thumbnail for each of the page's, on screens that have several: more would
#: double what a page of small pictures weighs.
DENSE_ENOUGH = 1.3


@register.filter
def tile_sizes(picture: Any) -> str:
    """The `sizes` of a picture in justified rows, which is as wide as its own shape makes it.

    Each says the width of the very thumbnail that is wanted, so every browser takes that one.
    """
    ratio = picture.width / picture.height if picture.width and picture.height else 0.8
    wide, narrow = (ratio * height * ROW_GROWTH for height in ROW_HEIGHTS)
    dense_wide, dense_narrow = (_enough(width * DENSE_ENOUGH) for width in (wide, narrow))
    return (
        f"(min-width: 48rem) and (min-resolution: 1.5dppx) {dense_wide // 2}px, "
        f"(min-width: 48rem) {_enough(wide)}px, "
        f"(min-resolution: 2.5dppx) {dense_narrow // 3}px, "
        f"(min-resolution: 1.5dppx) {dense_narrow // 2}px, {_enough(narrow)}px"
    )


def _enough(width: float) -> int:
    """The smallest thumbnail that is so wide."""
    return next((size for size in THUMBNAIL_SIZES if size >= width), THUMBNAIL_SIZES[-1])


@register.simple_tag
def picture(
    image: Image, alt: str = "", sizes: str = DEFAULT_SIZES, *, eager: bool = False
) -> SafeString:
    """An `<img>` of a generated picture with its thumbnails, its size and its mean colour.

    `sizes` is what the browser needs to choose one: https://html.spec.whatwg.org/#sizes-attributes
    """
    thumbnails = _thumbnails(image)
    return format_html(
        '<img class="picture" src="{}" srcset="{}" sizes="{}" width="{}" height="{}" alt="{}" '
        'data-color="{}" {}="{}" decoding="async">',
        _thumbnail_url(image, THUMBNAIL_SIZES[1]),
        format_html_join(", ", "{} {}w", thumbnails),
        sizes,
        image.width,
        image.height,
        alt,
        image.color,
        *(("fetchpriority", "high") if eager else ("loading", "lazy")),
    )


def _thumbnails(image: Image) -> list[tuple[str, int]]:
    """Address and width in px of each thumbnail; they are never wider than the picture."""
    widths: dict[int, str] = {}
    for size in THUMBNAIL_SIZES:
        widths.setdefault(min(size, image.width), _thumbnail_url(image, size))
    return [(url, width) for width, url in widths.items()]


def _thumbnail_url(image: Image, size: int) -> str:
    return reverse("image_thumb", args=[image.public_id, size])


@register.simple_tag
def relative_time(moment: dt.datetime | None) -> SafeString:
    """A `<time>` that says "3 min ago", with the exact time on hover; empty for None."""
    if moment is None:
        return SafeString("")
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}" data-relative>{}</time>',
        moment.astimezone(dt.UTC).isoformat(timespec="seconds"),
        f"{local.day} {local:%B %Y, %H:%M %Z}",
        time_words(moment),
    )


def time_words(moment: dt.datetime) -> str:
    """How long ago, in the words of the pages; static/js/shell.js keeps them up to date."""
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < MINUTE:
        return "just now"
    if seconds < HOUR:
        return f"{int(seconds // MINUTE)} min ago"
    if seconds < DAY:
        return f"{int(seconds // HOUR)} h ago"
    if seconds < 2 * DAY:
        return "yesterday"
    if seconds < 7 * DAY:
        return f"{int(seconds // DAY)} days ago"
    local = timezone.localtime(moment)
    if local.year == timezone.localtime().year:
        return f"{local.day} {local:%b}"
    return f"{local.day} {local:%b %Y}"


@register.filter
def thin(number: float | str | None) -> str:
    """Groups the digits of a whole number by thin spaces: 12 480; anything else as it is."""
    try:
        return f"{int(str(number)):,}".replace(",", THIN_SPACE)
    except ValueError:
        return "" if number is None else str(number)


@register.filter
def initials(name: object) -> str:
    """One or two letters for a person: "AL" for Ada Lovelace, "A" for ada@example.com."""
    words = str(name).split("@")[0].split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.simple_tag
def avatar(place: Membership, size: int = 30) -> SafeString:
    """A member's chosen headshot, `size` px in both directions, else the initials; no words.

    `user` and `picture` must be loaded. The name stands beside it.
    """
    if place.shown_picture is None:
        return format_html(
            '<span class="initials" aria-hidden="true">{}</span>', initials(place.user)
        )
    # The picture's number makes a new choice show at once, whatever the browser keeps.
    url = f"{reverse('member_picture', args=[place.public_id])}?{place.picture_id}"
    return format_html(
        '<img class="avatar" src="{}" width="{}" height="{}" alt="">', url, size, size
    )


@register.simple_tag
def widget(field: BoundField, **attributes: Any) -> SafeString:
    """The field's control with further attributes: `{% widget field rows=3 data_x="y" %}`.

    Underscores become hyphens. Django itself points aria-describedby at help and error.
    """
    return field.as_widget(
        attrs={name.replace("_", "-"): value for name, value in attributes.items()}
    )


@register.filter
def filled_in(infos: Iterable[Any]) -> list[tuple[str, str]]:
    """Label and value of those form fields that hold something: what a folded topic says."""
    rows = []
    for info in infos:
        value = info.field.value()
        if value in (None, "", False):
            continue
        rows.append((info.parameter.label, "on" if value is True else str(value)))
    return rows


@register.filter
def first_trained(tunes: Iterable[Tune]) -> Tune | None:
    """The first of the tunes that pictures can be made of."""
    return next((tune for tune in tunes if tune.is_trained), None)


@register.simple_tag
def preset_sample(slug: str) -> str:
    """Address of the sample picture of a built-in preset; empty for one that has none."""
    return sample_address(slug)


@register.filter
def kind_of_chosen(presets_by_kind: Sequence[tuple[str, str, Sequence[Any]]]) -> str:
    """The kind whose presets are shown first: that of the chosen one, else the first."""
    for kind, _, cards in presets_by_kind:
        if any(card.is_chosen for card in cards):
            return kind
    return presets_by_kind[0][0] if presets_by_kind else ""


@register.filter
def picture_words(card: Any, number: int) -> str:
    """What a picture of a prompt's card shows, in words: "Ada, picture 2 of 4"."""
    return f"{card.prompt.tune.title}, picture {number} of {card.prompt.num_images}"


@register.filter
def made(card: Any) -> int:
    """How many pictures of a prompt's card exist."""
    return sum(image is not None for image in card.slots)


@register.filter
def any_made(cards: Iterable[Any]) -> bool:
    """Whether any of the cards has a picture."""
    return any(made(card) for card in cards)


@register.filter
def frames_left(maximum: int, photos: Sequence[Any] | str | None) -> range:
    """One item for each frame of a contact sheet that is still empty."""
    return range(max(0, maximum - len(photos or ())))


@register.filter
def code(text: str) -> SafeString:
    """Text in which `what stands between backticks` is shown as code."""
    parts = enumerate(str(text).split("`"))
    marked = (format_html("<code>{}</code>", part) if i % 2 else part for i, part in parts)
    return format_html_join("", "{}", ((part,) for part in marked))


@register.filter(expects_localtime=True)
def day_words(day: dt.date) -> str:
    """A day as a heading: "Today", "Yesterday", "Monday 16 November", with the year if past.

    A moment stands for the day it falls on here.
    """
    if isinstance(day, dt.datetime):
        day = day.date()
    today = timezone.localdate()
    if day == today:
        return "Today"
    if day == today - dt.timedelta(days=1):
        return "Yesterday"
    words = f"{day:%A} {day.day} {day:%B}"
    return words if day.year == today.year else f"{words} {day.year}"


@register.filter
def waiting(seconds: float | None) -> str:
    """How long something took: "less than 1 s", "12 s", "3 min", "2 h"; a dash for None."""
    if seconds is None:
        return "—"
    if seconds < 1:
        return "less than 1 s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * MINUTE else f"{seconds / HOUR:.0f} h"
