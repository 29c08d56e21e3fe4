"""What a generated picture gets before it is stored: its recipe inside, its thumbnails beside."""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from PIL import Image

from prompts.imaging.cleaning import MAX_PIXELS
from prompts.imaging.containers import read_xmp, with_xmp, without_metadata
from prompts.imaging.errors import RefusedImage
from prompts.imaging.formats import CONTENT_TYPES, sniff_format
from prompts.imaging.xmp import build_packet, digital_source_of, recipe_of

#: Widths in px. Columns of a page are as wide as they are whatever the pictures' height, and a
#: `srcset` counts widths.
THUMBNAIL_WIDTHS = (320, 640, 1280)

_WEBP_QUALITY = 75
_WEB_QUALITY = 88
# libwebp's effort, 0–6: twice as fast as its default 4, and the files 4 % larger.
_WEBP_METHOD = 2


@dataclass(frozen=True)
class FinishedPicture:
    """A picture ready for storage: sizes in px, `sha256` of `data`, `color` the mean as #rrggbb.

    `thumbnails` maps each of `THUMBNAIL_WIDTHS` to a WebP that wide, or as wide as the picture
    where that is narrower.
    """

    data: bytes
    width: int
    height: int
    content_type: str
    sha256: str
    color: str
    thumbnails: dict[int, bytes]


def finish_picture(
    data: bytes, recipe: Mapping[str, Any], *, made_by: str, digital_source: str
) -> FinishedPicture:
    """Embeds how the picture was made and makes its thumbnails; the pixels stay as they are.

    `data` is a JPEG, PNG or WebP that an engine of this process made or that `check_picture`
    passed; any metadata it carries is replaced. `recipe` is JSON; its "text" becomes the
    description too. `made_by` names program and version, `digital_source` is one of the URIs in
    `prompts.imaging.xmp`.
    Raises `RefusedImage` when the bytes are no such picture, ValueError when the recipe is longer
    than fits (about 60 kB).
    """
    picture = _open(data)
    packet = build_packet(
        digital_source=digital_source,
        made_by=made_by,
        description=str(recipe.get("text", "")),
        recipe=recipe,
    )
    finished = with_xmp(data, packet)
    colors = _on_white(picture)
    return FinishedPicture(
        data=finished,
        width=picture.width,
        height=picture.height,
        content_type=CONTENT_TYPES[picture.format or ""],
        sha256=hashlib.sha256(finished).hexdigest(),
        color=_mean_color(colors),
        thumbnails=_thumbnails(colors, THUMBNAIL_WIDTHS),
    )


def make_thumbnail(data: bytes, width: int) -> bytes:
    """A WebP `width` px wide, never wider than the picture, of a clean or finished picture."""
    return _encode_webp(_at_most_wide(_on_white(_open(data, needed_width=width)), width))


def make_web_copy(data: bytes, side: int) -> bytes:
    """A JPEG at most `side` px long, of a clean or finished picture, with its metadata."""
    picture = _on_white(_open(data))
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_WEB_QUALITY, optimize=True, progressive=True)
    packet = read_xmp(data)
    return with_xmp(buffer.getvalue(), packet) if packet else buffer.getvalue()


def read_recipe(data: bytes) -> dict[str, Any] | None:
    """The recipe `finish_picture` embedded, None when there is none or the file is damaged."""
    try:
        packet = read_xmp(data)
    except ValueError:
        return None
    return recipe_of(packet) if packet else None


def strip_metadata(data: bytes, *, keep_ai_tag: bool = True, keep_recipe: bool = False) -> bytes:
    """A copy for other people: the same pixels, without text and parameters.

    The IPTC digital source type stays unless `keep_ai_tag` is false.
    Raises ValueError when `data` is not a whole JPEG, PNG or WebP.
    """
    packet = read_xmp(data)
    digital_source = digital_source_of(packet) if packet else None
    if packet is None or digital_source is None or not keep_ai_tag:
        return without_metadata(data)
    recipe = recipe_of(packet) if keep_recipe else None
    return with_xmp(data, build_packet(digital_source=digital_source, recipe=recipe))


def _open(data: bytes, *, needed_width: int | None = None) -> Image.Image:
    """The decoded picture, or of a JPEG a smaller one at least twice as wide as needed."""
    if sniff_format(data) not in CONTENT_TYPES:
        raise RefusedImage("format", "Finished pictures are JPEG, PNG or WebP.")
    try:
        picture = Image.open(io.BytesIO(data), formats=list(CONTENT_TYPES))
        if picture.width * picture.height > MAX_PIXELS:
            raise RefusedImage("too_many_pixels", "The finished picture is too large.")
        if needed_width is not None:
            scale = 2 * needed_width / picture.width
            picture.draft(None, (2 * needed_width, math.ceil(picture.height * scale)))
        picture.load()
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise RefusedImage("damaged", "The finished picture is damaged.") from error
    return picture


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layers = picture.convert("RGBA")
    canvas = Image.new("RGB", picture.size, "white")
    canvas.paste(layers, mask=layers.getchannel("A"))
    return canvas


def _mean_color(picture: Image.Image) -> str:
    return f"#{picture.resize((1, 1), Image.Resampling.BOX).tobytes().hex()}"


def _thumbnails(picture: Image.Image, widths: Iterable[int]) -> dict[int, bytes]:
    pending = {}
    # Pillow lets go of the interpreter lock while it encodes: the next size is scaled meanwhile.
    with ThreadPoolExecutor(max_workers=2) as pool:
        for width in sorted(widths, reverse=True):
            picture = _at_most_wide(picture, width)
            pending[width] = pool.submit(_encode_webp, picture)
    return {width: future.result() for width, future in pending.items()}


def _at_most_wide(picture: Image.Image, width: int) -> Image.Image:
    if picture.width <= width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _encode_webp(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=_WEBP_QUALITY, method=_WEBP_METHOD)
    return buffer.getvalue()
