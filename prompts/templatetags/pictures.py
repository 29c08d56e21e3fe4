"""Template tags that draw: icons, shapes, pictures in the right size, headshots of members."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import lucide
from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from prompts.models import THUMBNAIL_SIZES, Image, Membership
from prompts.presets import sample_address

from .words import initials

register = template.Library()

#: Where a picture stands when a template does not say: a frame in a strip or a row.
DEFAULT_SIZES = "(min-width: 48rem) 240px, 50vw"


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, size: int = 18) -> SafeString:
    """The Lucide icon of that name as inline SVG, hidden from assistive technology.

    Whatever it stands beside says the same in words. Raises `lucide.IconDoesNotExist`.
    """
    svg = lucide._render_icon(name, size, **{"class": "icon", "aria_hidden": "true"})
    return mark_safe(svg.replace("\n", ""))  # noqa: S308 - markup of the package's own files


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
def preset_sample(slug: str) -> str:
    """Address of the sample picture of a built-in preset; empty for one that has none."""
    return sample_address(slug)
