"""The sample person: training photos for the demo and the tests, made from one free portrait.

See NOTICE for origin and licence.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

SOURCE = Path(__file__).with_name("astronaut.jpg")
_JPEG_QUALITY = 95


@dataclass(frozen=True)
class _Variant:
    """A crop (left, top, right, bottom in px), turned by degrees, with another exposure."""

    name: str
    crop: tuple[int, int, int, int]
    degrees: float = 0.0
    gamma: float = 1.0


_VARIANTS = (
    _Variant("studio.jpg", (0, 0, 512, 512)),
    _Variant("portrait.jpg", (30, 0, 400, 440), gamma=1.06),
    _Variant("close.jpg", (60, 0, 390, 380), degrees=-2.0),
    _Variant("wide.jpg", (0, 8, 480, 508), gamma=0.94),
    _Variant("tilted.jpg", (24, 10, 424, 480), degrees=3.0, gamma=1.03),
)


@cache
def sample_photos() -> list[tuple[str, bytes]]:
    """Five plausible photos of one person as (file name, JPEG)."""
    pixels = cv2.imdecode(np.fromfile(SOURCE, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise OSError(f"{SOURCE} is no picture")
    return [(variant.name, _encoded(_varied(pixels, variant))) for variant in _VARIANTS]


def _varied(pixels: Pixels, variant: _Variant) -> Pixels:
    height, width = pixels.shape[:2]
    if variant.degrees:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), variant.degrees, 1.0)
        pixels = cv2.warpAffine(
            pixels,
            turn,
            (width, height),
            flags=cv2.INTER_LANCZOS4,
            borderMode=cv2.BORDER_REPLICATE,
        )
    left, top, right, bottom = variant.crop
    table = (np.linspace(0, 1, 256) ** variant.gamma * 255).round().astype(np.uint8)
    return cv2.LUT(pixels[top:bottom, left:right], table)


def _encoded(pixels: Pixels) -> bytes:
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes()
