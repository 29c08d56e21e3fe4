"""Film: the colours of three stocks and the grain of any.

Curves and matrices are fitted by eye to scans of the films; they act on display-referred BGR.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from .arrays import LUMA, Floats, Picture

_TABLE = 1024
_REFERENCE_WIDTH = 1024


@dataclass(frozen=True)
class Film:
    """A film as tone curve, dye crosstalk, saturation and tints of shadows and highlights.

    `tones` are (input, output) points, `crosstalk` the rows of a BGR matrix whose sums are 1,
    `shadows` and `lights` BGR offsets at black and white that fade towards the mid-tones.
    """

    tones: Sequence[tuple[float, float]]
    saturation: float
    crosstalk: Sequence[Sequence[float]]
    shadows: tuple[float, float, float] = (0.0, 0.0, 0.0)
    lights: tuple[float, float, float] = (0.0, 0.0, 0.0)


FILMS = {
    # Slide film: deep, contrasty, greens and reds that glow, cool shadows.
    "Film Velvia": Film(
        tones=((0, 0), (0.1, 0.055), (0.25, 0.19), (0.5, 0.5), (0.75, 0.83), (0.9, 0.95), (1, 1)),
        saturation=1.36,
        crosstalk=((1.06, -0.04, -0.02), (-0.03, 1.05, -0.02), (-0.05, -0.03, 1.08)),
        shadows=(0.02, 0.0, -0.004),
    ),
    # Portrait negative: open shadows, gentle highlights, creamy skin, a breath of green in black.
    "Film Portra": Film(
        tones=((0, 0.035), (0.12, 0.14), (0.25, 0.275), (0.5, 0.545), (0.8, 0.825), (1, 0.968)),
        saturation=0.89,
        crosstalk=((0.96, 0.03, 0.01), (0.01, 0.97, 0.02), (0.0, 0.02, 0.98)),
        shadows=(0.014, 0.012, -0.004),
        lights=(-0.05, -0.004, 0.018),
    ),
    # Fine-grained negative: punchy, warm reds, clean blues, slightly magenta.
    "Ektar": Film(
        tones=((0, 0.004), (0.1, 0.075), (0.25, 0.215), (0.5, 0.515), (0.8, 0.86), (1, 0.995)),
        saturation=1.2,
        crosstalk=((1.05, 0.0, -0.05), (-0.02, 1.02, 0.0), (-0.05, -0.04, 1.09)),
        shadows=(0.026, 0.008, -0.01),
        lights=(-0.008, -0.004, 0.008),
    ),
}


def film(picture: Picture, name: str) -> Picture:
    """The picture as this film would have seen it; KeyError for a film that is not in `FILMS`."""
    stock = FILMS[name]
    toned = _through(picture, _tone_tables(stock))
    mixed = cv2.transform(toned, _colour_matrix(stock))
    return np.clip(mixed, 0, 1, out=mixed)


def grain(
    picture: Picture, rng: np.random.Generator, strength: float = 1.0, size: float = 1.25
) -> Picture:
    """Adds film grain: strongest in the mid-tones, mostly in lightness, a little in colour.

    `size` is the diameter of a grain in px of a picture 1024 px wide; it grows with the picture.
    """
    h, w = picture.shape[:2]
    pitch = max(1.0, size * w / _REFERENCE_WIDTH)
    rows, columns = max(2, round(h / pitch)), max(2, round(w / pitch))
    silver = _noise(rows, columns, 1, (w, h), rng)
    dyes = _noise(max(2, rows // 2), max(2, columns // 2), 3, (w, h), rng)
    tone = cv2.transform(picture, LUMA)
    amount = 0.35 + 1.43 * np.sqrt(np.clip(tone * (1 - tone), 0, 0.25))
    amount *= np.float32(0.036 * strength)
    grained = cv2.merge([amount * (silver + 0.3 * dyes[..., i]) for i in range(3)])
    grained += picture
    return np.clip(grained, 0, 1, out=grained)


def _tone_tables(stock: Film) -> Floats:
    """The curve with the tints of shadows and lights, one column a channel (BGR)."""
    inputs, outputs = zip(*stock.tones, strict=True)
    steps = np.linspace(0, 1, _TABLE)
    tones = _smooth(np.interp(steps, inputs, outputs))[:, None]
    tints = np.square(1 - tones) * np.array(stock.shadows) + np.square(tones) * np.array(
        stock.lights
    )
    return np.clip(tones + tints, 0, 1).astype(np.float32)


def _smooth(values: np.ndarray) -> np.ndarray:
    """Rounds the corners of a sampled curve without moving its ends."""
    reach = _TABLE // 20
    window = np.hanning(2 * reach + 1)
    padded = np.pad(values, reach, mode="reflect", reflect_type="odd")
    return np.convolve(padded, window / window.sum(), "valid")


def _through(picture: Picture, tables: Floats) -> Picture:
    """Looks each channel up in its table, with interpolation and on every core."""
    places = np.clip(picture, 0, 1) * np.float32(_TABLE - 1)
    still = np.zeros(picture.shape[:2], np.float32)
    channels = [
        cv2.remap(
            np.ascontiguousarray(tables[None, :, i]),
            np.ascontiguousarray(places[..., i]),
            still,
            cv2.INTER_LINEAR,
        )
        for i in range(3)
    ]
    return cv2.merge(channels)


def _colour_matrix(stock: Film) -> Floats:
    """Saturation around luma, then crosstalk, as one matrix."""
    saturate = np.eye(3) * stock.saturation + (1 - stock.saturation) * LUMA
    return (np.array(stock.crosstalk) @ saturate).astype(np.float32)


def _noise(
    rows: int, columns: int, channels: int, size: tuple[int, int], rng: np.random.Generator
) -> Floats:
    """Gaussian noise enlarged to (width, height) `size`; spread 1 before enlarging."""
    small = rng.standard_normal((rows, columns, channels), dtype=np.float32)
    return cv2.resize(small, size, interpolation=cv2.INTER_CUBIC)
