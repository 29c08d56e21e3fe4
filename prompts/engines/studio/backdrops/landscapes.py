"""Wide views: the sea towards evening, a mountain range."""

from __future__ import annotations

import cv2
import numpy as np

from ..arrays import Mask, Picture, smoothstep
from ..lighting import Light, Rim
from .camera import EYE_HEIGHT, Camera
from .light import light, mix
from .nature import Greenery, meadow, sunlight
from .scene import PLAIN_LOOK, Look, Scene
from .texture import fractal

ALPINE = Greenery("22361e", "5e8440", "c2d07a", "7f9a4c", "eaf0f2")


def paint_beach(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """Sea and sky towards evening; the sun's path glitters on the water."""
    camera = Camera(h, w, look, aperture=0.022, horizon=rng.uniform(0.4, 0.44))
    sun_x = float(rng.choice((-1.0, 1.0))) * rng.uniform(0.12, 0.32)
    sun = sunlight(camera, sun_x, rng.uniform(-0.16, -0.1), 0.34)
    rise = smoothstep(0.0, -0.5, camera.y)[..., None]
    clouds = fractal(camera.height, camera.width, 0.5 * camera.unit, rng, 5)
    clouds = smoothstep(0.45, 0.75, cv2.blur(clouds, (max(1, camera.width // 6), 1)))
    sky = mix(light("ffcf9e", 0.9), light("6fa3d4", 0.75), rise)
    camera.fill(sky + (0.22 * clouds)[..., None] * light("fff0e0") * (1 - rise * 0.5))
    camera.add(sun, light("ffe2a8", 0.55))
    _sea(camera, sun_x, rng)
    _sand(camera, rng)
    camera.haze(0.35 * np.exp(-((camera.y / 0.05) ** 2)), light("ffe0c0", 1.0))
    return camera.develop(exposure=1.05, bloom=0.1)


def _sea(camera: Camera, sun_x: float, rng: np.random.Generator) -> None:
    _, z, seen = camera.plane(0.0, 4000.0)
    swell = np.sin(
        np.log(z + 1) * 26 + 3 * fractal(camera.height, camera.width, 0.4 * camera.unit, rng, 3)
    )
    near = smoothstep(60, 8, z)[..., None]
    water = mix(light("7fa3b8", 0.8), light("3f7d88", 0.75), near) * (1 + 0.12 * swell)[..., None]
    sea = camera.layer(40.0)
    sea.cover(seen, water)
    camera.place(sea)
    count = 420
    depth = np.exp(rng.uniform(0, 1, count) ** 1.5 * np.log(60)).astype(np.float32)
    y = (EYE_HEIGHT * camera.focal / (12 * depth)).astype(np.float32)
    glitter = (sun_x + rng.normal(0, 0.05, count) * (1 + 6 * y)).astype(np.float32)
    bright = light("fff0c0") * rng.uniform(0.02, 0.5, (count, 1)).astype(np.float32) ** 2
    camera.points(glitter, y, bright, camera.aperture * 0.75)


def _sand(camera: Camera, rng: np.random.Generator) -> None:
    """The beach, wet and dark where the last wave ran out."""
    waterline = 0.22 + 0.05 * np.sin(camera.x * 3.5 + rng.uniform(0, 6))
    waterline += 0.05 * (fractal(camera.height, camera.width, 0.25 * camera.unit, rng, 3) - 0.5)
    grain = fractal(camera.height, camera.width, 0.09 * camera.unit, rng, 4)
    dry = smoothstep(0.02, 0.12, camera.y - waterline)[..., None]
    sand = mix(light("a08466", 0.8), light("d9bf98", 0.9), dry) * (0.75 + 0.5 * grain)[..., None]
    shore = camera.layer(8.0)
    shore.cover(smoothstep(0.0, 0.012, camera.y - waterline), sand)
    foam = np.exp(-(((camera.y - waterline) / 0.012) ** 2)) * (0.4 + 0.6 * grain)
    shore.cover(foam, light("fffaf2", 1.0))
    camera.place(shore)


def paint_mountains(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """Ranges that grow paler with distance, snow on the far ones, an alpine meadow."""
    camera = Camera(h, w, look, aperture=0.016)
    rise = smoothstep(0.05, -0.5, camera.y)[..., None]
    clouds = smoothstep(0.48, 0.8, fractal(camera.height, camera.width, 0.4 * camera.unit, rng, 5))
    camera.fill(mix(light("eaf0f2", 1.1), light("79aee0", 0.85), rise))
    camera.haze(0.22 * clouds, light("ffffff", 1.1))
    side = float(rng.choice((-1.0, 1.0)))
    for level, height, veil in ((-0.03, 0.55, 0.26), (0.09, 0.3, 0.14), (0.17, 0.12, 0.04)):
        _range(camera, level, height, veil, side, rng)
    grass = fractal(camera.height, camera.width, 0.12 * camera.unit, rng, 4)
    meadow(camera, ALPINE, 0.9 * grass - 0.35, rng, horizon=0.22)
    return camera.develop(exposure=1.1, bloom=0.06)


def _range(
    camera: Camera, level: float, height: float, veil: float, side: float, rng: np.random.Generator
) -> None:
    """One range: rock lit from `side`, snow above, pines below; `veil` is the air before it."""
    relief = _buttresses(camera, rng)
    slope = cv2.Sobel(cv2.GaussianBlur(relief, (0, 0), 0.006 * camera.unit), cv2.CV_32F, 1, 0)
    lit = smoothstep(-0.9, 0.9, slope * np.float32(side / (slope.std() + 1e-6)))[..., None]
    rugged = camera.y + 0.22 * (relief - 0.5)
    stone = mix(light("232f3f", 0.7), light("9a968e", 0.9), lit)
    snow = mix(light("7d9ccc", 0.6), light("ffffff", 1.1), lit)
    face = mix(stone, snow, smoothstep(-0.10, -0.17, rugged)[..., None])
    pines = light("2c4432", 0.55) * (0.5 + lit)
    face = mix(face, pines, smoothstep(0.0, 0.07, rugged)[..., None])
    layer = camera.layer(400.0)
    layer.cover(_ridge(camera, level, height, rng), mix(face, light("a9c4de", 0.85), veil))
    camera.place(layer)


def _buttresses(camera: Camera, rng: np.random.Generator) -> Mask:
    """Relief of a mountain side, 0–1: ridged noise, drawn out down the slope."""
    rows = max(4, round(0.45 * camera.height))
    rough = fractal(rows, camera.width, 0.2 * camera.unit, rng, 5, 0.6)
    ridged = 1 - np.abs(2 * rough - 1)
    size = (camera.width, camera.height)
    return cv2.resize(ridged, size, interpolation=cv2.INTER_LINEAR)


def _ridge(camera: Camera, level: float, height: float, rng: np.random.Generator) -> Mask:
    """Everything below a jagged skyline (midpoint noise), 1 inside."""
    steps = np.linspace(-2.0, 2.0, 513)
    skyline, reach = np.zeros(513), height
    for count in (5, 9, 17, 33, 65, 129, 257):
        knots = rng.uniform(-1, 1, count)
        skyline += reach * np.interp(steps, np.linspace(-2, 2, count), knots)
        reach *= 0.5
    top = level - 0.5 * height + 0.45 * np.interp(camera.x[0], steps, skyline)
    return smoothstep(0.0, 0.008, camera.y - top.astype(np.float32)[None, :])


SCENES = (
    Scene(
        "beach",
        "nature",
        "Beach",
        ("beach", "sea", "ocean", "seaside", "coast", "sunset", "tropical", "holiday"),
        Light(
            key=(-0.45, -0.35, 0.75),
            strength=0.4,
            ambient=0.58,
            warmth=(0.91, 1.0, 1.07),
            rims=(Rim((0.62, 0.86, 1.0), 1, 0.6),),
        ),
        paint_beach,
    ),
    Scene(
        "mountains",
        "nature",
        "Mountains",
        ("mountain", "mountains", "alps", "alpine", "hiking", "snow", "adventure", "landscape"),
        Light(
            key=(-0.5, -0.55, 0.65),
            strength=0.4,
            ambient=0.58,
            rims=(Rim((1.0, 0.97, 0.93), 1, 0.35),),
        ),
        paint_mountains,
    ),
)
