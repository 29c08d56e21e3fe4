"""Streets: facades that run towards the vanishing point, by day, at dusk and at night."""

from __future__ import annotations

import numpy as np

from ..arrays import Picture, smoothstep
from ..lighting import Light, Rim
from .camera import Camera, Colour, light
from .scene import PLAIN_LOOK, Look, Scene
from .texture import fractal

WINDOWS = ("ffb765", "ffd9a0", "ffe9c8", "cfe4ff")
SIGNS = ("ff5c7a", "58b8ff", "ff9a3c", "7df0d0", "c78bff", "ffd257")


def paint_night(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """A street after dark: lit windows, street lamps, traffic and their reflections on asphalt."""
    camera = Camera(h, w, look, shift=float(rng.uniform(-0.12, 0.12)), aperture=0.026)
    sky = smoothstep(-0.5, 0.1, camera.y)[..., None]
    camera.fill(light("0a1220") * (1 - sky) + light("3a3550", 0.9) * sky)
    _dark_facades(camera, rng)
    _asphalt(camera, rng)
    _lit_windows(camera, rng)
    _street_lamps(camera, rng)
    _traffic(camera, rng)
    _signs(camera, rng)
    return camera.develop(rng, exposure=1.1, bloom=0.16)


def _dark_facades(camera: Camera, rng: np.random.Generator) -> None:
    """Unlit buildings that leave a strip of sky above the street."""
    facades = camera.layer(25.0)
    for side in (-1, 1):
        z = 60.0
        while z > 6:
            depth = rng.uniform(6, 12)
            height = rng.uniform(9, 22)
            tone = light(("141c2a", "1d2230", "221f28")[rng.integers(3)], rng.uniform(0.8, 1.5))
            facades.side(side * 6.0, (0, height), (max(3, z - depth), z), tone)
            z -= depth
    facades.shade(0.5 + fractal(camera.height, camera.width, 0.2 * camera.unit, rng, 4))
    camera.place(facades)


def _asphalt(camera: Camera, rng: np.random.Generator) -> None:
    x, z, seen = camera.plane(0.0)
    wet = fractal(camera.height, camera.width, 0.15 * camera.unit, rng, 4)
    glow = np.exp(-((x / 3.5) ** 2)) * smoothstep(4, 30, z)
    road = camera.layer(12.0)
    road.cover(seen, light("12151c") + (glow * (0.4 + wet))[..., None] * light("c98a4a", 0.35))
    camera.place(road)


def _lit_windows(camera: Camera, rng: np.random.Generator) -> None:
    count = 130
    side = rng.choice((-1.0, 1.0), count)
    z = rng.uniform(9, 60, count)
    y = rng.choice(np.arange(2.5, 20, 3.2), count)
    x = side * 6.0
    palette = np.stack([light(code) for code in WINDOWS])
    gain = (rng.uniform(0.1, 1.0, count) ** 2 * 0.8).astype(np.float32)
    colours = palette[rng.integers(len(WINDOWS), size=count)] * gain[:, None]
    camera.points(
        *_frame(camera, x, y, z), colours.astype(np.float32), camera.aperture * 0.62, rim=0.12
    )


def _street_lamps(camera: Camera, rng: np.random.Generator) -> None:
    start = rng.uniform(7, 10)
    for side in (-1, 1):
        for z in np.arange(start, 60, 8.0):
            x, y = _frame(camera, np.array([side * 4.4]), np.array([5.2]), np.array([z]))
            radius = camera.disc_radius(float(z)) / camera.unit
            warm = light("ffb668", rng.uniform(0.8, 1.5))
            camera.bokeh(float(x[0]), float(y[0]), radius, warm, rim=0.12)


def _traffic(camera: Camera, rng: np.random.Generator) -> None:
    """Pairs of headlights and tail lights, each with its streak on the wet road."""
    for _ in range(14):
        z = rng.uniform(9, 45)
        ours = rng.random() < 0.5
        x = rng.uniform(0.8, 3.2) * (1 if ours else -1)
        colour = light("ff3b2a", 1.0) if ours else light("ffeccb", 1.3)
        for lamp in (x - 0.65, x + 0.65):
            fx, fy = _frame(camera, np.array([lamp]), np.array([0.7]), np.array([z]))
            radius = camera.disc_radius(z) / camera.unit
            camera.bokeh(float(fx[0]), float(fy[0]), radius, colour, rim=0.12)
            _reflection(camera, float(fx[0]), float(fy[0]), 0.25 * colour)


def _reflection(camera: Camera, x: float, y: float, colour: Colour) -> None:
    """A light's streak on wet asphalt, below the light at frame coordinates."""
    across = np.exp(-(((camera.x[0] - x) / 0.02) ** 2)).astype(np.float32)
    down = camera.y[:, 0] - np.float32(y)
    along = smoothstep(0, 0.05, down) * smoothstep(0.35, 0.0, down)
    columns, rows = np.flatnonzero(across > 0.004), np.flatnonzero(along)
    if len(columns) and len(rows):
        patch = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        camera.light[patch] += np.multiply.outer(np.outer(along, across)[patch], colour)


def _signs(camera: Camera, rng: np.random.Generator) -> None:
    """Shop signs: large soft patches of colour along the pavements."""
    shops = camera.layer(12.0)
    for _ in range(9):
        side = float(rng.choice((-1.0, 1.0)))
        z = rng.uniform(6, 24)
        y, tall, long = rng.uniform(2.2, 4.5), rng.uniform(0.5, 1.4), rng.uniform(0.6, 2.4)
        colour = light(SIGNS[rng.integers(len(SIGNS))], rng.uniform(0.5, 1.2))
        shops.side(side * 5.8, (y, y + tall), (z, z + long), colour)
    camera.place(shops)


def _frame(
    camera: Camera, x: np.ndarray, y: np.ndarray, z: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Frame coordinates of points in the room."""
    scale = camera.focal / z
    return (x * scale).astype(np.float32), ((1.55 - y) * scale).astype(np.float32)


SCENES = (
    Scene(
        "city",
        "city",
        "City at night",
        ("city", "night", "city night", "street at night", "urban", "neon", "downtown", "bokeh"),
        Light(
            key=(-0.6, -0.3, 0.6),
            strength=0.6,
            ambient=0.4,
            exposure=0.9,
            warmth=(0.9, 1.0, 1.08),
            rims=(Rim((1.0, 0.776, 0.424), 1, 0.7),),
        ),
        paint_night,
    ),
)
