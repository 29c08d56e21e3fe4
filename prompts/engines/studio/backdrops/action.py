"""Action: fire, sparks and smoke behind a hero."""

from __future__ import annotations

import cv2
import numpy as np

from ..arrays import Floats, Mask, Picture, blur, hex_colour, luminance, smoothstep
from ..lighting import Light, Rim
from .camera import Camera
from .cities import night_street
from .light import light, mix
from .scene import PLAIN_LOOK, Look, Scene
from .texture import fractal, swirl


def paint_explosion(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """Smoke lit from within by fire, rays of light through it, embers flying at the viewer."""
    camera = Camera(h, w, look)
    cx, cy = rng.uniform(-0.18, 0.18), rng.uniform(-0.14, 0.02)
    distance, angle = _polar(camera, cx, cy)
    smoke = billows(camera, 0.45, rng)
    glow = np.exp(-((distance / 0.27) ** 2))
    ground = np.exp(-(((camera.y - 0.7) / 0.24) ** 2))
    heat = np.clip(glow * 1.1 + ground * 0.6, 0, 1)[..., None]
    body = (0.03 + 1.5 * smoke**2.2)[..., None]
    camera.fill(body * mix(light("1a6f86", 0.8), light("ff6a14", 0.95), heat))
    camera.add(glow**2 * (0.12 + 1.5 * smoke**2), light("ffa83c", 1.4))
    beams = _rays(angle, rng) * np.exp(-distance / 0.4) * smoothstep(0.02, 0.2, distance)
    camera.add(beams * (0.12 + 0.5 * smoke), light("ffa040", 0.8))
    embers(camera, rng, 210, (cx, cy))
    return camera.develop(bloom=0.14)


def billows(camera: Camera, cell: float, rng: np.random.Generator) -> Mask:
    """Smoke as density 0–1."""
    size = cell * camera.unit
    cloud = fractal(camera.height, camera.width, size, rng, 6, 0.55)
    return smoothstep(0.22, 0.8, swirl(cloud, 0.45 * size, 0.8 * size, rng))


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
        length = rng.uniform(0.006, 0.05) * (0.4 + reach)
        hot = rng.random() < 0.7
        colour = light("ffb347" if hot else "ff6a1a", rng.uniform(0.6, 3.2))
        start, end = _pixel(camera, x, y), _pixel(camera, x + dx * length, y + dy * length)
        thick = max(1, round(rng.uniform(0.4, 1.9) * camera.unit / 800))
        cv2.line(trails, start, end, colour.tolist(), thick, cv2.LINE_8, 3)
    camera.light += cv2.GaussianBlur(trails, (0, 0), 0.0012 * camera.unit + 0.35)
    camera.light += 1.2 * blur(trails, 0.008 * camera.unit)
    for _ in range(14):
        x, y = rng.uniform(-0.7, 0.7), rng.uniform(-0.45, 0.6)
        camera.bokeh(x, y, rng.uniform(0.008, 0.026), light("ff9a3c", rng.uniform(0.1, 0.6)))


def paint_sparks(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """A dark workshop: a shower of sparks from a grinder, smoke in a cold backlight."""
    camera = Camera(h, w, look)
    side = float(rng.choice((-1.0, 1.0)))
    smoke = billows(camera, 0.5, rng)
    back = np.exp(-(((camera.x + side * 0.3) / 0.4) ** 2) - ((camera.y + 0.25) / 0.4) ** 2)
    camera.fill(light("05070a") + (back * (0.15 + smoke))[..., None] * light("47606e", 0.8))
    source = (side * rng.uniform(0.3, 0.38), rng.uniform(0.2, 0.3))
    glow = np.exp(-((_polar(camera, *source)[0] / 0.2) ** 2))
    camera.add(glow * (0.5 + smoke), light("ff8a2a", 1.1))
    trails = np.zeros_like(camera.light)
    for _ in range(300):
        heading = np.pi / 2 + side * rng.normal(0.75, 0.45)
        speed, age = rng.gamma(4.0, 0.32), rng.uniform(0.02, 0.75)
        path = [_thrown(source, heading, speed, age + t) for t in np.linspace(0, 0.09, 5)]
        heat = float(np.exp(-1.3 * age)) * rng.uniform(0.8, 3.2)
        points = np.array([_pixel(camera, x, y) for x, y in path], np.int32)
        thick = 1 + int(rng.random() < 0.2)
        colour = mix(light("ff5a12"), light("ffdc96"), heat / 4)
        cv2.polylines(trails, [points], False, (colour * heat).tolist(), thick, cv2.LINE_8, 3)
    camera.light += cv2.GaussianBlur(trails, (0, 0), 0.0012 * camera.unit + 0.35)
    camera.light += 1.3 * blur(trails, 0.01 * camera.unit)
    for _ in range(16):
        x, y = side * rng.uniform(-0.5, 0.5), rng.uniform(-0.3, 0.6)
        camera.bokeh(x, y, rng.uniform(0.006, 0.022), light("ff9a3c", rng.uniform(0.1, 0.7)))
    return camera.develop(bloom=0.14)


def _thrown(
    source: tuple[float, float], heading: float, speed: float, age: float
) -> tuple[float, float]:
    """Where a spark is `age` s after it left `source`, slowed by air and drawn by gravity."""
    way = speed * (1 - float(np.exp(-2.2 * age))) / 2.2
    return (
        source[0] + way * float(np.cos(heading)),
        source[1] - way * float(np.sin(heading)) + 0.55 * age * age,
    )


def paint_fire(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """Flames that rise behind the person, embers above them."""
    camera = Camera(h, w, look, aperture=0.012)
    tongues = fractal(camera.height, camera.width, 0.16 * camera.unit, rng, 4, 0.55)
    tall = cv2.resize(tongues[: max(2, camera.height // 3)], (camera.width, camera.height))
    flames = swirl(tall, 0.10 * camera.unit, 0.18 * camera.unit, rng)
    rise = smoothstep(-0.5, 0.6, camera.y)
    heat = smoothstep(0.4, 1.0, flames + 0.42 * rise - 0.08)
    camera.fill(light("070505") + heat[..., None] * light("c2330a", 0.9))
    camera.add(heat**2, light("ff7a14", 0.9))
    camera.add(heat**5, light("ffd27a", 1.1))
    camera.soften(6.0)
    embers(camera, rng, 190, (0.0, 0.7), rise=0.75)
    return camera.develop(bloom=0.2)


def paint_smoke(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """Smoke in a dark room, lit from behind by two lamps of different colours."""
    camera = Camera(h, w, look)
    side = float(rng.choice((-1.0, 1.0)))
    thick, thin = billows(camera, 0.5, rng), billows(camera, 0.28, rng)
    density = 0.7 * thick + 0.3 * thin
    accent = (
        light("b04a34", 0.7) if look.colour is None else np.array(look.colour, np.float32) ** 2.2
    )
    cold = np.exp(-(((camera.x - side * 0.28) / 0.42) ** 2) - ((camera.y + 0.2) / 0.42) ** 2)
    warm = np.exp(-(((camera.x + side * 0.42) / 0.34) ** 2) - ((camera.y - 0.25) / 0.4) ** 2)
    camera.fill(light("06080b") + (0.05 * density)[..., None] * light("7f95a3"))
    camera.add(cold * (0.04 + 1.3 * density**1.8), light("9fb8c6"))
    camera.add(warm * (0.03 + density**1.8), accent)
    camera.soften(4.0)
    return camera.develop(exposure=1.1, bloom=0.12)


def paint_rain(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """A downpour in a street at night: its lamps light up the falling drops."""
    camera = Camera(h, w, look, shift=rng.uniform(-0.12, 0.12), aperture=0.03)
    night_street(camera, rng)
    camera.haze(np.full_like(camera.x, 0.3), light("1c3a48", 0.6))
    lit = 0.10 + 2.0 * luminance(blur(camera.light, 0.12 * camera.unit))
    slant = rng.uniform(0.03, 0.10)
    left, top, right, bottom = camera.bounds
    area = (right - left) * (bottom - top)
    for density, length, sigma, gain in (
        (265, 0.05, 0.6, 0.3),
        (76, 0.1, 0.9, 0.5),
        (12, 0.2, 2, 0.9),
    ):
        drops = np.zeros((camera.height, camera.width), np.float32)
        least, most = (left, top - length, 0.4), (right + 0.1, bottom, 1.3)
        for x, y, size in rng.uniform(least, most, (round(density * area), 3)).tolist():
            start = _pixel(camera, x, y)
            end = _pixel(camera, x - slant * length * size, y + length * size)
            cv2.line(drops, start, end, gain * size, 1 + int(sigma > 1), cv2.LINE_8, 3)
        camera.add(
            cv2.GaussianBlur(drops, (0, 0), sigma * camera.unit / 520) * lit, light("dcecf4")
        )
    return camera.develop(exposure=1.2, bloom=0.2)


def paint_speed(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """A ride through a city at night: everything is drawn out from the vanishing point."""
    camera = Camera(h, w, look, shift=rng.uniform(-0.1, 0.1), aperture=0.007)
    night_street(camera, rng)
    zoom_blur(camera, 0.55)
    distance, _ = _polar(camera, 0.0, 0.02)
    camera.haze(0.5 * np.exp(-((distance / 0.13) ** 2)), light("ffe9cc", 1.2))
    camera.add(0.12 * np.exp(-distance / 0.35), light("3f7fd8"))
    return camera.develop(exposure=2.0, bloom=0.14)


def zoom_blur(camera: Camera, amount: float) -> None:
    """Draws everything out from the vanishing point by up to `amount` of its distance.

    Averages ever larger copies, doubling the number each time: 2^6 exposures for six warps.
    """
    cx, cy = camera.centre
    size = (camera.width, camera.height)
    for step in range(6):
        scale = float((1 + amount) ** (2.0 ** (step - 6)))
        larger = np.array([[scale, 0, cx - scale * cx], [0, scale, cy - scale * cy]])
        warped = cv2.warpAffine(
            camera.light, larger, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        camera.light = (camera.light + warped) / 2


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
    beams = np.convolve(np.tile(rng.random(360), 3), np.hanning(11) / 5.0, "same")[360:721]
    steps = np.linspace(-np.pi, np.pi, 361)
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
    Scene(
        "sparks",
        "action",
        "Sparks",
        ("sparks", "spark", "welding", "workshop", "forge", "grinder", "mechanic"),
        Light(
            key=(-0.75, -0.25, 0.5),
            strength=0.9,
            ambient=0.2,
            exposure=0.95,
            warmth=(1.04, 1.0, 0.96),
            rims=(_rim("ffab5a", 1, 1.3), _rim("9fc4d8", -1, 0.6)),
        ),
        paint_sparks,
    ),
    Scene(
        "fire",
        "action",
        "Fire",
        ("fire", "flames", "flame", "burning", "inferno", "firefighter", "dragon"),
        Light(
            key=(-0.7, 0.05, 0.55),
            strength=0.9,
            ambient=0.2,
            exposure=0.94,
            warmth=(0.84, 0.97, 1.1),
            rims=(_rim("ff8a3a", 1, 1.4), _rim("ffb060", -1, 0.9)),
        ),
        paint_fire,
    ),
    Scene(
        "smoke",
        "action",
        "Smoke",
        ("smoke", "fog", "foggy", "haze", "mysterious", "thriller", "detective"),
        Light(
            key=(-0.85, -0.35, 0.45),
            strength=0.85,
            ambient=0.2,
            exposure=0.97,
            rims=(_rim("cfe4f2", 1, 0.8), _rim("e0705a", -1, 0.5)),
        ),
        paint_smoke,
    ),
    Scene(
        "rain",
        "action",
        "Rain",
        ("rain", "rainy", "storm", "stormy", "downpour", "thunder", "blade runner"),
        Light(
            key=(-0.7, -0.4, 0.55),
            strength=0.8,
            ambient=0.26,
            exposure=0.94,
            warmth=(1.05, 1.0, 0.95),
            rims=(_rim("9fe0ff", 1, 1.1), _rim("ffb070", -1, 0.5)),
        ),
        paint_rain,
    ),
    Scene(
        "speed",
        "action",
        "Speed",
        ("speed", "fast", "racing", "motion", "motion blur", "warp", "race", "running"),
        Light(
            key=(-0.6, -0.3, 0.62),
            strength=0.7,
            ambient=0.3,
            exposure=0.96,
            rims=(_rim("7fb4ff", 1, 1.0), _rim("ffa060", -1, 0.8)),
        ),
        paint_speed,
    ),
)
