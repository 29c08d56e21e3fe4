"""Exposure and colour cast of a photo, judged by the face."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .arrays import Floats, Mask, Picture, Pixels, luma_of, luminance, to_picture

#: The bright parts of a well exposed face (forehead, eye whites) reach at least this luma.
#: Judged by highlights, dark skin is not taken for under-exposure.
_FACE_HIGHLIGHT = 0.62
_BRIGHTEST_SKIN = 0.68
_MOST_GAIN, _NOISY_GAIN = 6.0, 2.0
_STEEPEST = 1.7
#: Linear light above this is compressed when a dark photo is lifted.
_SHOULDER = 0.7
#: Skin of all complexions lies near this ratio of BGR to luma, within `_NATURAL` (natural
#: logarithm). What lies within is corrected a little, what lies beyond is coloured light and goes.
_SKIN = np.array([0.74, 0.95, 1.20], np.float32)
_NATURAL = np.array([0.25, 0.10, 0.25], np.float32)
_WITHIN, _BEYOND = 0.35, 0.9
_MOST_CAST = 0.8


@dataclass(frozen=True)
class Correction:
    """A table (1, 256, 3) from 8-bit BGR to corrected 0–1, and the exposure's gain in it."""

    table: Floats
    gain: float = 1.0

    def apply(self, pixels: Pixels) -> Picture:
        """The corrected picture; what a long exposure would amplify as noise is smoothed first."""
        if self.gain > _NOISY_GAIN:
            pixels = cv2.bilateralFilter(pixels, 5, 12, 2)
        return cv2.LUT(pixels, self.table)


def correction(pixels: Pixels, face: Mask) -> Correction:
    """What brings exposure and cast of a photo in order; `face` weighs its px 0–1."""
    levels = np.linspace(0, 1, 256, dtype=np.float32)
    skin = to_picture(pixels[face > 0.8][None])
    if skin.shape[1] < 16:
        return Correction(np.repeat(levels[None, :, None], 3, axis=2))
    median = np.median(skin[0], 0).astype(np.float32)
    highlight = max(float(np.percentile(luminance(skin)[0], 97)), 0.03)
    table, gain = levels[:, None] * _balance(median)[None], 1.0
    if highlight < _FACE_HIGHLIGHT:
        gain = min((_FACE_HIGHLIGHT / highlight) ** 2.2, _MOST_GAIN)
        table = _lifted(table, gain)
    elif luma_of(median) > _BRIGHTEST_SKIN:
        gamma = np.log(_BRIGHTEST_SKIN) / np.log(min(luma_of(median), 0.97))
        table = np.power(np.clip(table, 0, 1), min(gamma, _STEEPEST))
    return Correction(np.clip(table, 0, 1)[None].astype(np.float32), gain)


def _lifted(values: Floats, gain: float) -> Floats:
    """A longer exposure: linear light times `gain`, highlights compressed, blacks kept."""
    linear = np.power(np.clip(values, 0, None), 2.2) * gain
    over = np.maximum(linear - _SHOULDER, 0)
    linear = np.minimum(linear, _SHOULDER) + over / (1 + over / (1 - _SHOULDER))
    return np.power(linear, 1 / 2.2).astype(np.float32)


def _balance(median: Floats) -> Floats:
    """Factors on BGR, of luma 1, that take a colour cast out of the skin."""
    needed = np.log(_SKIN * (luma_of(median) + 1e-5) / np.maximum(median, 1e-3))
    within = np.clip(needed, -_NATURAL, _NATURAL)
    wanted = _WITHIN * within + _BEYOND * (needed - within)
    factors = np.exp(np.clip(wanted, -_MOST_CAST, _MOST_CAST)).astype(np.float32)
    # Keep the face as bright as it was.
    return factors * np.float32(luma_of(median) / max(luma_of(median * factors), 1e-3))
