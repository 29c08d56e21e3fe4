"""Bytes of a photo to 8-bit BGR, whatever their colour model, and back."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image, ImageOps

from ..errors import EngineError
from .arrays import Pixels

#: A photo whose longer side is at least twice this is decoded at half its size (or less): no
#: picture this engine makes needs more px of a person.
_ENOUGH = 3000
_MOST_PIXELS = 120_000_000
JPEG_QUALITY = 95


def measure(data: bytes) -> tuple[int, int]:
    """Width and height as stored; EngineError when it is no picture or an absurdly large one."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise EngineError("This file cannot be read as a picture.", retryable=False) from error
    if width * height > _MOST_PIXELS:
        raise EngineError("This picture has too many pixels.", retryable=False)
    return width, height


def decode(data: bytes) -> Pixels:
    """Decodes a photo upright; grey, 16-bit, CMYK and transparent pictures become plain BGR.

    Very large JPEGs come out reduced by a power of two.
    """
    longest = max(measure(data))
    flag = cv2.IMREAD_COLOR
    if longest >= 4 * _ENOUGH:
        flag = cv2.IMREAD_REDUCED_COLOR_4
    elif longest >= 2 * _ENOUGH:
        flag = cv2.IMREAD_REDUCED_COLOR_2
    if data[:3] == b"\xff\xd8\xff":
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
        if pixels is not None:
            return pixels
    return _decode_with_pillow(data)


def encode(pixels: Pixels, quality: int = JPEG_QUALITY) -> bytes:
    """JPEG without chroma subsampling, which would fray saturated edges."""
    parameters = [
        cv2.IMWRITE_JPEG_QUALITY,
        quality,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    ]
    return cv2.imencode(".jpg", pixels, parameters)[1].tobytes()


def _decode_with_pillow(data: bytes) -> Pixels:
    """Everything but plain JPEG: transparency goes on white, of an animation the first frame."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            upright = ImageOps.exif_transpose(image)
            if upright.mode.startswith(("I", "F")):
                return _decode_deep(data)
            if upright.has_transparency_data:
                upright = upright.convert("RGBA")
                ground = Image.new("RGBA", upright.size, "white")
                upright = Image.alpha_composite(ground, upright)
            rgb = np.asarray(upright.convert("RGB"))
    except (OSError, ValueError, SyntaxError) as error:
        raise EngineError("This file cannot be read as a picture.", retryable=False) from error
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)


def _decode_deep(data: bytes) -> Pixels:
    """16-bit grey, which Pillow would clip instead of scaling."""
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise EngineError("This file cannot be read as a picture.", retryable=False)
    return pixels
