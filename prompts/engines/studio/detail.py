"""Fine detail for pictures larger than the cut-out: the photo's own where it has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np

from .arrays import Floats, Mask, Pixels, blur

#: Rows worked on at a time: an enlarged picture in floats would not fit beside the rest.
_STRIP = 512
_MARGIN = 16
#: Texture is what lies above this blur (px of the finished picture).
_SIGMA = 2.2
#: The photo's texture relative to its own blur, at most: specular spots must not explode.
_RATIO_LIMITS = (0.72, 1.38)
#: A photo enlarged by more than this has no texture left to give.
MOST_ENLARGEMENT = 1.8


def transfer(
    pixels: Pixels, photo: Pixels, from_photo: Floats, mask: Mask, strength: float
) -> Pixels:
    """Gives the person the texture of the photo, as a ratio, so that relighting stays.

    `from_photo` (2×3) maps px of the photo to px of the picture; `mask`, of any size, says where
    (1 is the person's inside); `strength` 0–1.
    """
    result = pixels.copy()
    for strip, weight in _masked_strips(pixels, mask):
        matrix = from_photo.copy()
        matrix[1, 2] -= strip.start
        size = pixels.shape[1], strip.end - strip.start
        warped = cv2.warpAffine(photo, matrix, size, flags=cv2.INTER_CUBIC)
        ratio = (warped.astype(np.float32) + 8) / (blur(warped.astype(np.float32), _SIGMA) + 8)
        np.clip(ratio, *_RATIO_LIMITS, out=ratio)
        part = _read(pixels, strip)
        target = blur(part, _SIGMA) * ratio
        part += (weight * np.float32(strength))[..., None] * (target - part)
        _write(result, part, strip)
    return result


def sharpen(pixels: Pixels, mask: Mask, strength: float) -> Pixels:
    """Unsharp masking where `mask` says, for photos that have no more texture to give."""
    result = pixels.copy()
    for strip, weight in _masked_strips(pixels, mask):
        part = _read(pixels, strip)
        detail = part - blur(part, _SIGMA * 1.5)
        part += (weight * np.float32(strength))[..., None] * np.clip(detail, -24, 24)
        _write(result, part, strip)
    return result


class _Strip(NamedTuple):
    """Rows to write, `top` to `bottom`, and rows to read for them, `start` to `end`."""

    top: int
    bottom: int
    start: int
    end: int


def _masked_strips(pixels: Pixels, mask: Mask) -> Iterator[tuple[_Strip, Mask]]:
    """The strips in which the mask says anything, with its rows there."""
    height, width = pixels.shape[:2]
    for top in range(0, height, _STRIP):
        bottom = min(height, top + _STRIP)
        strip = _Strip(top, bottom, max(0, top - _MARGIN), min(height, top + _STRIP + _MARGIN))
        weight = _mask_rows(mask, width, height, strip.start, strip.end)
        if weight.any():
            yield strip, weight


def _mask_rows(mask: Mask, width: int, height: int, start: int, end: int) -> Mask:
    """Rows `start` to `end` of the mask, enlarged to the picture's size."""
    scale_x, scale_y = mask.shape[1] / width, mask.shape[0] / height
    to_mask = np.array(
        [
            [scale_x, 0, scale_x / 2 - 0.5],
            [0, scale_y, (start + 0.5) * scale_y - 0.5],
        ],
        np.float32,
    )
    return cv2.warpAffine(
        mask,
        to_mask,
        (width, end - start),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )


def _read(pixels: Pixels, strip: _Strip) -> Floats:
    return pixels[strip.start : strip.end].astype(np.float32)


def _write(result: Pixels, part: Floats, strip: _Strip) -> None:
    rows = part[strip.top - strip.start : strip.bottom - strip.start]
    result[strip.top : strip.bottom] = np.clip(np.rint(rows), 0, 255).astype(np.uint8)
