"""Outdoors: foliage, sky and ground, lit by a low sun or an overcast sky."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Mask, Picture, smoothstep
from ..lighting import Light, Rim
from .camera import EYE_HEIGHT, Camera, light, mix
from .scene import PLAIN_LOOK, Look, Scene
from .texture import fractal


@dataclass(frozen=True)
class Greenery:
    """Colours of a place with trees: leaves in shadow and lit, ground, sky, air."""

    shadow: str
    middle: str
    lit: str
    ground: str
    sky: str
    trunk: str = "3a3026"
    sun: str = "fff0c0"
    haze: str = "b9c583"


def foliage(
    camera: Camera, cell: float, cover: Mask, colours: Greenery, sun: Mask, rng: np.random.Generator
) -> tuple[Mask, Floats]:
    """Leaves as coverage (h, w) and light (h, w, 3).

    `cell` is the size of the crowns in frame heights, `cover` how much of the view they take,
    `sun` where the sun comes through.
    """
    h, w = camera.height, camera.width
    crowns = fractal(h, w, cell * camera.unit, rng, 5, 0.6)
    depth = fractal(h, w, cell * 0.7 * camera.unit, rng, 5, 0.65)
    mask = smoothstep(0.0, 0.16, cover - crowns)
    lit = np.clip(smoothstep(0.35, 0.75, depth) * (0.35 + sun), 0, 1)[..., None]
    colour = light(colours.shadow) + lit * (light(colours.middle) - light(colours.shadow))
    glint = smoothstep(0.55, 0.8, depth)[..., None] * sun[..., None]
    return mask, colour + glint * light(colours.lit, 0.9)


def sunlight(camera: Camera, x: float, y: float, size: float) -> Mask:
    """The glow around a light at frame coordinates, 1 at its centre."""
    return np.exp(-(((camera.x - x) / size) ** 2) - ((camera.y - y) / size) ** 2).astype(np.float32)


def glints(
    camera: Camera, rng: np.random.Generator, count: int, field: Mask, code: str, radius: float,
    gain: float = 0.5,
) -> None:  # fmt: skip
    """Small lights seen through leaves, as discs, most where `field` is high."""
    x = rng.uniform(-1.4, 1.4, count * 3).astype(np.float32)
    y = rng.uniform(-0.6, 0.9, count * 3).astype(np.float32)
    draw, bright = rng.random(count * 3), rng.uniform(0.15, 1.0, count * 3) ** 2
    columns = np.clip(camera.centre[0] + x * camera.unit, 0, camera.width - 1).astype(int)
    rows = np.clip(camera.centre[1] + y * camera.unit, 0, camera.height - 1).astype(int)
    chosen = draw < field[rows, columns]
    colours = (bright[chosen, None] * light(code, gain)).astype(np.float32)
    camera.points(x[chosen], y[chosen], colours, radius * camera.aperture / 0.024)


GOLDEN = Greenery("18260e", "5c8230", "dccb62", "6f8238", "fbf2d6")


def paint_golden_garden(
    h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK
) -> Picture:
    """Trees and a meadow against a low sun."""
    camera = Camera(h, w, look, aperture=0.026)
    side = float(rng.choice((-1.0, 1.0)))
    sun = sunlight(camera, side * rng.uniform(0.25, 0.45), rng.uniform(-0.32, -0.22), 0.42)
    camera.fill(light(GOLDEN.sky, 0.7) + sun[..., None] * light(GOLDEN.sun, 1.2))
    _tree_line(camera, GOLDEN, sun, rng)
    _meadow(camera, GOLDEN, sun, rng, horizon=0.1)
    for _ in range(2):
        _trunk(camera, GOLDEN, rng)
    canopy = camera.layer(5.0)
    cover = smoothstep(0.1, -0.42, camera.y) * 0.85 - 0.2 * sun
    canopy.cover(*foliage(camera, 0.16, cover, GOLDEN, sun + 0.15, rng))
    camera.place(canopy)
    shade = fractal(camera.height, camera.width, 0.2 * camera.unit, rng, 3)
    high = smoothstep(0.2, -0.25, camera.y)
    glints(camera, rng, 500, high * shade * (0.4 + sun), "ffeeb0", 0.017, 0.5)
    glints(camera, rng, 160, high * shade * (0.3 + sun), "fff2c4", 0.027, 0.4)
    glints(camera, rng, 120, (1 - high) * shade, "cfd98a", 0.02, 0.12)
    camera.haze(0.3 * sun, light("ffe9a8", 1.1))
    return camera.develop(rng, exposure=1.15, bloom=0.08)


def _tree_line(camera: Camera, colours: Greenery, sun: Mask, rng: np.random.Generator) -> None:
    """Trees in the distance and, before them, darker ones."""
    for z, top, veil in ((60.0, -0.18, 0.4), (22.0, -0.3, 0.12)):
        trees = camera.layer(z)
        cover = smoothstep(top - 0.2, top + 0.25, camera.y) * 1.1
        mask, leaves = foliage(camera, 0.3, cover, colours, sun + 0.2, rng)
        trees.cover(mask, mix(leaves, light(colours.haze, 0.9), veil))
        camera.place(trees)


def _meadow(
    camera: Camera, colours: Greenery, sun: Mask, rng: np.random.Generator, horizon: float
) -> None:
    """Grass with patches of light that flatten towards the horizon."""
    ground = camera.layer(14.0)
    x, z, _ = camera.plane(0.0)
    blades = fractal(camera.height, camera.width, 0.1 * camera.unit, rng, 4)
    rough = horizon + 0.05 * (blades - 0.5)
    patches = 0.5 + 0.5 * np.sin(x * 0.9 + 2 * blades) * np.sin(z * 0.35 + 5 * blades)
    tone = (0.35 + 0.5 * patches + 0.9 * sun)[..., None]
    ground.cover(smoothstep(-0.02, 0.03, camera.y - rough), light(colours.ground, 0.8) * tone)
    camera.place(ground)


def _trunk(camera: Camera, colours: Greenery, rng: np.random.Generator) -> None:
    z = rng.uniform(6.0, 14.0)
    tree = camera.layer(z)
    x, width = rng.uniform(-0.9, 0.9) * z / camera.focal, rng.uniform(0.2, 0.45)
    lean = rng.uniform(-0.3, 0.3)
    tree.polygon(
        [(x - width / 2, -0.2, z), (x + width / 2, -0.2, z), (x + lean + width / 3, 9, z),
         (x + lean - width / 3, 9, z)],
        light(colours.trunk, 0.7),
    )  # fmt: skip
    # Grass hides the foot: without it a trunk looks cut out of paper.
    foot = EYE_HEIGHT * camera.focal / z
    tree.planes *= smoothstep(foot + 0.02, foot - 0.12, camera.y)[..., None]
    camera.place(tree)


SCENES = (
    Scene(
        "outdoor",
        "nature",
        "Golden garden",
        ("outdoor", "outdoors", "outside", "golden hour", "garden", "meadow", "sunlit", "nature"),
        Light(
            key=(-0.5, -0.4, 0.7),
            strength=0.4,
            ambient=0.6,
            warmth=(0.92, 1.0, 1.07),
            rims=(Rim((0.682, 0.906, 1.0), 1, 0.55),),
        ),
        paint_golden_garden,
    ),
)
