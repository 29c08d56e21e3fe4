"""The person as placed in a frame: what lighting, composition and styles work on."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .arrays import Floats, Mask, Picture, blur


@dataclass(frozen=True)
class Figure:
    """The cut-out person in frame coordinates; every array has the frame's height and width.

    `foreground` holds the person's own colours also under the soft edge (no halo of the photo's
    background); where `matte` is 0 its content is arbitrary. `landmarks` are the 468 points of
    the face mesh as (x, y, depth) in frame px. `face_height` is chin to upper forehead in px.
    `normals` are unit vectors (x right, y down, z towards the viewer), or None if not computed.
    """

    foreground: Picture
    matte: Mask
    face: Mask
    landmarks: Floats
    face_height: float
    normals: Floats | None = None

    @property
    def height(self) -> int:
        return int(self.matte.shape[0])

    @property
    def width(self) -> int:
        return int(self.matte.shape[1])


def face_oval(landmarks: Floats, height: int, width: int, softness: float) -> Mask:
    """The face's convex outline as a soft mask; `softness` is the edge's sigma in px."""
    hull = cv2.convexHull(np.round(landmarks[:, :2]).astype(np.int32))
    mask = np.zeros((height, width), np.float32)
    cv2.fillConvexPoly(mask, hull, 1.0)
    return blur(mask, softness)
