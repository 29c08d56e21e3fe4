"""What is put before the camera at one distance: flat shapes, and fields of light over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from .light import Colour, Field

if TYPE_CHECKING:
    from .camera import Camera

Point = tuple[float, float, float]


class Layer:
    """What stands at one distance: light times coverage in three planes and coverage in a fourth.

    Shapes are drawn opaque, later ones over earlier ones.
    """

    def __init__(self, camera: Camera, depth: float) -> None:
        self.camera = camera
        self.depth = depth
        self.planes = np.zeros((camera.height, camera.width, 4), np.float32)

    def used(self, margin: int = 0) -> tuple[slice, slice]:
        """The rows and columns in which anything stands, and `margin` px around."""
        coverage = self.planes[..., 3]
        rows, columns = np.flatnonzero(coverage.any(axis=1)), np.flatnonzero(coverage.any(axis=0))
        if not len(rows):
            return slice(0, 0), slice(0, 0)
        return (
            slice(max(0, int(rows[0]) - margin), int(rows[-1]) + 1 + margin),
            slice(max(0, int(columns[0]) - margin), int(columns[-1]) + 1 + margin),
        )

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """Fills the outline through points in the room."""
        self._fill(points, (*colour.tolist(), 1.0))

    def _fill(self, points: Sequence[Point], value: tuple[float, ...]) -> None:
        pixels = [self.camera.project(*point) for point in points]
        outline = np.clip(np.array(pixels), -6000, 6000) * 8
        cv2.fillPoly(self.planes, [np.round(outline).astype(np.int32)], value, 8, 3)

    def rectangle(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        """Fills an upright rectangle facing the lens, at the layer's depth."""
        z = self.depth
        self.polygon([(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)], colour)

    def slab(
        self, x: tuple[float, float], y: float, z: tuple[float, float], colour: Colour
    ) -> None:
        """Fills a horizontal rectangle at height `y`, from distance z[0] to z[1]."""
        self.polygon([(x[0], y, z[0]), (x[1], y, z[0]), (x[1], y, z[1]), (x[0], y, z[1])], colour)

    def side(
        self, x: float, y: tuple[float, float], z: tuple[float, float], colour: Colour
    ) -> None:
        """Fills an upright rectangle that runs away from the lens at `x`."""
        self.polygon([(x, y[0], z[0]), (x, y[1], z[0]), (x, y[1], z[1]), (x, y[0], z[1])], colour)

    def ellipse(
        self, x: float, y: float, rx: float, ry: float, colour: Colour, angle: float = 0.0
    ) -> None:
        """Fills an ellipse facing the lens; radii in metres, `angle` in degrees."""
        px, py = self.camera.project(x, y, self.depth)
        scale = self.camera.scale_at(self.depth) * 8
        cv2.ellipse(
            self.planes,
            (round(px * 8), round(py * 8)),
            (max(4, round(rx * scale)), max(4, round(ry * scale))),
            angle,
            0,
            360,
            (*colour.tolist(), 1.0),
            -1,
            8,
            3,
        )

    def cut(self, points: Sequence[Point]) -> None:
        """Cuts a hole through which what was placed before is seen."""
        self._fill(points, (0.0, 0.0, 0.0, 0.0))

    def cover(self, mask: Field, colour: Field) -> None:
        """Covers what lies under `mask` with a colour or a (h, w, 3) field of light."""
        share = mask[..., None]
        if self.planes[..., 3].any():
            self.planes *= 1 - share
            self.planes[..., :3] += share * colour
            self.planes[..., 3:] += share
        else:
            self.planes[..., :3] = share * colour
            self.planes[..., 3:] = share

    def fade(self, share: Field) -> None:
        """Thins out what stands here to a (h, w) share of itself."""
        window = self.used()
        self.planes[window] *= share[window][..., None]

    def shade(self, factor: Field) -> None:
        """Multiplies the light by a (h, w) field."""
        self.planes[..., :3] *= factor[..., None]
