"""A portrait camera for painted sets: perspective in metres, lens blur by depth, linear light.

Painters build a set of flat shapes at their true distances; the camera blurs each layer as a
lens focused on the person would, lets bright spots bloom into discs and develops the result.
World coordinates: x metres right of the lens, y metres above the floor, z metres away.
Light is linear and unbounded; 1 is a well-lit white wall.
"""

from __future__ import annotations

import cv2
import numpy as np

from ..arrays import Floats, Mask, Picture, blur, smoothstep
from .layers import Layer
from .light import GAMMA, Colour, Field, disc_blur, disc_kernel
from .scene import PLAIN_LOOK, Look

#: Painting happens at about this many px (square root of the area): out of focus, more is waste.
WORKING_SIZE = 520
EYE_HEIGHT = 1.55
FOCUS = 1.9
#: Frames narrower than this share of their height show as much to the sides, and more above.
NARROWEST = 0.8
SHOULDER = 0.62


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
