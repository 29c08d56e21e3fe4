"""Where the person goes in the frame.

A shot fixes the head's size and the height of the eyes, the same for everybody. Where a photo
ends inside the frame, the person would fade into the backdrop; a photographer never lets that be
seen. So the frame is straightened less, shifted, and finally tightened until every edge at which
the photo cuts the person lies outside the frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Floats
from .cutout import CutOut


@dataclass(frozen=True)
class Shot:
    """Height of the face (chin to forehead) and of the eye line, as fractions of the frame's."""

    face: float
    eyes: float


SHOTS = {
    "close": Shot(0.50, 0.43),
    "headshot": Shot(0.38, 0.40),
    "portrait": Shot(0.30, 0.36),
    "half": Shot(0.22, 0.30),
}

#: Faces are never made larger than this fraction of the frame's height.
_LARGEST_FACE = 0.66
_MOST_STRAIGHTENING = 12.0
#: Sideways shifts tried (fraction of the width); the large ones only pay for a cut face.
_SHIFTS = (0.0, -0.03, 0.03, -0.06, 0.06, -0.12, 0.12, -0.2, 0.2, -0.3, 0.3, -0.4, 0.4)
#: Cut edges may reach this far (fraction of the height) into the frame before it matters.
TOLERANCE = 0.004


def nearest_shot(face: float) -> str:
    """The shot whose face height (fraction of the frame's) is nearest."""
    return min(SHOTS, key=lambda name: abs(SHOTS[name].face - face))


@dataclass(frozen=True)
class Framing:
    """A placement: `matrix` (2×3) maps cut-out px to frame px.

    `tightness` is how much larger than asked the face had to become (1: not at all);
    `uncovered` is how far, as a fraction of the frame's height, cut edges still reach in.
    """

    matrix: Floats
    scale: float
    tightness: float
    uncovered: float


def place(
    cutout: CutOut,
    width: int,
    height: int,
    shot: Shot,
    *,
    size: float = 1.0,
    shift: float = 0.0,
) -> Framing:
    """Places the person; `size` varies the face's size, `shift` the side (fraction of width)."""
    best: tuple[float, Framing] | None = None
    for tightness in _tightness_steps(shot.face * size):
        for level in (0.7, 0.35, 0.0):
            for extra_shift in _SHIFTS:
                for lift in (0.0, -0.025, -0.05):
                    cost = (
                        (tightness - 1) * 3
                        + (0.7 - level) * 0.25
                        + abs(extra_shift) * 4
                        + abs(lift) * 6
                    )
                    if best and cost >= best[0]:
                        continue
                    matrix, scale = _matrix(
                        cutout,
                        (width * (0.5 + shift + extra_shift), height * (shot.eyes + lift)),
                        shot.face * size * tightness * height,
                        level,
                    )
                    uncovered = _uncovered(cutout, matrix, width, height)
                    cost += uncovered * 100 if uncovered > TOLERANCE else 0
                    if best is None or cost < best[0]:
                        best = cost, Framing(matrix, scale, tightness, uncovered)
    assert best is not None  # noqa: S101 - the loops always run
    return best[1]


def _tightness_steps(face: float) -> list[float]:
    """Factors by which the face may grow, from 1 to the largest face allowed."""
    most = max(1.0, _LARGEST_FACE / face)
    return [float(f) for f in np.geomspace(1, most, 2 + round(np.log(most) / 0.045))]


def _matrix(
    cutout: CutOut, eyes: tuple[float, float], face_height: float, level: float
) -> tuple[Floats, float]:
    """Similarity that brings the eyes to `eyes` and the face to `face_height` px.

    `level` 0–1 is how much of the head's tilt is taken out.
    """
    scale = face_height / cutout.face.height
    tilt = np.clip(cutout.face.roll, -_MOST_STRAIGHTENING, _MOST_STRAIGHTENING)
    angle = np.radians(float(tilt) * level)
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    turn = np.array([[cosine, sine], [-sine, cosine]], np.float32)
    offset = np.array(eyes, np.float32) - turn @ cutout.face.eyes
    return np.hstack([turn, offset[:, None]]).astype(np.float32), scale


def _uncovered(cutout: CutOut, matrix: Floats, width: int, height: int) -> float:
    """Depth, as a fraction of the height, of the innermost cut edge inside the frame."""
    points = cutout.cut_edges
    if not len(points):
        return 0.0
    x, y = (points @ matrix[:, :2].T + matrix[:, 2]).T
    depth = np.minimum(np.minimum(x, width - x), np.minimum(y, height - y))
    return max(0.0, float(depth.max()) / height)
