"""A portrait camera for painted sets: perspective in metres, lens blur by depth, linear light.

Painters build a set of flat shapes at their true distances; the camera blurs each layer as a
lens focused on the person would, lets bright spots bloom into discs and develops the result.
World coordinates: x metres right of the lens, y metres above the floor, z metres away.
Light is linear and unbounded; 1 is a well-lit white wall.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats, Mask, Picture, blur, hex_colour, smoothstep
from .scene import PLAIN_LOOK, Look

#: Painting happens at about this many px (square root of the area): out of focus, more is waste.
WORKING_SIZE = 520
EYE_HEIGHT = 1.55
FOCUS = 1.9
#: Frames narrower than this share of their height show as much to the sides, and more above.
NARROWEST = 0.8
GAMMA = 2.2
SHOULDER = 0.62
#: Kernels up to this radius in px are convolved directly; larger ones would go through a slow DFT.
EXACT_RADIUS = 5.0

Colour = Floats
#: Fields of light or coverage that painters compute; either precision will do.
Field = NDArray[np.floating[Any]]
Point = tuple[float, float, float]


def light(code: str, gain: float = 1.0) -> Colour:
    """The linear BGR radiance of the display colour '#rrggbb', times `gain`."""
    return (hex_colour(code) ** GAMMA * gain).astype(np.float32)


def mix(a: Floats, b: Floats, share: Floats | float) -> Floats:
    """Light between `a` (share 0) and `b` (share 1); colours or (h, w, 3) fields."""
    return a + (b - a) * share


def disc_kernel(radius: float, rim: float = 0.0) -> Floats:
    """A disc of `radius` px that sums to 1; its edge is `rim` brighter than its centre."""
    reach = int(np.ceil(radius))
    span = np.arange(-reach, reach + 1, dtype=np.float32)
    distance: Floats = np.hypot(span[:, None], span[None, :])
    kernel = np.clip(radius - distance + 0.5, 0, 1)
    kernel *= 1 - rim + rim * smoothstep(0.5, 1.0, distance / radius)
    return kernel / kernel.sum()


def disc_blur(x: Floats, radius: float) -> Floats:
    """Blurs with a disc of `radius` px, the shape an out-of-focus point takes.

    Large discs are computed on a reduced copy, which rounds their edge a little.
    """
    if radius < 0.6:
        return x
    if radius <= EXACT_RADIUS:
        return cv2.filter2D(x, -1, disc_kernel(radius), borderType=cv2.BORDER_REFLECT)
    h, w = x.shape[:2]
    factor = EXACT_RADIUS / radius
    size = (max(2, round(w * factor)), max(2, round(h * factor)))
    small = disc_blur(cv2.resize(x, size, interpolation=cv2.INTER_AREA), EXACT_RADIUS)
    return cv2.resize(small, (w, h), interpolation=cv2.INTER_CUBIC)


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


class Camera:
    """The picture being taken: a frame, a lens and what has been put before it.

    `focal` is the focal length in frame heights (1 wide, 2.4 a portrait lens), `horizon` the eye
    level as a share of the frame's height from the top, `shift` how far right of the middle the
    vanishing point lies, `aperture` the radius in frame heights of an infinitely far point's disc.
    """

    def __init__(
        self,
        h: int,
        w: int,
        look: Look = PLAIN_LOOK,
        *,
        focal: float = 1.5,
        horizon: float = 0.42,
        aperture: float = 0.018,
        shift: float = 0.0,
    ) -> None:
        factor = min(1.0, WORKING_SIZE / float(np.sqrt(h * w)))
        self.full_size = (h, w)
        self.height, self.width = max(8, round(h * factor)), max(8, round(w * factor))
        self.unit = min(self.height, self.width / NARROWEST)
        self.focal = focal
        self.aperture = aperture * look.softness
        self.centre = (self.width / 2 + shift * self.unit, self.height * horizon)
        self.light = np.zeros((self.height, self.width, 3), np.float32)
        columns: Floats = np.arange(self.width, dtype=np.float32)
        rows: Floats = np.arange(self.height, dtype=np.float32)
        #: Frame coordinates of every px: frame heights right of the centre and below eye level.
        self.x = np.broadcast_to((columns - self.centre[0]) / self.unit, self.light.shape[:2])
        self.y = np.broadcast_to((rows[:, None] - self.centre[1]) / self.unit, self.light.shape[:2])

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """The frame's left, top, right and bottom in frame coordinates."""
        left, top = -self.centre[0] / self.unit, -self.centre[1] / self.unit
        return left, top, left + self.width / self.unit, top + self.height / self.unit

    # Geometry

    def scale_at(self, z: float) -> float:
        """Working px per metre at distance `z`."""
        return self.focal * self.unit / max(z, 0.3)

    def project(self, x: float, y: float, z: float) -> tuple[float, float]:
        """Working px of a point in the room."""
        scale = self.scale_at(z)
        return self.centre[0] + x * scale, self.centre[1] - (y - EYE_HEIGHT) * scale

    def left(self, z: float) -> float:
        """Metres right of the lens where the frame's left edge lies at distance `z`."""
        return -self.centre[0] / self.scale_at(z)

    def right(self, z: float) -> float:
        """Metres right of the lens where the frame's right edge lies at distance `z`."""
        return (self.width - self.centre[0]) / self.scale_at(z)

    def top(self, z: float) -> float:
        """Height in metres above the floor of the frame's upper edge at distance `z`."""
        return EYE_HEIGHT + self.centre[1] / self.scale_at(z)

    def bottom(self, z: float) -> float:
        """Height in metres above the floor of the frame's lower edge at distance `z`."""
        return EYE_HEIGHT - (self.height - self.centre[1]) / self.scale_at(z)

    def plane(self, height: float, far: float = 60.0) -> tuple[Mask, Mask, Mask]:
        """The horizontal plane at `height` m as fields: x and z in metres, and 1 where it is seen.

        It is seen below eye level when it lies below the eye and above when above, up to `far` m.
        """
        drop = EYE_HEIGHT - height
        slope = np.where(self.y * drop > 0, np.abs(self.y), np.float32(1e-6))
        z = np.float32(abs(drop) * self.focal) * np.reciprocal(slope)
        seen = (z < far).astype(np.float32)
        z = np.minimum(z, np.float32(far))
        return self.x * z / np.float32(self.focal), z, seen

    def front(self, z: float) -> tuple[Mask, Mask]:
        """The upright plane facing the lens at distance `z` as fields: x and y in metres."""
        metres = np.float32(z / self.focal)
        return self.x * metres, EYE_HEIGHT - self.y * metres

    def flank(self, x: float, far: float = 60.0) -> tuple[Mask, Mask, Mask]:
        """The upright plane running away from the lens at `x` m: z and y in metres, 1 where seen.

        It is seen on its own side of the vanishing point, up to `far` m.
        """
        slope = np.where(self.x * x > 0, np.abs(self.x), np.float32(1e-6))
        z = np.float32(abs(x) * self.focal) * np.reciprocal(slope)
        seen = (z < far).astype(np.float32)
        z = np.minimum(z, np.float32(far))
        return z, EYE_HEIGHT - self.y * z / np.float32(self.focal), seen

    def reflect(self, z: float, share: float, roughness: float = 0.02) -> None:
        """Makes the floor nearer than `z` m mirror what stands there, as polished stone does."""
        edge = round(self.centre[1] + EYE_HEIGHT * self.scale_at(z))
        count = min(self.height - edge, edge)
        if count < 2:
            return
        mirrored = np.ascontiguousarray(self.light[edge - count : edge][::-1])
        sigma = max(0.3, roughness * self.unit)
        mirrored = cv2.GaussianBlur(mirrored, (0, 0), sigmaX=sigma * 0.6, sigmaY=sigma * 2)
        fade = np.linspace(share, share * 0.35, count, dtype=np.float32)[:, None, None]
        floor = self.light[edge : edge + count]
        floor += fade * (mirrored - floor)

    def disc_radius(self, z: float) -> float:
        """Radius in working px of the disc a point at distance `z` becomes (thin lens)."""
        return self.aperture * self.unit * abs(z - FOCUS) / max(z, 0.3)

    # Taking the picture

    def layer(self, depth: float) -> Layer:
        """An empty layer at a distance."""
        return Layer(self, depth)

    def fill(self, colour: Field) -> None:
        """Starts with one colour or field of light at infinity."""
        self.light[...] = colour

    def place(self, layer: Layer) -> None:
        """Puts a layer, blurred for its distance, before everything placed so far."""
        radius = self.disc_radius(layer.depth)
        window = layer.used(margin=int(np.ceil(radius)) + 2)
        if window[0].stop == 0:
            return
        planes = disc_blur(np.ascontiguousarray(layer.planes[window]), radius)
        behind = self.light[window]
        behind *= 1 - planes[..., 3:]
        behind += planes[..., :3]

    def soften(self, z: float) -> None:
        """Blurs everything placed so far as if it stood at distance `z`."""
        self.light = disc_blur(self.light, self.disc_radius(z))

    def add(self, mask: Field, colour: Colour) -> None:
        """Adds light of one colour, weighted by a (h, w) field."""
        self.light += mask[..., None] * colour

    def haze(self, mask: Field, colour: Colour) -> None:
        """Lets everything placed so far fade towards the colour of the air."""
        share = np.clip(mask, 0, 1)[..., None]
        self.light += share * (colour - self.light)

    def points(
        self, x: Floats, y: Floats, colours: Floats, radius: float, *, rim: float = 0.15
    ) -> None:
        """Adds many point lights as crisp discs of one size.

        `x`, `y` (n,) are frame coordinates, `colours` (n, 3) the light of each disc, `radius` its
        size in frame heights.
        """
        columns = np.round(self.centre[0] + x * self.unit).astype(np.int64)
        rows = np.round(self.centre[1] + y * self.unit).astype(np.int64)
        r = max(0.7, radius * self.unit)
        margin = int(np.ceil(r))
        inside = (columns >= -margin) & (columns < self.width + margin)
        inside &= (rows >= -margin) & (rows < self.height + margin)
        size = (self.height + 2 * margin, self.width + 2 * margin, 3)
        sparse = np.zeros(size, np.float32)
        kernel = disc_kernel(r, rim)
        where = (rows[inside] + margin, columns[inside] + margin)
        np.add.at(sparse, where, colours[inside])
        discs = cv2.filter2D(sparse, -1, kernel / kernel.max(), borderType=cv2.BORDER_CONSTANT)
        self.light += discs[margin : margin + self.height, margin : margin + self.width]

    def bokeh(
        self,
        x: float,
        y: float,
        radius: float,
        colour: Colour,
        *,
        rim: float = 0.25,
        softness: float = 0.06,
    ) -> None:
        """Adds the disc of a point light at frame coordinates; `radius` in frame heights.

        `rim` is how much brighter the disc's edge is than its centre. Towards the frame's
        corners the disc is cut like a cat's eye, as the lens barrel does.
        """
        cx, cy, r = (
            self.centre[0] + x * self.unit,
            self.centre[1] + y * self.unit,
            radius * self.unit,
        )
        reach = int(np.ceil(r)) + 2
        x0, x1 = max(0, int(cx) - reach), min(self.width, int(cx) + reach + 1)
        y0, y1 = max(0, int(cy) - reach), min(self.height, int(cy) + reach + 1)
        if x1 <= x0 or y1 <= y0:
            return
        columns = np.arange(x0, x1, dtype=np.float32) - cx
        rows = np.arange(y0, y1, dtype=np.float32)[:, None] - cy
        edge = max(1.2, softness * r)
        distance = np.hypot(columns, rows)
        disc = np.clip((r - distance) / edge + 0.5, 0, 1)
        disc *= 1 - rim + rim * smoothstep(0.55, 1.0, distance / r)
        barrel = np.hypot(columns + x * 0.55 * r, rows + y * 0.55 * r)
        disc *= np.clip((1.04 * r - barrel) / edge + 0.5, 0, 1)
        self.light[y0:y1, x0:x1] += disc[..., None] * colour

    def develop(self, *, exposure: float = 1.0, bloom: float = 0.06) -> Picture:
        """The finished picture, BGR 0–1, at full size.

        `bloom` is the share of light the lens scatters. Highlights roll off as film does.
        """
        scattered = blur(self.light, self.unit * 0.04)
        exposed = (self.light + bloom * (scattered - self.light)) * exposure
        np.maximum(exposed, 0, out=exposed)
        room = 1 - SHOULDER
        rolled = SHOULDER + room * np.tanh((exposed - SHOULDER) / room)
        display = cv2.pow(np.where(exposed > SHOULDER, rolled, exposed), 1 / GAMMA)
        return finish(display, *self.full_size)


def finish(display: Picture, h: int, w: int) -> Picture:
    """Enlarges a display-referred picture to full size."""
    if display.shape[:2] != (h, w):
        display = cv2.resize(display, (w, h), interpolation=cv2.INTER_CUBIC)
    return np.clip(display, 0, 1)
