"""From a cut-out and a framing to a figure in the frame."""

from __future__ import annotations

import cv2
import numpy as np

from . import tone
from .arrays import Floats, Mask, Picture, Pixels, blur, resize, smoothstep
from .cutout import CutOut
from .figure import Figure, face_oval
from .framing import TOLERANCE, Framing
from .relief import unit

#: Normals are kept at this fraction of the frame's size: shading is smooth.
_NORMALS_SCALE = 0.25
_BLURRED_SCALE = 0.25


def place(cutout: CutOut, framing: Framing, width: int, height: int) -> Figure:
    """Warps the cut-out into the frame and brings its exposure and colour cast in order."""
    matrix, colours, alpha = _reduced(cutout, framing)
    size = (width, height)
    placed = cv2.warpAffine(
        colours, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    matte = _matte(alpha, matrix, size, feathered=framing.uncovered > TOLERANCE)
    face = cutout.face.moved(framing.matrix)
    oval = face_oval(face.landmarks, height, width, face.height * 0.05)
    return Figure(
        foreground=tone.correction(placed, oval * matte).apply(placed),
        matte=matte,
        face=oval,
        landmarks=face.landmarks,
        face_height=face.height,
        normals=_normals(cutout, framing, width, height),
    )


def surroundings(cutout: CutOut, framing: Framing, width: int, height: int) -> Picture:
    """The photo's own background, blurred, in place behind the figure: (h, w, 3)."""
    small = cutout.surroundings
    size = (max(8, round(width * _BLURRED_SCALE)), max(8, round(height * _BLURRED_SCALE)))
    to_cutout = _squared(cutout.from_photo) @ np.diag(
        [cutout.photo_size[0] / small.shape[1], cutout.photo_size[1] / small.shape[0], 1]
    )
    reduce = np.diag([size[0] / width, size[1] / height, 1])
    matrix = (reduce @ _squared(framing.matrix) @ to_cutout)[:2]
    placed = cv2.warpAffine(small, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    face = cutout.face.moved(framing.matrix).moved(reduce[:2].astype(np.float32))
    oval = face_oval(face.landmarks, size[1], size[0], 1.0)
    return resize(blur(tone.correction(placed, oval).apply(placed), 0.03 * size[0]), width, height)


def _squared(matrix: Floats) -> Floats:
    """A 2×3 matrix as 3×3."""
    return np.vstack([matrix, [0, 0, 1]]).astype(np.float32)


def _reduced(cutout: CutOut, framing: Framing) -> tuple[Floats, Pixels, Pixels]:
    """Shrinks the cut-out before a strongly shrinking warp, which would alias otherwise."""
    if framing.scale > 0.6:
        return framing.matrix, cutout.colours, cutout.alpha
    height, width = cutout.alpha.shape
    factor = framing.scale / 0.75
    size = (max(2, round(width * factor)), max(2, round(height * factor)))
    matrix = framing.matrix.copy()
    matrix[:, 0] *= width / size[0]
    matrix[:, 1] *= height / size[1]
    colours = cv2.resize(cutout.colours, size, interpolation=cv2.INTER_AREA)
    return matrix, colours, cv2.resize(cutout.alpha, size, interpolation=cv2.INTER_AREA)


def _matte(alpha: Pixels, matrix: Floats, size: tuple[int, int], *, feathered: bool) -> Mask:
    """The matte in the frame; `feathered` fades it where the photo ends inside the frame."""
    warped = cv2.warpAffine(alpha, matrix, size, flags=cv2.INTER_CUBIC)
    matte = np.multiply(warped, np.float32(1 / 255), dtype=np.float32)
    if feathered:
        inside = cv2.warpAffine(np.full_like(alpha, 255), matrix, size)
        # The frame's own edges are no edges of the photo: pad as if the photo went on there.
        reach = max(2, round(0.05 * size[0]))
        padded = cv2.copyMakeBorder(inside, *(reach,) * 4, cv2.BORDER_REPLICATE)
        soft = cv2.blur(padded, (2 * reach + 1,) * 2)[reach:-reach, reach:-reach]
        matte *= smoothstep(0.5, 1.0, soft.astype(np.float32) / 255)
    return matte


def _normals(cutout: CutOut, framing: Framing, width: int, height: int) -> Floats:
    """Normals turned with the person, (h, w, 3)."""
    size = (max(8, round(width * _NORMALS_SCALE)), max(8, round(height * _NORMALS_SCALE)))
    small_height, small_width = cutout.normals.shape[:2]
    matrix = framing.matrix.copy()
    matrix[0] *= size[0] / width
    matrix[1] *= size[1] / height
    matrix[:, 0] *= cutout.alpha.shape[1] / small_width
    matrix[:, 1] *= cutout.alpha.shape[0] / small_height
    warped = cv2.warpAffine(cutout.normals, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    vectors = (warped.astype(np.float32) - 128) / 127
    turn = framing.matrix[:, :2] / framing.scale
    vectors[..., :2] = cv2.transform(np.ascontiguousarray(vectors[..., :2]), turn)
    return resize(unit(blur(vectors, 1.0)), width, height)
