"""A light retouch: smoother skin that keeps its pores, clearer eyes."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from .arrays import Floats, Mask, Picture, blur, resize, smoothstep, to_picture, to_pixels
from .faces import CHIN, LEFT_BROW, LEFT_EYE, LIPS, NOSE_TIP, RIGHT_BROW, RIGHT_EYE
from .figure import Figure

#: Features that are no skin, and by how much their outline is widened.
_FEATURES = ((LEFT_EYE, 0.5), (RIGHT_EYE, 0.5), (LEFT_BROW, 0.2), (RIGHT_BROW, 0.2), (LIPS, 0.1))
#: Face height at which skin is smoothed: finer structure stays anyway.
_WORK_HEIGHT = 240
#: Shares of shine and of deviating hue that a full retouch takes away.
_SHINE, _HUE = 0.6, 0.7
#: Chroma distance (Cr or Cb, 0–1) at which skin stops being skin.
_SKIN_SPREAD = 0.045


def retouch(figure: Figure, amount: float) -> Picture:
    """Returns the foreground with face and neck retouched; `amount` 0–1 (0.3 is discreet)."""
    picture = figure.foreground.copy()
    window = _window(figure)
    region = picture[window]
    if amount <= 0 or region.size == 0:
        return picture
    origin = np.array([window[1].start, window[0].start], np.float32)
    landmarks = figure.landmarks[:, :2] - origin
    size = figure.face_height
    skin = _skin(figure, window, landmarks)[..., None]
    pores = size * 0.006
    tone = _evened(blur(_smooth_base(region, size), pores), skin, size)
    smooth = tone + (region - blur(region, pores)) * 0.75
    region += skin * np.float32(amount) * (smooth - region)
    shape = (region.shape[0], region.shape[1])
    eyes = np.maximum(
        _filled(landmarks, LEFT_EYE, 0.05, shape), _filled(landmarks, RIGHT_EYE, 0.05, shape)
    )
    eyes = blur(eyes, size * 0.008)[..., None] * np.float32(min(1.0, amount * 1.8))
    region += eyes * ((region - blur(region, size * 0.02)) * 0.5 + 0.035)
    return np.clip(picture, 0, 1, out=picture)


def _window(figure: Figure) -> tuple[slice, slice]:
    """The part of the frame that holds face and neck."""
    points, size = figure.landmarks[:, :2], figure.face_height
    (left, top), (right, bottom) = points.min(0), points.max(0)
    return (
        slice(max(0, int(top - 0.25 * size)), max(0, min(figure.height, int(bottom + 0.5 * size)))),
        slice(max(0, int(left - 0.2 * size)), max(0, min(figure.width, int(right + 0.2 * size)))),
    )


def _smooth_base(region: Picture, face_height: float) -> Picture:
    """The region without skin texture, edges kept (bilateral filter at reduced size)."""
    scale = min(1.0, _WORK_HEIGHT / face_height)
    height, width = region.shape[:2]
    small = to_pixels(resize(region, max(2, round(width * scale)), max(2, round(height * scale))))
    sigma = max(3.0, face_height * scale * 0.03)
    filtered = cv2.bilateralFilter(small, -1, 22, sigma)
    return cv2.resize(to_picture(filtered), (width, height), interpolation=cv2.INTER_CUBIC)


def _evened(tone: Picture, skin: Mask, face_height: float) -> Picture:
    """Takes shine and patches of another hue back towards the skin's own tone.

    Flash leaves pale spots on cheeks and forehead, which any change of light makes worse.
    """
    sure = skin[..., 0] > 0.7
    if np.count_nonzero(sure) < 64:
        return tone
    broad = cv2.cvtColor(blur(tone, face_height * 0.02), cv2.COLOR_BGR2YCrCb)
    usual = np.median(broad[sure], 0)
    shine = np.float32(np.percentile(broad[..., 0][sure], 80))
    change = np.empty_like(broad)
    change[..., 0] = -_SHINE * np.maximum(broad[..., 0] - shine, 0)
    change[..., 1:] = _HUE * (usual[1:] - broad[..., 1:])
    toned = cv2.cvtColor(np.clip(tone, 0, 1), cv2.COLOR_BGR2YCrCb) + change
    return cv2.cvtColor(toned, cv2.COLOR_YCrCb2BGR)


def _skin(figure: Figure, window: tuple[slice, slice], landmarks: Floats) -> Mask:
    """Soft mask of skin on face and neck, features left out."""
    region = figure.foreground[window]
    chroma = cv2.cvtColor(region, cv2.COLOR_BGR2YCrCb)[..., 1:]
    face, matte = figure.face[window], figure.matte[window]
    sure = face > 0.9
    centre = np.median(chroma[sure], 0) if sure.any() else np.array([0.57, 0.45])
    offset = (chroma - centre.astype(np.float32)) / np.float32(_SKIN_SPREAD)
    likeness = np.exp(-0.5 * (offset * offset).sum(-1)) * matte
    rows = np.arange(region.shape[0], dtype=np.float32)[:, None]
    nose, chin = float(landmarks[NOSE_TIP, 1]), float(landmarks[CHIN, 1])
    # Blond hair has the colour of skin: above the nose only the face itself counts.
    likeness = likeness * np.maximum(face, smoothstep(nose, chin, rows))
    near = np.exp(-(((rows - nose) / (figure.face_height * 0.95)) ** 2))
    mask = np.maximum(likeness, face * 0.6) * near
    shape = mask.shape
    features = np.zeros(shape, np.float32)
    for indexes, grow in _FEATURES:
        np.maximum(features, _filled(landmarks, indexes, grow, shape), out=features)
    mask *= 1 - blur(features, figure.face_height * 0.012)
    return blur(mask, figure.face_height * 0.008)


def _filled(landmarks: Floats, indexes: Sequence[int], grow: float, shape: tuple[int, ...]) -> Mask:
    """The hull of some landmarks as a mask, widened by the fraction `grow`."""
    points = landmarks[list(indexes)]
    centre = points.mean(0)
    hull = cv2.convexHull(np.round(centre + (points - centre) * (1 + grow)).astype(np.int32))
    mask = np.zeros(shape[:2], np.float32)
    cv2.fillPoly(mask, [hull], 1.0)
    return mask
