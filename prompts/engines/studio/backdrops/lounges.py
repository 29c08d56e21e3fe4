"""Warm rooms: a library, a café, a living room."""

from __future__ import annotations

import numpy as np

from ..arrays import Picture, smoothstep
from ..lighting import Light, Rim
from . import furniture
from .camera import EYE_HEIGHT, Camera
from .interiors import outside, veil
from .light import light
from .materials import bookcase, brick, panelling
from .scene import PLAIN_LOOK, Look, Scene
from .texture import fractal

SPINES = ("6b2f2a", "2f4a58", "8a6a3a", "3f3a35", "556048", "a08560", "7a4430", "c2b39a", "27343f")
BOTTLES = ("5a3a1c", "2f4a2c", "a8742c", "7d8a84", "3a2a20", "c9a25a", "d8d2c0")
BULB = "ffcf8a"


def paint_library(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """Shelves of books along the room and across its end, reading lamps, a tall window."""
    side = float(rng.choice((-1.0, 1.0)))
    camera = Camera(h, w, look, shift=-side * rng.uniform(0.1, 0.2), aperture=0.021)
    end, wood = rng.uniform(7.5, 9.0), light("6b4a30", 0.55)
    u, v = camera.front(end)
    camera.fill(bookcase(u, v, rng, wood, SPINES, 0.9) * 0.8)
    window = ((u * -side > 1.0) & (u * -side < 2.2) & (v > 0.7) & (v < 3.4)).astype(np.float32)
    camera.haze(window, light("f4eee0", 1.6))
    x = side * rng.uniform(1.3, 1.6)
    z, y, seen = camera.flank(x, end)
    near_light = (0.55 + 0.75 * np.exp(-np.abs(z - 4.5) / 2.5))[..., None]
    shelves = bookcase(z, y, rng, wood, SPINES, 0.9) * near_light
    camera.light += seen[..., None] * (shelves - camera.light)
    _, z, below = camera.plane(0.0, end)
    boards = panelling(z, z, rng, ("5f4029", "543722", "6d4b30"))
    camera.light += below[..., None] * (0.7 * boards - camera.light)
    _, _, above = camera.plane(3.5, end)
    camera.light += above[..., None] * (light("8d7a62", 0.4) - camera.light)
    glow = fractal(camera.height, camera.width, 0.3 * camera.unit, rng, 3)
    camera.light *= (0.75 + 0.6 * glow)[..., None]
    camera.soften(7.0)
    _reading_lamps(camera, side, rng)
    camera.haze(0.12 * smoothstep(0.5, -0.1, camera.x * np.float32(-side)), light("d9a566", 0.7))
    return camera.develop(exposure=1.5, bloom=0.12)


def _reading_lamps(camera: Camera, side: float, rng: np.random.Generator) -> None:
    for z in (7.0, 5.0):
        table = camera.layer(z)
        x = -side * rng.uniform(0.3, 0.8) * z / 5
        table.rectangle(x - 1.2, 0.7, x + 1.2, 0.76, light("5a3b24", 0.8))
        table.rectangle(x - 0.02, 0.76, x + 0.02, 1.14, light("a8843c", 0.8))
        table.ellipse(x, 1.14, 0.2, 0.05, light("ffe2a0", 3.0))
        table.ellipse(x, 1.19, 0.22, 0.07, light("2f7a4c", 0.8))
        camera.place(table)


def paint_cafe(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """A café in the evening: bare bulbs over the bar, bottles before a brick wall."""
    side = float(rng.choice((-1.0, 1.0)))
    camera = Camera(h, w, look, shift=-side * rng.uniform(0.05, 0.15), aperture=0.026)
    end = rng.uniform(6.0, 7.0)
    u, v = camera.front(end)
    wall = brick(u, v, rng, ("6b3f2e", "5a3527", "7a4a36", "4c3026"), light("6f6257", 0.5))
    camera.fill(wall * (0.3 + 0.5 * smoothstep(2.9, 1.2, v))[..., None])
    shelf = ((u * side > -0.3) & (v > 1.25) & (v < 2.4)).astype(np.float32)[..., None]
    bottles = bookcase(u * 0.7, v, rng, light("4a3320", 0.6), BOTTLES, 3.0) * 0.9
    camera.light += shelf * (bottles - camera.light)
    floor_u, floor_z, below = camera.plane(0.0, end)
    boards = panelling(floor_z, floor_u, rng, ("4a3526", "3c2a1e", "553e2c"))
    camera.light += below[..., None] * (0.6 * boards - camera.light)
    _, _, above = camera.plane(3.1, end)
    camera.light += above[..., None] * (light("1c1714") - camera.light)
    camera.soften(end)
    bar = camera.layer(5.0)
    bar.rectangle(-side * 0.6, 0, side * 9, 1.02, light("3f2a1c", 0.8))
    bar.rectangle(-side * 0.6, 1.0, side * 9, 1.07, light("b98a58", 0.8))
    for x in rng.uniform(-0.4, 2.6, 9):
        bar.rectangle(
            side * x - 0.04, 1.07, side * x + 0.04, 1.07 + rng.uniform(0.1, 0.3),
            light(BOTTLES[rng.integers(len(BOTTLES))], 0.9),
        )  # fmt: skip
    camera.place(bar)
    _glints_on_glass(camera, side, end, rng)
    _bulbs(camera, rng)
    camera.haze(np.full_like(camera.x, 0.06), light("c9894a", 0.8))
    return camera.develop(exposure=1.35, bloom=0.18)


def _glints_on_glass(camera: Camera, side: float, z: float, rng: np.random.Generator) -> None:
    count = 70
    x = (side * rng.uniform(-0.3, 3.0, count) * camera.focal / z).astype(np.float32)
    y = ((EYE_HEIGHT - rng.uniform(1.25, 2.4, count)) * camera.focal / z).astype(np.float32)
    colours = light("ffdca0") * rng.uniform(0.05, 0.6, (count, 1)).astype(np.float32)
    camera.points(x, y, colours, camera.aperture * 0.45)


def _bulbs(camera: Camera, rng: np.random.Generator) -> None:
    """Two strings of bulbs that hang at different heights and distances."""
    for z, count in ((5.2, 9), (3.4, 5)):
        for x in np.linspace(-2.4, 2.4, count):
            y = 2.35 + rng.uniform(-0.22, 0.12)
            scale = camera.focal / z
            radius = camera.disc_radius(z) / camera.unit + 0.04 * scale
            colour = light(BULB, rng.uniform(0.6, 1.3))
            place = (float(x) + rng.uniform(-0.15, 0.15)) * scale
            camera.bokeh(place, (EYE_HEIGHT - y) * scale, radius, colour, rim=0.0, softness=0.3)


def paint_home(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """A living room: a sofa, pictures, a floor lamp, daylight from one side."""
    side = float(rng.choice((-1.0, 1.0)))
    camera = Camera(h, w, look, focal=1.45, aperture=0.025, shift=side * rng.uniform(-0.05, 0.05))
    outside(camera, rng, horizon=0.1, gain=1.1)
    depth = rng.uniform(4.6, 5.2)
    wall = camera.layer(depth)
    u, _ = camera.front(depth)
    tone = ("d9d2c5", "c9cfc6", "cfc6bd")[rng.integers(3)]
    fall = 0.45 + 0.4 * smoothstep(-2.0, 1.6, u * side)
    mottle = fractal(camera.height, camera.width, 0.35 * camera.unit, rng, 3)
    wall.cover(np.ones_like(u), light(tone) * (fall * (0.92 + 0.16 * mottle))[..., None])
    for x, width, height in ((0.1, 0.6, 0.8), (0.85, 0.45, 0.45), (0.85, 0.45, 0.28)):
        y = 1.75 if height != 0.28 else 1.4
        art = ("8aa0a0", "b98c6a", "6f7f74", "c9b08a")[rng.integers(4)]
        furniture.framed(
            wall,
            -side * (x + 0.3) - width / 2,
            y,
            width,
            height,
            light("3a332c", 0.5),
            light(art, 0.6),
        )
    left = side * rng.uniform(0.85, 1.05)
    z = depth
    wall.rectangle(left - side * 0.08, 0.3, left + side * 4, 2.75, light("f1ece2", 0.75))
    wall.cut(
        [(left, 0.4, z), (left, 2.66, z), (left + side * 4, 2.66, z), (left + side * 4, 0.4, z)]
    )
    for x in (0.9, 1.8):
        wall.rectangle(
            left + side * x - 0.03, 0.3, left + side * x + 0.03, 2.7, light("e6e1d6", 0.7)
        )
    camera.place(wall)
    _sofa_and_lamp(camera, side, depth - 0.7, rng)
    veil(camera, side, 0.15, "fff8ee")
    return camera.develop(exposure=1.12, bloom=0.1)


def _sofa_and_lamp(camera: Camera, side: float, z: float, rng: np.random.Generator) -> None:
    room = camera.layer(z)
    cloth = ("6d7a78", "a08a72", "56616d", "8a7468")[rng.integers(4)]
    room.rectangle(-2.4, 0.1, 1.6, 0.9, light(cloth, 0.55))
    room.ellipse(-side * 0.8, 0.86, 0.9, 0.16, light(cloth, 0.65))
    for x in (-1.2, -0.6, 0.7):
        cushion = light(("d9c8a8", "a8755a", "c9d0cc")[rng.integers(3)], 0.5)
        room.ellipse(-side * x, 0.82, 0.26, 0.2, cushion, rng.uniform(-20, 20))
    stand = -side * rng.uniform(1.0, 1.25)
    room.rectangle(stand - 0.02, 0, stand + 0.02, 1.6, light("3a3128"))
    room.polygon(
        [(stand - 0.26, 1.5, z), (stand + 0.26, 1.5, z), (stand + 0.17, 1.92, z),
         (stand - 0.17, 1.92, z)],
        light("ffe0ae", 1.5),
    )  # fmt: skip
    furniture.plant(room, side * rng.uniform(0.55, 0.75), rng.uniform(1.6, 1.9), rng, lit=0.8)
    camera.place(room)
    away = np.hypot(camera.x - stand * camera.focal / z, camera.y + 0.05)
    camera.add(np.exp(-((away / 0.22) ** 2)), light("ffb866", 0.28))


SCENES = (
    Scene(
        "library",
        "interior",
        "Library",
        ("library", "books", "bookshelf", "bookcase", "academic", "professor", "study", "author"),
        Light(
            key=(0.55, -0.4, 0.68),
            strength=0.45,
            ambient=0.5,
            warmth=(0.93, 1.0, 1.05),
            rims=(Rim((0.66, 0.86, 1.0), -1, 0.3),),
        ),
        paint_library,
    ),
    Scene(
        "cafe",
        "interior",
        "Café",
        ("cafe", "café", "coffee", "bar", "restaurant", "bistro", "cozy", "cosy"),
        Light(
            key=(-0.55, -0.45, 0.65),
            strength=0.5,
            ambient=0.45,
            exposure=0.96,
            warmth=(0.9, 1.0, 1.06),
            rims=(Rim((0.5, 0.78, 1.0), 1, 0.5),),
        ),
        paint_cafe,
    ),
    Scene(
        "home",
        "interior",
        "Living room",
        ("home", "living room", "apartment", "sofa", "lifestyle", "casual", "family"),
        Light(
            key=(0.6, -0.4, 0.68),
            strength=0.4,
            ambient=0.58,
            warmth=(0.97, 1.0, 1.02),
            rims=(Rim((0.95, 0.98, 1.0), 1, 0.25),),
        ),
        paint_home,
    ),
)
