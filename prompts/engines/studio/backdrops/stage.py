"""Before an audience: a concert stage and a conference."""

from __future__ import annotations

import numpy as np

from ..arrays import Picture, blur, smoothstep
from ..lighting import Light, Rim
from .camera import Camera
from .light import Colour, light, mix
from .scene import PLAIN_LOOK, Look, Scene
from .texture import fractal

GELS = (("ff3f8e", "3f7bff"), ("ffb24a", "7a4bff"), ("38c8ff", "ff4a5e"), ("8a5bff", "22d3c5"))


def paint_stage(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """A concert: beams through haze from lamps on a truss, a row of footlights."""
    camera = Camera(h, w, look, aperture=0.026)
    first, second = (light(code) for code in GELS[rng.integers(len(GELS))])
    camera.fill(light("04050a"))
    haze = 0.35 + fractal(camera.height, camera.width, 0.3 * camera.unit, rng, 5)
    reach = camera.width / camera.unit / 2 + 0.1
    lamps = np.arange(-reach, reach, 0.17) + rng.uniform(0, 0.17)
    beams = np.zeros_like(camera.light)
    for i, x in enumerate(lamps.tolist()):
        colour = first if i % 2 else second
        beam = _beam(camera, x, -0.46, x * rng.uniform(-0.2, 0.9) + rng.normal(0, 0.12), rng)
        beams += beam[..., None] * colour
    camera.light += 0.75 * haze[..., None] * blur(beams, 0.006 * camera.unit)
    wash = np.exp(-(((camera.y - 0.5) / 0.4) ** 2)) * haze
    camera.add(0.16 * wash, mix(first, second, 0.5))
    for i, x in enumerate(lamps.tolist()):
        bright = mix(first if i % 2 else second, light("ffffff"), 0.55)
        camera.bokeh(x, -0.4, rng.uniform(0.018, 0.026), bright * np.float32(1.6), rim=0.15)
    for x in rng.uniform(-reach, reach, 22):
        y, size = rng.uniform(0.18, 0.34), rng.uniform(0.01, 0.02)
        camera.bokeh(float(x), y, size, (first if rng.random() < 0.5 else second) * np.float32(0.5))
    return camera.develop(exposure=1.1, bloom=0.22)


def _beam(camera: Camera, x: float, y: float, foot: float, rng: np.random.Generator) -> np.ndarray:
    """A cone of light from frame coordinates (x, y) down to `foot` at the frame's bottom."""
    below = np.clip((camera.y - y) / 1.1, 0, 1)
    axis = x + (foot - x) * below
    width = 0.012 + 0.10 * below * rng.uniform(0.6, 1.3)
    core = np.exp(-(((camera.x - axis) / width) ** 2))
    fade = smoothstep(0.0, 0.03, below) * (0.15 + 0.85 * np.exp(-2.2 * below))
    return (core * fade * rng.uniform(0.4, 1.0)).astype(np.float32)


def paint_conference(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """A speaker's stage: a glowing screen, a washed curtain, lamps above."""
    side = float(rng.choice((-1.0, 1.0)))
    camera = Camera(h, w, look, focal=1.5, aperture=0.026)
    hue = light(("2f6fd0", "7a4bd0", "1f8fa0", "c04a6a")[rng.integers(4)])
    depth = 9.0
    u, v = camera.front(depth)
    folds = np.sin(u * 17 + 1.5 * np.sin(u * 5)) * 0.5 + 0.5
    wash = np.exp(-(((v - 0.2) / 2.0) ** 2)) + 0.12
    camera.fill(hue * (wash * (0.25 + 0.45 * folds))[..., None])
    show = camera.layer(depth)
    left, right = side * 0.5, side * 6.4
    show.rectangle(left, 1.5, right, 5.2, light("0c0f14"))
    show.rectangle(left + side * 0.08, 1.58, right, 5.1, mix(hue, light("dfe9ff"), 0.55))
    for _ in range(5):
        x, y = side * rng.uniform(0.9, 4.5), rng.uniform(2.0, 4.4)
        tone = mix(hue, light("ffffff"), rng.uniform(0.0, 0.8))
        show.rectangle(x, y, x + rng.uniform(0.5, 1.6), y + rng.uniform(0.12, 0.5), tone)
    show.rectangle(-30, -3, 30, 0.0, light("0d0f14"))
    camera.place(show)
    camera.reflect(depth, 0.35)
    reach = camera.width / camera.unit / 2
    for x in np.arange(-reach, reach, 0.2).tolist():
        place = x + rng.uniform(-0.03, 0.03)
        camera.bokeh(
            place, -0.37 + rng.uniform(-0.02, 0.02), 0.02, light("f4f8ff", 1.2), softness=0.3
        )
        cone = _beam(camera, place, -0.37, place * 0.7, rng)
        camera.add(0.05 * cone, light("dfe9ff"))
    return camera.develop(exposure=1.2, bloom=0.16)


def _rim(colour: Colour, side: int, gain: float) -> Rim:
    b, g, r = (colour / colour.max()).tolist()
    return Rim((b, g, r), side, gain)


SCENES = (
    Scene(
        "stage",
        "stage",
        "Concert stage",
        ("stage", "concert", "spotlight", "spotlights", "performer", "singer", "club", "festival"),
        Light(
            key=(-0.7, -0.5, 0.5),
            strength=0.8,
            ambient=0.25,
            exposure=0.94,
            rims=(_rim(light("ff9ac4"), -1, 0.9), _rim(light("8ab4ff"), 1, 0.9)),
        ),
        paint_stage,
    ),
    Scene(
        "conference",
        "stage",
        "Conference",
        ("conference", "speaker", "keynote", "podium", "talk", "presentation", "lecture"),
        Light(
            key=(-0.5, -0.55, 0.65),
            strength=0.55,
            ambient=0.42,
            exposure=0.97,
            rims=(_rim(light("9fc0ff"), 1, 0.6),),
        ),
        paint_conference,
    ),
)
