"""Exposure and colour cast of a photo, judged by the face."""

from __future__ import annotations

import numpy as np

from .arrays import Floats, Mask, Pixels, luma_of, luminance, to_picture

#: The bright parts of a well exposed face (forehead, eye whites) reach at least this luma.
#: Judged by highlights, dark skin is not taken for under-exposure.
_FACE_HIGHLIGHT = 0.62
_BRIGHTEST_SKIN = 0.68
_GAMMA_LIMITS = (0.45, 1.7)
#: Skin of all complexions lies near this ratio of BGR to luma.
_SKIN = np.array([0.74, 0.95, 1.20], np.float32)
_CAST_SHARE = 0.5
_CAST_LIMITS = (0.92, 1.09)


def table_for(colours: Pixels, face: Mask) -> Floats:
    """The correction table of a photo; `face` weighs its px 0–1."""
    on_face = face > 0.8
    if np.count_nonzero(on_face) < 16:
        return np.repeat(np.linspace(0, 1, 256, dtype=np.float32)[None, :, None], 3, axis=2)
    return correction(colours[on_face])


def correction(skin: Pixels) -> Floats:
    """A table (1, 256, 3) from 8-bit BGR to corrected 0–1, for cv2.LUT.

    `skin` are px of the face (n, 3).
    """
    levels = np.linspace(0, 1, 256, dtype=np.float32)
    values = to_picture(skin[None])
    median = np.median(values[0], 0).astype(np.float32)
    luma = luminance(values)[0]
    gamma = _gamma(luma_of(median), float(np.percentile(luma, 97)))
    curve = np.power(np.maximum(levels, 1e-4), gamma)
    toned = np.power(np.maximum(median, 1e-4), gamma)
    gain = _SKIN * (luma_of(toned) + 1e-5) / np.maximum(toned, 1e-3)
    gain = np.clip(np.power(gain, _CAST_SHARE), *_CAST_LIMITS)
    gain = gain / luma_of(gain)
    return np.clip(curve[:, None] * gain[None], 0, 1)[None].astype(np.float32)


def _gamma(median: float, highlight: float) -> float:
    """Exponent that lifts dull highlights or tames a burning face: darks stay dark."""
    if highlight < _FACE_HIGHLIGHT:
        gamma = np.log(_FACE_HIGHLIGHT) / np.log(max(highlight, 0.03))
    elif median > _BRIGHTEST_SKIN:
        gamma = np.log(_BRIGHTEST_SKIN) / np.log(min(median, 0.97))
    else:
        gamma = 1.0
    return float(np.clip(gamma, *_GAMMA_LIMITS))
