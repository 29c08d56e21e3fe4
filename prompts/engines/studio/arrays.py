"""What every studio module shares: picture and mask types and the operations on them.

A `Picture` is float32, BGR, shape (h, w, 3), values 0–1; a `Mask` is float32, shape (h, w), 0–1.
Only the ends of the engine (decoding, encoding, neural nets) see 8-bit pictures (`Pixels`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Picture = NDArray[np.float32]
Mask = NDArray[np.float32]
#: 8-bit BGR, shape (h, w, 3).
Pixels = NDArray[np.uint8]

#: Rec. 601 weights in BGR order.
LUMA = np.array([[0.114, 0.587, 0.299]], np.float32)

#: A Gaussian wider than this many px is computed on a reduced copy: the difference is invisible.
WIDEST_EXACT_BLUR = 8.0

_CURVE_STEPS = 4096


def to_pixels(picture: Picture) -> Pixels:
    """Rounds to 8 bit, clipping what lies outside 0–1."""
    return cv2.convertScaleAbs(np.clip(picture, 0, 1), alpha=255)


def to_picture(pixels: Pixels) -> Picture:
    """8-bit BGR to float32 0–1."""
    return np.multiply(pixels, np.float32(1 / 255), dtype=np.float32)


def resize(x: Floats, width: int, height: int) -> Floats:
    """Resizes to (height, width): area-averaged when shrinking, bilinear when enlarging."""
    if (x.shape[1], x.shape[0]) == (width, height):
        return x
    shrinking = width < x.shape[1] or height < x.shape[0]
    return cv2.resize(
        x, (width, height), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
    )


def blur(x: Floats, sigma: float) -> Floats:
    """Gaussian blur with standard deviation `sigma` in px; a picture or a mask."""
    if sigma <= 0.3:
        return x
    if sigma <= WIDEST_EXACT_BLUR:
        return cv2.GaussianBlur(x, (0, 0), sigma)
    height, width = x.shape[:2]
    factor = WIDEST_EXACT_BLUR / 2 / sigma
    small = cv2.resize(
        x,
        (max(2, round(width * factor)), max(2, round(height * factor))),
        interpolation=cv2.INTER_AREA,
    )
    small = cv2.GaussianBlur(small, (0, 0), WIDEST_EXACT_BLUR / 2)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def luminance(picture: Picture) -> Mask:
    """Rec. 601 luma of a picture, shape (h, w)."""
    return cv2.transform(picture, LUMA)


def luma_of(colour: Floats) -> float:
    """Rec. 601 luma of one BGR colour."""
    return float(np.dot(LUMA[0].astype(np.float64), colour.astype(np.float64)))


def smoothstep(low: float, high: float, x: NDArray[np.floating[Any]]) -> Floats:
    """0 below `low`, 1 above `high`, a cubic between; falls when low > high."""
    t = np.clip((x - np.float32(low)) * np.float32(1 / (high - low)), 0, 1).astype(
        np.float32, copy=False
    )
    return t * t * (3 - 2 * t)


def noise(
    height: int, width: int, scale: float, rng: np.random.Generator, octaves: int = 4
) -> Mask:
    """Value noise around 0.5: `octaves` layers, the coarsest with blobs of `scale` px.

    Each octave halves blob size and amplitude. Clipped to 0–1 because cubic interpolation
    overshoots, which later powers would turn into NaN.
    """
    total = np.zeros((height, width), np.float32)
    amplitude = 1.0
    for _ in range(octaves):
        rows, columns = max(2, int(height / scale) + 2), max(2, int(width / scale) + 2)
        cells = rng.random((rows, columns), dtype=np.float32)
        layer = cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC)
        cv2.scaleAdd(layer, amplitude, total, total)
        amplitude /= 2
        scale = max(2.0, scale / 2)
    return np.clip(total / np.float32(2 * (1 - amplitude)), 0, 1)


def hex_colour(code: str) -> Floats:
    """'#rrggbb' (or without the #) to a BGR triple 0–1."""
    code = code.lstrip("#")
    return np.array([int(code[i : i + 2], 16) / 255 for i in (4, 2, 0)], np.float32)


def screen(a: Floats, b: Floats) -> Floats:
    """Adds the light `b` (clipped to 0–1) to `a` without passing white: 1 - (1-a)(1-b)."""
    return 1 - (1 - a) * (1 - np.clip(b, 0, 1))


def saturate(picture: Picture, factor: float) -> Picture:
    """Moves every colour away from (factor > 1) or towards (< 1) its own grey."""
    keep = np.eye(3, dtype=np.float32) * factor + (1 - factor) * LUMA
    return np.clip(cv2.transform(picture, keep), 0, 1)


def curve(x: Floats, points: Sequence[tuple[float, float]]) -> Floats:
    """Applies a tone curve through (input, output) points, rounded at its corners.

    Points ascend from input 0 to input 1. Values outside 0–1 are clipped first.
    """
    xs, ys = zip(*points, strict=True)
    steps = np.linspace(0, 1, _CURVE_STEPS)
    window = np.hanning(_CURVE_STEPS // 12 * 2 + 1)
    reach = len(window) // 2
    padded = np.pad(np.interp(steps, xs, ys), reach, mode="reflect", reflect_type="odd")
    table = np.convolve(padded, window / window.sum(), "valid").astype(np.float32)
    scaled = np.clip(x, 0, 1) * np.float32(_CURVE_STEPS - 1) + np.float32(0.5)
    return table[scaled.astype(np.uint16)]


def grid(height: int, width: int) -> tuple[Mask, Mask]:
    """Coordinates (x, y) of every px as fractions 0–1 of width and height."""
    x = np.arange(width, dtype=np.float32) / width
    y = np.arange(height, dtype=np.float32) / height
    return cv2.repeat(x[None], height, 1), cv2.repeat(y[:, None], 1, width)
