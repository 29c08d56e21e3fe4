"""What a style is, and what it knows of the person while it works."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import cv2
import numpy as np

from ..arrays import Floats, Mask, Picture, blur
from ..figure import Figure

#: Area of the picture at which lengths in the styles are px: 1024×1280.
REFERENCE_AREA = 1024 * 1280
THINNEST_PEN = 0.55
#: The landmarks around each eye, the brows and the mouth (MediaPipe face mesh).
EYES = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
)
BROWS = (
    (70, 63, 105, 66, 107, 55, 65, 52, 53, 46),
    (300, 293, 334, 296, 336, 285, 295, 282, 283, 276),
)
MOUTH = (
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185,
)  # fmt: skip


@dataclass(frozen=True)
class Sitting:
    """The picture's size and where the person is in it; without a figure everything is backdrop.

    `unit` is the length in px of what is one px in a picture of 1024×1280.
    """

    height: int
    width: int
    figure: Figure | None

    @cached_property
    def unit(self) -> float:
        return float(np.sqrt(self.height * self.width / REFERENCE_AREA))

    @cached_property
    def pen(self) -> float:
        """`unit` for lines and dots: in small previews they stay thick enough to be seen."""
        return max(self.unit, THINNEST_PEN)

    @cached_property
    def matte(self) -> Mask:
        """The person, or nothing."""
        if self.figure is None:
            return np.zeros((self.height, self.width), np.float32)
        return self.figure.matte

    @cached_property
    def face(self) -> Mask:
        """The face's soft oval, or nothing."""
        if self.figure is None:
            return np.zeros((self.height, self.width), np.float32)
        return self.figure.face * self.figure.matte

    @cached_property
    def features(self) -> Mask:
        """Eyes, brows and mouth as soft patches: what makes a face that face."""
        mask = np.zeros((self.height, self.width), np.float32)
        if self.figure is None:
            return mask
        points = self.figure.landmarks[:, :2]
        for outline, grow in ((EYES[0], 1.7), (EYES[1], 1.7), (BROWS[0], 1.2), (BROWS[1], 1.2),
                              (MOUTH, 1.25)):  # fmt: skip
            centre = points[list(outline)].mean(axis=0)
            grown = centre + (points[list(outline)] - centre) * grow
            cv2.fillConvexPoly(mask, cv2.convexHull(np.round(grown).astype(np.int32)), 1.0)
        return blur(mask, 0.02 * self.figure.face_height)

    @cached_property
    def across(self) -> Mask:
        """0 at the left of the person's head to 1 at its right, beyond it 0 and 1 further out."""
        x = np.linspace(0, 1, self.width, dtype=np.float32)
        middle = 0.5
        if self.figure is not None:
            middle = float(self.figure.landmarks[1, 0]) / self.width
        return np.broadcast_to(x - np.float32(middle - 0.5), (self.height, self.width))

    def normals(self) -> Floats | None:
        return None if self.figure is None else self.figure.normals


class Painter(Protocol):
    """Turns a finished photograph, BGR float32 0–1, into one in a style, same shape and range."""

    def __call__(self, picture: Picture, sitting: Sitting, rng: np.random.Generator) -> Picture: ...


@dataclass(frozen=True)
class Style:
    """A style with the words that choose it besides its name."""

    name: str
    words: tuple[str, ...]
    paint: Painter
