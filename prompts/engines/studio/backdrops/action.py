"""Action: fire, sparks and smoke behind a hero."""

from __future__ import annotations

import cv2
import numpy as np

from ..arrays import Floats, Mask, Picture, blur, hex_colour, smoothstep
from ..lighting import Light, Rim
from .camera import Camera, light, mix
from .scene import PLAIN_LOOK, Look, Scene
from .texture import fractal


def paint_explosion(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """Smoke lit from within by fire, rays of light through it, embers flying at the viewer."""
    camera = Camera(h, w, look)
    cx, cy = rng.uniform(-0.18, 0.18), rng.uniform(-0.14, 0.02)
    distance, angle = _polar(camera, cx, cy)
    smoke = billows(camera, 0.45, rng)
    glow = np.exp(-((distance / 0.27) ** 2))
    ground = np.exp(-(((camera.y - 0.7) / 0.24) ** 2))
    heat = np.clip(glow * 1.1 + ground * 0.6, 0, 1)[..., None]
    body = (0.08 + 1.3 * smoke**2)[..., None]
    camera.fill(body * mix(light("1a6f86", 0.8), light("ff6a14", 0.95), heat))
    camera.add(glow**2 * (0.25 + 0.9 * smoke), light("ffb04a", 1.2))
    beams = _rays(angle, rng) * np.exp(-distance / 0.4) * smoothstep(0.02, 0.2, distance)
    camera.add(beams * (0.12 + 0.5 * smoke), light("ffa040", 0.8))
    embers(camera, rng, 210, (cx, cy))
    return camera.develop(rng, bloom=0.14)


def billows(camera: Camera, cell: float, rng: np.random.Generator) -> Mask:
    """Smoke as density 0–1: fractal noise that swirls because a second noise displaces it."""
    h, w = camera.height // 2, camera.width // 2
    unit = camera.unit / 2
    cloud = fractal(h, w, cell * unit, rng, 6, 0.55)
    bend_x, bend_y = (fractal(h, w, cell * 0.8 * unit, rng, 3) - 0.5 for _ in range(2))
    columns, rows = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    reach = 0.9 * cell * unit
    swirled = cv2.remap(
        cloud,
        columns + reach * bend_x,
        rows + reach * bend_y,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    swirled = cv2.resize(swirled, (camera.width, camera.height), interpolation=cv2.INTER_CUBIC)
    return smoothstep(0.22, 0.8, swirled)


def embers(
    camera: Camera,
    rng: np.random.Generator,
    count: int,
    source: tuple[float, float],
    *,
    rise: float = 0.0,
) -> None:
    """Glowing sparks with motion trails away from `source` (frame coordinates).

    `rise` turns their flight upwards: 0 straight away from the source, 1 straight up. Some are
    near the lens and out of focus.
    """
    trails = np.zeros_like(camera.light)
    for _ in range(count):
        angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.08, 0.95)
        x = source[0] + np.cos(angle) * reach
        y = source[1] + np.sin(angle) * reach
        flight = angle + rng.normal(0.15, 0.2)
        dx, dy = np.cos(flight) * (1 - rise), np.sin(flight) * (1 - rise) - rise
        length = rng.uniform(0.004, 0.032) * (0.4 + reach)
        hot = rng.random() < 0.7
        colour = light("ffb347" if hot else "ff6a1a", rng.uniform(0.6, 3.2))
        start, end = _pixel(camera, x, y), _pixel(camera, x + dx * length, y + dy * length)
        thick = max(1, round(rng.uniform(0.5, 2.2) * camera.unit / 800))
        cv2.line(trails, start, end, colour.tolist(), thick, cv2.LINE_8, 3)
    camera.light += cv2.GaussianBlur(trails, (0, 0), 0.0012 * camera.unit + 0.35)
    camera.light += 1.2 * blur(trails, 0.008 * camera.unit)
    for _ in range(14):
        x, y = rng.uniform(-0.7, 0.7), rng.uniform(-0.45, 0.6)
        camera.bokeh(x, y, rng.uniform(0.008, 0.026), light("ff9a3c", rng.uniform(0.1, 0.6)))


def _pixel(camera: Camera, x: float, y: float) -> tuple[int, int]:
    """A frame coordinate in eighths of a working px, as OpenCV's drawing takes it."""
    return (
        round((camera.centre[0] + x * camera.unit) * 8),
        round((camera.centre[1] + y * camera.unit) * 8),
    )


def _polar(camera: Camera, x: float, y: float) -> tuple[Mask, Mask]:
    dx, dy = camera.x - x, camera.y - y
    return np.hypot(dx, dy), np.arctan2(dy, dx)


def _rays(angle: Mask, rng: np.random.Generator) -> Floats:
    """Beams around a light, 0–1, as a function of the direction."""
    beams = np.convolve(np.tile(rng.random(360), 3), np.hanning(11) / 5.0, "same")[360:720]
    steps = np.linspace(-np.pi, np.pi, 360)
    return smoothstep(0.45, 0.9, np.interp(angle, steps, beams).astype(np.float32))


def _rim(code: str, side: int, gain: float) -> Rim:
    b, g, r = hex_colour(code).tolist()
    return Rim((b, g, r), side, gain)


SCENES = (
    Scene(
        "action",
        "action",
        "Explosion",
        ("action", "action movie", "explosion", "explosive", "hero", "epic", "blockbuster"),
        Light(
            key=(-0.8, -0.2, 0.45),
            strength=1.0,
            ambient=0.16,
            exposure=0.92,
            warmth=(1.10, 1.02, 0.86),
            rims=(_rim("ff9a45", 1, 1.7), _rim("4fd0e8", -1, 0.8)),
        ),
        paint_explosion,
    ),
)
