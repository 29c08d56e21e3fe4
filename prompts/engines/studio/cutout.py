"""A person cut out of one photo, once, in a form that is small to keep and quick to place."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from . import fusion, matting, relief
from .arrays import Floats, Pixels, to_pixels
from .faces import Face

#: Changes whenever a cached cut-out of an earlier version must not be used any more.
VERSION = 3

#: The face's height in a cut-out in px. Small photos are enlarged first, for a finer matte;
#: large ones are reduced to what a picture of usual size can show.
_FACE_HEIGHT = (320.0, 440.0)
_MOST_PIXELS = 3_600_000
#: How much around the eyes is cut out, in face heights: above, below, to each side.
_REACH = (1.6, 3.5, 3.6)
#: Matte values below this are nobody.
_VISIBLE = 0.02
#: Longer side of the photo kept as surroundings: they are only ever shown blurred.
_SURROUNDINGS = 320


class CutOutError(ValueError):
    """Cached bytes that are no cut-out of this version."""


@dataclass(frozen=True)
class CutOut:
    """The person in cut-out coordinates (px of `colours`).

    `colours` (h, w, 3) and `alpha` (h, w) are 8 bit; `normals` is a reduced normal map, 8 bit
    around 128. `from_photo` (2×3) maps px of the decoded photo to px of the cut-out.
    `surroundings` is the whole photo, reduced, and `photo_size` its (width, height) before.
    """

    colours: Pixels
    alpha: Pixels
    normals: Pixels
    surroundings: Pixels
    face: Face
    from_photo: Floats
    photo_size: tuple[int, int]
    confidence: float

    @property
    def scale(self) -> float:
        """Px of the cut-out per px of the photo."""
        return float(np.hypot(self.from_photo[0, 0], self.from_photo[1, 0]))

    @cached_property
    def cut_edges(self) -> Floats:
        """Points (n, 2) where the person goes on beyond the photo's edge."""
        height, width = self.alpha.shape
        step = max(2, round(self.face.height / 24))
        along_x, along_y = np.arange(0, width, step), np.arange(0, height, step)
        borders = [
            (along_x, np.zeros_like(along_x)),
            (along_x, np.full_like(along_x, height - 1)),
            (np.zeros_like(along_y), along_y),
            (np.full_like(along_y, width - 1), along_y),
        ]
        x = np.concatenate([b[0] for b in borders])
        y = np.concatenate([b[1] for b in borders])
        present = self.alpha[y, x] > 64
        return np.stack([x[present], y[present]], 1).astype(np.float32)


def make(photo: Pixels, face: Face, others: Sequence[Face] = ()) -> CutOut:
    """Cuts the person with this face (in photo px) out of a photo, without the others in it."""
    height, width = photo.shape[:2]
    above, below, aside = (reach * face.height for reach in _REACH)
    left, right = max(0, int(face.eyes[0] - aside)), min(width, int(face.eyes[0] + aside))
    top, bottom = max(0, int(face.eyes[1] - above)), min(height, int(face.eyes[1] + below))
    scale = float(np.clip(face.height, *_FACE_HEIGHT)) / face.height
    scale = min(scale, float(np.sqrt(_MOST_PIXELS / ((right - left) * (bottom - top)))))
    size = (round((right - left) * scale), round((bottom - top) * scale))
    region = cv2.resize(
        photo[top:bottom, left:right],
        size,
        interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LANCZOS4,
    )
    from_photo = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]], np.float32)
    placed = face.moved(from_photo)

    matte = matting.cut_out(region, placed, [other.moved(from_photo) for other in others])
    rows = np.flatnonzero((matte.alpha > _VISIBLE).any(1))
    columns = np.flatnonzero((matte.alpha > _VISIBLE).any(0))
    if not len(rows):
        rows, columns = np.arange(size[1]), np.arange(size[0])
    window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    shift = np.array([columns[0], rows[0]], np.float32)
    from_photo[:, 2] -= shift
    placed = face.moved(from_photo)
    alpha = np.ascontiguousarray(matte.alpha[window])
    colours = fusion.foreground(np.ascontiguousarray(region[window]), alpha, placed.size)
    shape = relief.normals(alpha, placed)
    return CutOut(
        colours=to_pixels(colours),
        alpha=cv2.convertScaleAbs(alpha, alpha=255),
        normals=cv2.convertScaleAbs(shape * 127 + 128),
        surroundings=_thumbnail(photo),
        face=placed,
        from_photo=from_photo,
        photo_size=(width, height),
        confidence=matte.confidence,
    )


def _thumbnail(photo: Pixels) -> Pixels:
    scale = min(1.0, _SURROUNDINGS / max(photo.shape[:2]))
    return cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def pack(cutout: CutOut) -> bytes:
    """Compact bytes: colours as JPEG, matte and normals as PNG, numbers as they are."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, 96]
    quality += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    fast = [cv2.IMWRITE_PNG_COMPRESSION, 1]
    target = io.BytesIO()
    np.savez(
        target,
        colours=cv2.imencode(".jpg", cutout.colours, quality)[1],
        alpha=cv2.imencode(".png", cutout.alpha, fast)[1],
        normals=cv2.imencode(".png", cutout.normals, fast)[1],
        surroundings=cv2.imencode(".jpg", cutout.surroundings, quality)[1],
        landmarks=cutout.face.landmarks,
        box=cutout.face.box,
        from_photo=cutout.from_photo,
        numbers=np.frombuffer(
            json.dumps(
                {
                    "version": VERSION,
                    "score": cutout.face.score,
                    "photo_size": cutout.photo_size,
                    "confidence": cutout.confidence,
                }
            ).encode(),
            np.uint8,
        ),
    )
    return target.getvalue()


def unpack(data: bytes) -> CutOut:
    """The inverse of `pack`; CutOutError for anything else."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            numbers = json.loads(stored["numbers"].tobytes())
            if numbers["version"] != VERSION:
                raise CutOutError(f"cut-out of version {numbers['version']}")
            colours = cv2.imdecode(stored["colours"], cv2.IMREAD_COLOR)
            alpha = cv2.imdecode(stored["alpha"], cv2.IMREAD_GRAYSCALE)
            shape = cv2.imdecode(stored["normals"], cv2.IMREAD_COLOR)
            surroundings = cv2.imdecode(stored["surroundings"], cv2.IMREAD_COLOR)
            width, height = (int(side) for side in numbers["photo_size"])
            confidence = float(numbers["confidence"])
            face = Face(stored["box"], stored["landmarks"], float(numbers["score"]))
            from_photo = stored["from_photo"]
    except (OSError, EOFError, KeyError, TypeError, ValueError) as error:
        raise CutOutError(str(error)) from error
    except (zipfile.BadZipFile, zlib.error, cv2.error) as error:
        raise CutOutError(str(error)) from error
    if colours is None or alpha is None or shape is None or surroundings is None:
        raise CutOutError("pictures missing")
    sound = face.landmarks.shape == (468, 3) and from_photo.shape == (2, 3)
    if not sound or colours.shape[:2] != alpha.shape:
        raise CutOutError("numbers missing")
    return CutOut(
        colours=colours,
        alpha=alpha,
        normals=shape,
        surroundings=surroundings,
        face=face,
        from_photo=from_photo,
        photo_size=(width, height),
        confidence=confidence,
    )
