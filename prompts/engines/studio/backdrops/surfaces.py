"""Walls a photographer would stand a person before: painted canvas, plaster, concrete, brick."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from ..arrays import Floats, Mask, Picture, hex_colour, smoothstep
from ..lighting import Light, Rim
from .camera import Camera, finish
from .light import light
from .materials import brick, cells
from .scene import PLAIN_LOOK, Look, Scene
from .texture import fractal, lattice, swirl


@dataclass(frozen=True)
class Paints:
    """The two tones a canvas is mottled with and how dark it gets at the edges, 0–1."""

    first: str
    second: str
    edge: float = 0.5


def paint_canvas(
    h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK, *, paints: Paints
) -> Picture:
    """A hand-painted canvas: clouds of two tones, brushed in all directions, lit in the middle."""
    camera = Camera(h, w, look)
    first, second = hex_colour(paints.first), hex_colour(paints.second)
    if look.colour is not None:
        first = np.array(look.colour, np.float32)
        second = first * np.float32(0.68)
    size, unit = (camera.height, camera.width), camera.unit
    clouds = swirl(fractal(*size, 0.3 * unit, rng, 6, 0.62), 0.05 * unit, 0.25 * unit, rng)
    strokes = _brushed(*size, unit, rng)
    share = smoothstep(0.25, 0.75, clouds + 0.3 * (strokes - 0.5))[..., None]
    picture = first * (1 - share) + second * share
    picture *= (0.92 + 0.2 * (strokes - 0.5) + 0.16 * clouds)[..., None]
    picture *= _pool(camera, rng, paints.edge)[..., None]
    painted = finish(np.clip(picture, 0, 1), h, w)
    weave = lattice(h, w, max(1.5, 0.0017 * camera.unit * h / camera.height), rng) - 0.5
    return np.clip(painted * (1 + 0.035 * look.softness * weave)[..., None], 0, 1)


def _brushed(h: int, w: int, unit: float, rng: np.random.Generator) -> Mask:
    """Short strokes of a wide brush, each patch in another direction, 0–1."""
    fine = lattice(h, w, 0.008 * unit, rng) - 0.5
    total, weights = np.zeros((h, w), np.float32), np.full((h, w), 1e-3, np.float32)
    for angle in (20, 65, 110, 155):
        where = smoothstep(0.5, 0.75, lattice(h, w, 0.07 * unit, rng))
        total += where * cv2.filter2D(fine, -1, _bristles(0.05 * unit, angle))
        weights += where
    strokes = cv2.GaussianBlur(total / weights, (0, 0), max(0.3, 0.002 * unit))
    return np.clip(0.5 + strokes * (0.16 / (strokes.std() + 1e-6)), 0, 1)


def _bristles(length: float, angle: float) -> Floats:
    """A line of `length` px as a kernel that sums to 1."""
    reach = max(1, round(length / 2))
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    turn = np.radians(angle)
    offset = (round(reach * float(np.cos(turn))), round(reach * float(np.sin(turn))))
    start, end = (reach - offset[0], reach - offset[1]), (reach + offset[0], reach + offset[1])
    cv2.line(kernel, start, end, 1.0)
    return kernel / kernel.sum()


def _pool(camera: Camera, rng: np.random.Generator, edge: float) -> Mask:
    """Light that falls off from behind the head, 1 to `edge`."""
    x = camera.x - np.float32(rng.uniform(-0.1, 0.1))
    y = camera.y - np.float32(rng.uniform(-0.08, 0.04))
    distance: Floats = np.hypot(x, y)
    return 1 - np.float32(1 - edge) * smoothstep(0.1, 0.85, distance)


def paint_plaster(
    h: int,
    w: int,
    rng: np.random.Generator,
    look: Look = PLAIN_LOOK,
    *,
    tone: str,
    formwork: bool,
) -> Picture:
    """A trowelled wall in raking light; with `formwork` concrete as it comes from the mould."""
    camera = Camera(h, w, look, aperture=0.011)
    colour = hex_colour(tone) if look.colour is None else np.array(look.colour, np.float32)
    base = (colour**2.2).astype(np.float32)
    size, unit = (camera.height, camera.width), camera.unit
    stains = swirl(fractal(*size, 0.4 * unit, rng, 7, 0.68), 0.04 * unit, 0.3 * unit, rng)
    trowel = _brushed(*size, unit, rng)
    tint = 1 + 0.55 * (stains - 0.5) + 0.16 * (trowel - 0.5)
    camera.fill(base * tint[..., None])
    if formwork:
        _formwork(camera, base, rng)
    camera.soften(4.0)
    side = float(rng.choice((-1.0, 1.0)))
    rake = smoothstep(-0.75, 0.65, side * (camera.x - 0.35 * camera.y))
    camera.light *= (0.55 + 0.6 * rake)[..., None]
    return camera.develop(exposure=1.15, bloom=0.03)


def _formwork(camera: Camera, base: Floats, rng: np.random.Generator) -> None:
    """Seams between shuttering panels and the holes of their anchors."""
    u, v = camera.front(3.0)
    panel, across = cells(u + np.float32(rng.uniform(0, 1)), 1.25)
    course, up = cells(v + np.float32(rng.uniform(0, 1)), 0.95)
    seam = np.maximum(
        smoothstep(0.008, 0.002, np.minimum(across, 1 - across)),
        smoothstep(0.010, 0.003, np.minimum(up, 1 - up)),
    )
    hole = np.zeros_like(seam)
    for x in (0.2, 0.8):
        for y in (0.22, 0.78):
            away = np.hypot((across - np.float32(x)) * 1.25, (up - np.float32(y)) * 0.95)
            hole = np.maximum(hole, smoothstep(0.022, 0.015, away))
    shade = 1 + 0.06 * np.sin(panel * 12.9 + course * 78.2).astype(np.float32)
    camera.light *= (shade * (1 - 0.35 * seam) * (1 - 0.6 * hole))[..., None]


def paint_brick(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """An old brick wall a few steps behind the person."""
    camera = Camera(h, w, look, focal=1.9, aperture=0.021)
    u, v = camera.front(3.4)
    codes = ("7c4c3c", "704438", "865844", "644034", "8e6650", "6b4c40", "5a3e34")
    wall = brick(u, v, rng, codes, light("9a8f82", 0.6))
    worn = fractal(camera.height, camera.width, 0.4 * camera.unit, rng, 5, 0.6)
    rough = lattice(camera.height, camera.width, 0.014 * camera.unit, rng)
    camera.fill(wall * ((0.45 + 1.1 * worn) * (0.86 + 0.28 * rough))[..., None])
    camera.soften(3.4)
    side = float(rng.choice((-1.0, 1.0)))
    lamp = np.exp(-(((camera.x - side * 0.25) / 0.6) ** 2) - ((camera.y + 0.18) / 0.6) ** 2)
    camera.light *= (0.25 + 1.05 * lamp)[..., None]
    return camera.develop(exposure=1.2, bloom=0.05)


_FROM_LEFT = Light(key=(-0.6, -0.45, 0.65), strength=0.5, ambient=0.45)

SCENES = (
    Scene(
        "canvas",
        "surface",
        "Painted canvas",
        ("canvas", "painted backdrop", "textured", "texture", "hand-painted", "classic portrait"),
        Light(
            key=(-0.65, -0.5, 0.6), strength=0.5, ambient=0.45, rims=(Rim((0.9, 0.97, 1), 1, 0.2),)
        ),
        partial(paint_canvas, paints=Paints("8d8b80", "5b5a54")),
        near=True,
    ),
    Scene(
        "umber",
        "surface",
        "Old-master canvas",
        ("umber", "brown", "old master", "renaissance", "vintage", "brown background", "sepia"),
        Light(key=(-0.75, -0.5, 0.5), strength=0.65, ambient=0.3, warmth=(0.93, 1.0, 1.05)),
        partial(paint_canvas, paints=Paints("7d6448", "41311f", 0.32)),
    ),
    Scene(
        "plaster",
        "surface",
        "Plaster wall",
        ("plaster", "wall", "minimal", "minimalist", "mediterranean", "natural light"),
        Light(key=(-0.6, -0.4, 0.7), strength=0.4, ambient=0.55, warmth=(0.97, 1.0, 1.02)),
        partial(paint_plaster, tone="d8cfc2", formwork=False),
        near=True,
    ),
    Scene(
        "concrete",
        "surface",
        "Concrete wall",
        ("concrete", "industrial", "loft", "architecture", "architect", "modern"),
        _FROM_LEFT,
        partial(paint_plaster, tone="a9aaa8", formwork=True),
        near=True,
    ),
    Scene(
        "brick",
        "surface",
        "Brick wall",
        ("brick", "bricks", "brick wall", "alley", "musician", "band"),
        _FROM_LEFT,
        paint_brick,
        near=True,
    ),
)
