"""A team's own picture as backdrop."""

from __future__ import annotations

import cv2
import numpy as np

from ..arrays import Picture
from .light import disc_blur

#: Radius of the blur in shares of the shorter side: enough to part the person from the picture.
DEFOCUS = 0.006


def from_picture(picture: Picture, h: int, w: int, defocus: float = DEFOCUS) -> Picture:
    """Crops a BGR 0–1 picture centrally to cover `h`×`w` px and sets it slightly out of focus.

    Raises ValueError for a picture without pixels.
    """
    source_h, source_w = picture.shape[:2]
    if not source_h or not source_w:
        raise ValueError("The backdrop picture has no pixels.")
    factor = max(h / source_h, w / source_w)
    if factor < 1:
        crop_h, crop_w = min(source_h, round(h / factor)), min(source_w, round(w / factor))
        top, left = (source_h - crop_h) // 2, (source_w - crop_w) // 2
        crop = np.ascontiguousarray(picture[top : top + crop_h, left : left + crop_w])
        covered = cv2.resize(crop, (w, h), interpolation=cv2.INTER_AREA)
    else:
        middle = (
            (w - 1) / 2 - factor * (source_w - 1) / 2,
            (h - 1) / 2 - factor * (source_h - 1) / 2,
        )
        enlarge = np.array([[factor, 0, middle[0]], [0, factor, middle[1]]])
        covered = cv2.warpAffine(
            picture, enlarge, (w, h), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
    return np.clip(disc_blur(covered, defocus * min(h, w)), 0, 1)
