"""The one way from bytes a person or a stranger's server gave us to a picture we keep.

Nothing here decodes: the header and the pixels are read in a child process (`sandbox.py`).
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files import File

from prompts.imaging.errors import RefusedImage
from prompts.imaging.formats import ACCEPTED, CONTENT_TYPES, sniff_format
from prompts.imaging.sandbox import run_decoder

logger = logging.getLogger(__name__)

#: An open file, an upload of Django's, or the bytes themselves.
Source = BinaryIO | File | bytes

MAX_BYTES = 25 * 2**20
MAX_PIXELS = 50_000_000
MAX_SIDE = 4096

_FORMAT_LABELS = {"JPEG": "JPEG", "PNG": "PNG", "WEBP": "WebP picture", "HEIF": "HEIC photo"}


@dataclass(frozen=True)
class CleanPhoto:
    """An upright sRGB JPEG without any metadata.

    `sha256` is of the bytes as they were uploaded, so that the same file is noticed when it comes
    again; `color` is the mean as #rrggbb, for a placeholder. Sizes are in px.
    """

    data: bytes
    width: int
    height: int
    sha256: str
    color: str
    content_type: str = "image/jpeg"


@dataclass(frozen=True)
class CleanMask:
    """An upright one-channel PNG, 255 where to repaint; `sha256` is of the bytes as uploaded."""

    data: bytes
    width: int
    height: int
    sha256: str
    content_type: str = "image/png"


@dataclass(frozen=True)
class CheckedPicture:
    """What `check_picture` found out about bytes that stay as they are."""

    width: int
    height: int
    content_type: str


def clean_photo(source: Source, *, name: str) -> CleanPhoto:
    """Reads an upload and makes a new JPEG (quality 95) of its pixels alone.

    Accepts JPEG, PNG, WebP and HEIC of at most `settings.PHOTO_MAX_BYTES` (25 MB) and
    `settings.PHOTO_MAX_PIXELS` (50 million), one picture a file. The result is upright, in sRGB,
    transparent parts white, its long side at most `settings.PHOTO_MAX_SIDE` (4096 px).
    `name` is what the sender called the file; it goes into the log only.
    Raises `RefusedImage`.
    """
    data = _read(source)
    head, body = _decode(data, task="photo", name=name)
    return CleanPhoto(body, head["width"], head["height"], _sha256(data), head["color"])


def clean_input_image(source: Source, *, name: str) -> CleanPhoto:
    """The same for the picture a prompt starts from."""
    return clean_photo(source, name=name)


def clean_mask(source: Source, *, name: str) -> CleanMask:
    """Reads an upload as a mask: its luminance, transparent parts black.

    Limits and errors are those of `clean_photo`, so that a mask keeps fitting its input image.
    """
    data = _read(source)
    head, body = _decode(data, task="mask", name=name)
    return CleanMask(body, head["width"], head["height"], _sha256(data))


def check_picture(data: bytes, *, name: str) -> CheckedPicture:
    """Makes sure that a picture made elsewhere decodes to its last pixel; its bytes stay.

    For pictures that a remote engine made, before `finish_picture` takes them. Accepts JPEG, PNG
    and WebP within the limits of `clean_photo`; raises `RefusedImage`.
    """
    data = _read(data)
    image_format = sniff_format(data)
    if image_format not in CONTENT_TYPES:
        raise RefusedImage("format", "Finished pictures are JPEG, PNG or WebP.")
    head, _ = _decode(data, task="check", name=name)
    return CheckedPicture(head["width"], head["height"], CONTENT_TYPES[image_format])


def _read(source: Source) -> bytes:
    max_bytes = getattr(settings, "PHOTO_MAX_BYTES", MAX_BYTES)
    if isinstance(source, bytes):
        data = source
    else:
        if source.seekable():
            source.seek(0)
        data = source.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise RefusedImage("too_large", f"This file is larger than {max_bytes // 2**20} MB.")
    if not data:
        raise RefusedImage("empty", "This file is empty.")
    return data


def _decode(data: bytes, *, task: str, name: str) -> tuple[dict[str, Any], bytes]:
    image_format = sniff_format(data)
    max_pixels = getattr(settings, "PHOTO_MAX_PIXELS", MAX_PIXELS)
    request = {
        "task": task,
        "format": image_format,
        "max_pixels": max_pixels,
        "max_side": getattr(settings, "PHOTO_MAX_SIDE", MAX_SIDE),
    }
    head, body = run_decoder(data, request)
    if "refused" in head:
        logger.info("Refused the picture %r: %s", name, head)
        raise _refusal(head, image_format, max_pixels)
    return head, body


def _refusal(head: dict[str, Any], image_format: str, max_pixels: int) -> RefusedImage:
    code = head["refused"]
    if code == "too_many_pixels":
        megapixels = round(head["width"] * head["height"] / 1e6)
        limit = round(max_pixels / 1e6)
        message = f"This picture has {megapixels:,} megapixels; the limit is {limit}."
    elif code == "animated":
        message = f"This picture is animated. Please choose a still {ACCEPTED} picture."
    elif code == "too_complex":
        message = "This picture needs too much memory. Saving it again as a JPEG usually helps."
    else:
        label = _FORMAT_LABELS[image_format]
        message = f"This {label} is incomplete or damaged. Please choose the original file again."
    return RefusedImage(code, message)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
