"""Streets: facades that run towards the vanishing point, by day, at dusk and at night."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats, Mask, Picture, resize, smoothstep
from ..lighting import Light, Rim
from .camera import EYE_HEIGHT, Camera
from .light import Colour, light, mix
from .materials import facade
from .scene import PLAIN_LOOK, Look, Scene
from .texture import fractal

WINDOWS = ("ffb765", "ffd9a0", "ffe9c8", "cfe4ff")
SIGNS = ("ff5c7a", "58b8ff", "ff9a3c", "7df0d0", "c78bff", "ffd257")
STONE = ("cfc4b2", "b9a58c", "d8cfc2", "a88e76", "c7b9a6", "9aa0a3")
KERB = 6.0


def paint_day(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """A street in daylight: one side in the sun, trees along the pavement, cars far away."""
    camera = Camera(h, w, look, shift=rng.uniform(-0.15, 0.15), aperture=0.024)
    high = smoothstep(0.05, -0.45, camera.y)[..., None]
    camera.fill(mix(light("f4f4ee", 1.35), light("a9c9ea", 1.1), high))
    sunny = float(rng.choice((-1.0, 1.0)))
    for side in (-1.0, 1.0):
        gain = 1.15 if side == sunny else 0.42
        _houses(camera, side, rng, gain, glass="7d8f9c", lit=0.0)
    camera.soften(25.0)
    _pavement(camera, rng, light("6a6a6c", 0.7), light("fff2dc", 0.4), sunny)
    _row_of_trees(camera, rng, -sunny)
    _parked_cars(camera, rng)
    camera.haze(0.3 * _distance_glow(camera), light("f2f1ea", 1.2))
    return camera.develop(exposure=1.05, bloom=0.08)


def paint_dusk(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """The blue hour: a glowing sky between facades, the first windows and lamps lit."""
    camera = Camera(h, w, look, shift=rng.uniform(-0.12, 0.12), aperture=0.026)
    low, high = smoothstep(-0.42, -0.02, camera.y)[..., None], 0.55
    sky = mix(light("41588c", high), light("ffb38a", 1.0), low)
    clouds = fractal(camera.height, camera.width, 0.3 * camera.unit, rng, 4)
    camera.fill(sky * (0.8 + 0.4 * clouds)[..., None])
    for side in (-1.0, 1.0):
        _houses(camera, side, rng, 0.16, glass="52648c", lit=0.34, tint="8f93c4")
    camera.soften(25.0)
    _pavement(camera, rng, light("343848", 0.8), light("ffae70", 0.35), 0.0)
    _street_lamps(camera, rng, 0.7)
    _traffic(camera, rng, 8)
    camera.haze(0.25 * _distance_glow(camera), light("ffb890", 0.9))
    return camera.develop(exposure=1.15, bloom=0.14)


def paint_night(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """A street after dark: lit windows, street lamps, traffic and their reflections on asphalt."""
    camera = Camera(h, w, look, shift=rng.uniform(-0.12, 0.12), aperture=0.026)
    night_street(camera, rng)
    return camera.develop(exposure=1.1, bloom=0.16)


def night_street(camera: Camera, rng: np.random.Generator) -> None:
    """Puts everything of a street at night before the camera."""
    sky = smoothstep(-0.5, 0.1, camera.y)[..., None]
    camera.fill(mix(light("0a1220"), light("3a3550", 0.9), sky))
    for side in (-1.0, 1.0):
        _houses(camera, side, rng, 0.03, glass="10141f", lit=0.2, tint="6f7fb0")
    camera.soften(25.0)
    _pavement(camera, rng, light("12151c"), light("c98a4a", 0.3), 0.0)
    _lamps_behind_windows(camera, rng)
    _street_lamps(camera, rng, 1.1)
    _traffic(camera, rng, 14)
    _signs(camera, rng)


def _houses(
    camera: Camera,
    side: float,
    rng: np.random.Generator,
    gain: float,
    *,
    glass: str,
    lit: float,
    tint: str = "ffffff",
) -> None:
    """A row of fronts of different heights and colours along one side of the street.

    Computed at half size: the lens blurs it anyway.
    """
    z, y, seen = (field[::2, ::2] for field in camera.flank(side * KERB, far=90.0))
    wall_colours, tops = np.zeros((*z.shape, 3), np.float32), np.zeros_like(z)
    edge = 3.0
    while edge < 90.0:
        end = edge + rng.uniform(7, 14)
        own = (z >= edge) & (z < end)
        stone = light(STONE[rng.integers(len(STONE))], rng.uniform(0.7, 1.1) * gain)
        wall_colours[own] = stone * light(tint)
        tops[own] = rng.uniform(9, 21)
        edge = end
    pane = light(glass, 0.8 * max(gain, 0.3))
    front = facade(z, y, rng, np.zeros(3, np.float32), pane, WINDOWS, lit)
    windowed = front.max(axis=2, keepdims=True) > 0
    front = np.where(windowed, front, wall_colours)
    shop = (y < 3.6)[..., None]
    front = np.where(shop, front * 0.7, front)
    size = (camera.width, camera.height)
    there = resize((y < tops) * seen, *size)[..., None]
    camera.light += there * (resize(front, *size) - camera.light)


def _pavement(
    camera: Camera, rng: np.random.Generator, colour: Colour, glow: Colour, sunny: float
) -> None:
    """The roadway, wet or worn in patches, with light at its far end."""
    x, z, seen = camera.plane(0.0)
    patches = fractal(camera.height, camera.width, 0.15 * camera.unit, rng, 4)
    shine = np.exp(-((x / 3.5) ** 2)) * smoothstep(4, 30, z) * (0.4 + patches)
    tone = 0.65 + 0.5 * patches + 1.1 * smoothstep(0.2, 2.2, x * np.float32(sunny))
    tone = (tone * (1 + 0.9 * (np.abs(x) > KERB - 2.2)))[..., None]
    road = camera.layer(12.0)
    road.cover(seen, colour * tone + shine[..., None] * glow)
    camera.place(road)


def _distance_glow(camera: Camera) -> Mask:
    """Haze that gathers around the vanishing point."""
    away: Floats = np.hypot(camera.x, camera.y * np.float32(0.8))
    return smoothstep(0.4, 0.0, away)


def _row_of_trees(camera: Camera, rng: np.random.Generator, side: float) -> None:
    """Young street trees on both pavements, denser on the shady side."""
    for z in (24.0, 13.0):
        row = camera.layer(z)
        for x in (side * 4.2, -side * 4.6):
            row.rectangle(x - 0.12, 0, x + 0.12, 3, light("4a3f35", 0.6))
            for _ in range(80):
                away, turn = rng.uniform(0, 1) ** 0.5, rng.uniform(0, 2 * np.pi)
                leaf = light(("56683a", "7d8c52", "3f4f30")[rng.integers(3)], rng.uniform(0.5, 1.2))
                row.ellipse(
                    x + 1.6 * away * np.cos(turn), 4.2 + 1.7 * away * np.sin(turn),
                    rng.uniform(0.15, 0.4), rng.uniform(0.12, 0.3), leaf,
                )  # fmt: skip
        camera.place(row)


def _parked_cars(camera: Camera, rng: np.random.Generator) -> None:
    cars = camera.layer(16.0)
    for z in np.arange(34.0, 9.0, -5.5):
        for side in (-1, 1):
            if rng.random() < 0.35:
                continue
            paint = light(("2f3640", "c9cdd0", "7d2f2f", "4a6076")[rng.integers(4)], 0.9)
            x, scale = side * 3.3, 16.0 / float(z)
            base = EYE_HEIGHT * (1 - scale)
            x *= scale
            cars.rectangle(
                x - 0.85 * scale, base + 0.3 * scale, x + 0.85 * scale, base + 0.85 * scale, paint
            )
            cars.rectangle(
                x - 0.65 * scale,
                base + 0.85 * scale,
                x + 0.65 * scale,
                base + 1.35 * scale,
                light("39444c"),
            )
            cars.ellipse(
                x - 0.6 * scale,
                base + 0.65 * scale,
                0.1 * scale,
                0.07 * scale,
                light("e8eef2", 1.0),
            )
            cars.ellipse(
                x + 0.6 * scale,
                base + 0.65 * scale,
                0.1 * scale,
                0.07 * scale,
                light("e8eef2", 1.0),
            )
    camera.place(cars)


def _lamps_behind_windows(camera: Camera, rng: np.random.Generator) -> None:
    """Bare lamps high and low along both fronts, each a crisp disc."""
    count = 110
    z = rng.uniform(9, 60, count)
    y = rng.choice(np.arange(2.5, 20, 3.2), count)
    x = rng.choice((-KERB, KERB), count)
    colours = np.stack([light(code) for code in WINDOWS])[rng.integers(len(WINDOWS), size=count)]
    gain = (rng.uniform(0.1, 1.0, count) ** 2 * 0.8).astype(np.float32)
    scale = camera.focal / z
    camera.points(
        (x * scale).astype(np.float32),
        ((EYE_HEIGHT - y) * scale).astype(np.float32),
        colours * gain[:, None],
        camera.aperture * 0.62,
    )


def _street_lamps(camera: Camera, rng: np.random.Generator, gain: float) -> None:
    start = rng.uniform(7, 10)
    for side in (-1, 1):
        for z in np.arange(start, 60, 8.0):
            _lamp(camera, side * 4.4, 5.2, float(z), light("ffb668", gain * rng.uniform(0.7, 1.4)))


def _lamp(camera: Camera, x: float, y: float, z: float, colour: Colour) -> tuple[float, float]:
    """A point light in the room; answers its frame coordinates."""
    scale = camera.focal / z
    place = (x * scale, (EYE_HEIGHT - y) * scale)
    camera.bokeh(*place, camera.disc_radius(z) / camera.unit, colour, rim=0.12)
    return place


def _traffic(camera: Camera, rng: np.random.Generator, count: int) -> None:
    """Pairs of headlights and tail lights, each with its streak on the road."""
    for _ in range(count):
        z = rng.uniform(9, 45)
        ours = rng.random() < 0.5
        x = rng.uniform(0.8, 3.2) * (1 if ours else -1)
        colour = light("ff3b2a", 1.0) if ours else light("ffeccb", 1.1)
        for lamp in (x - 0.65, x + 0.65):
            _streak(camera, *_lamp(camera, lamp, 0.7, z, colour), 0.22 * colour)


def _streak(camera: Camera, x: float, y: float, colour: Colour) -> None:
    """A light's reflection on the road, below the light at frame coordinates."""
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
        shops.side(side * (KERB - 0.2), (y, y + tall), (z, z + long), colour)
    camera.place(shops)


SCENES = (
    Scene(
        "city",
        "city",
        "City at night",
        ("city", "night", "city night", "street at night", "urban", "neon lights", "bokeh"),
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
    Scene(
        "dusk",
        "city",
        "City at dusk",
        ("dusk", "blue hour", "twilight", "evening", "city evening", "sunset city", "skyline"),
        Light(
            key=(-0.55, -0.35, 0.65),
            strength=0.5,
            ambient=0.5,
            exposure=0.95,
            warmth=(0.93, 1.0, 1.06),
            rims=(Rim((0.62, 0.74, 1.0), 1, 0.5),),
        ),
        paint_dusk,
    ),
    Scene(
        "street",
        "city",
        "Street by day",
        ("street", "city day", "daytime city", "downtown", "avenue", "urban day", "pavement"),
        Light(
            key=(-0.5, -0.5, 0.7),
            strength=0.35,
            ambient=0.6,
            warmth=(0.97, 1.0, 1.02),
            rims=(Rim((0.9, 0.97, 1.0), 1, 0.3),),
        ),
        paint_day,
    ),
)
