"""Rooms: drawn in metres, so that windows, lamps and desks shrink towards the vanishing point."""

from __future__ import annotations

import numpy as np

from ..arrays import Picture, smoothstep
from ..lighting import Light, Rim
from . import furniture
from .camera import EYE_HEIGHT, Camera, Layer, light
from .scene import PLAIN_LOOK, Look, Scene
from .texture import fractal

CEILING = 2.9


def paint_office(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """An open-plan floor: a wall of windows to one side, desks, a glass meeting room at the end."""
    side = float(rng.choice((-1.0, 1.0)))
    camera = Camera(h, w, look, shift=-side * rng.uniform(0.1, 0.2), aperture=0.024)
    end, wall_x = rng.uniform(12.0, 15.0), side * rng.uniform(1.9, 2.3)
    outside(camera, rng, horizon=rng.uniform(-0.02, 0.03))
    shell = camera.layer(end)
    _office_shell(shell, wall_x, end, rng)
    _ceiling_lamps(shell, end, rng)
    _window_wall(shell, wall_x, end, rng)
    camera.place(shell)
    for z in (9.5, 7.4, 5.8):
        row = camera.layer(z)
        edge = -side * rng.uniform(0.15, 0.5)
        width = rng.uniform(1.5, 2.0)
        furniture.desk(row, min(edge, edge - side * width), width, rng, lit=0.8)
        furniture.pendant(row, edge - side * width * 0.5, 2.15, CEILING, light("ffdca0", 9.0))
        camera.place(row)
    near = camera.layer(4.4)
    furniture.plant(near, -side * rng.uniform(0.75, 1.0), rng.uniform(1.9, 2.2), rng, lit=1.0)
    camera.place(near)
    veil(camera, side, 0.2)
    return camera.develop(rng, exposure=1.06)


def _office_shell(shell: Layer, wall_x: float, end: float, rng: np.random.Generator) -> None:
    """Ceiling, carpet and the end wall with its meeting room, lit from the windows."""
    camera, side = shell.camera, float(np.sign(wall_x))
    shell.rectangle(wall_x, 0, -side * 30, CEILING, light("b9a58e", 0.75))
    wood = light(("8a6040", "7a5a40", "9a7448")[rng.integers(3)], 0.8)
    shell.rectangle(-0.4, 0, 0.5, CEILING, wood)
    room = -side * rng.uniform(0.6, 0.9)
    left, right = sorted((room, -side * 6.0))
    shell.rectangle(left, 0, right, 2.5, light("ffe9c8", 1.0))
    shell.rectangle(left, 0, right, 0.95, light("a08d78", 0.8))
    shell.rectangle(left, 1.2, left + 0.55 * (right - left), 1.9, light("5f7f90", 0.8))
    for x in np.arange(left, right, 1.1):
        shell.rectangle(x - 0.03, 0, x + 0.03, 2.5, light("2f3335"))
    for height, colour, gain in ((CEILING, "cfcac2", 0.62), (0.0, "6e655b", 0.62)):
        x, z, seen = camera.plane(height, end)
        window = np.exp(-np.abs(x - wall_x) / 1.1)
        panes = 0.85 + 0.15 * np.sin(z * (2 * np.pi / 1.35))
        field = light(colour, gain) + (window * panes * 0.75)[..., None] * light("eaf2f8")
        shell.cover(seen * (x * side < abs(wall_x)), field)
    clouds = fractal(camera.height, camera.width, 0.35 * camera.unit, rng, 3)
    shell.shade(0.72 + 0.5 * clouds)


def _ceiling_lamps(shell: Layer, end: float, rng: np.random.Generator) -> None:
    lamp = light("fff0d8" if rng.random() < 0.5 else "f4f8ff", 3.4)
    start = rng.uniform(3.0, 4.0)
    for x in (-3.0, -1.2, 0.6, 2.4):
        for z in np.arange(start, end - 1, 2.4):
            shell.slab((x, x + 0.2), CEILING - 0.02, (z, z + 1.5), lamp)


def _window_wall(shell: Layer, x: float, end: float, rng: np.random.Generator) -> None:
    """Floor-to-ceiling glass that runs towards the vanishing point."""
    shell.side(x, (0, CEILING), (1.0, end), light("8d8f8e", 0.7))
    z, pane = 1.0, rng.uniform(1.3, 1.5)
    while z < end:
        stop = min(z + pane, end) - 0.09
        shell.cut([(x, 0.12, z), (x, 2.78, z), (x, 2.78, stop), (x, 0.12, stop)])
        shell.side(x, (1.02, 1.08), (z, stop), light("6d7173", 0.8))
        z += pane


def outside(camera: Camera, rng: np.random.Generator, horizon: float, gain: float = 1.0) -> None:
    """What windows look out on: a bright sky over far buildings and trees."""
    sky = smoothstep(0.05, -0.4, camera.y - np.float32(horizon))[..., None]
    camera.fill(light("fbf6ee", 1.7 * gain) * (1 - sky) + light("dcebf8", 1.9 * gain) * sky)
    blocks = camera.layer(60.0)
    for _ in range(26):
        x, width = rng.uniform(-45, 45), rng.uniform(3, 9)
        top = EYE_HEIGHT + rng.uniform(0.0, 7.0) - horizon * 40
        tone = ("a9b6bf", "c3bdb2", "93a3ad", "b7aca0")[rng.integers(4)]
        blocks.rectangle(x, -30, x + width, top, light(tone, rng.uniform(0.8, 1.3) * gain))
    camera.place(blocks)
    trees = camera.layer(30.0)
    leaves = fractal(camera.height, camera.width, 0.12 * camera.unit, rng, 4)
    crown = smoothstep(-0.03, 0.06, camera.y - horizon + (leaves - 0.5) * 0.3)
    green = light("8fa878", 1.0 * gain) * (0.5 + leaves[..., None])
    trees.cover(crown, green)
    camera.place(trees)


def veil(camera: Camera, side: float, share: float, colour: str = "f6f9fb") -> None:
    """The veil that bright windows lay over their side of a photograph."""
    glow = smoothstep(-0.25, 0.6, camera.x * np.float32(side))
    camera.haze(share * glow, light(colour, 1.2))


SCENES = (
    Scene(
        "office",
        "interior",
        "Open-plan office",
        ("office", "workplace", "open-plan", "coworking", "startup", "business", "desk"),
        Light(
            key=(0.5, -0.45, 0.7),
            strength=0.35,
            ambient=0.6,
            rims=(Rim((1.0, 0.965, 0.933), -1, 0.25),),
        ),
        paint_office,
    ),
)
