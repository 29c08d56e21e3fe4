"""Rooms: drawn in metres, so that windows, lamps and desks shrink towards the vanishing point."""

from __future__ import annotations

import numpy as np

from ..arrays import Picture, smoothstep
from ..lighting import Light, Rim
from . import furniture
from .camera import Camera, Layer, light
from .scene import PLAIN_LOOK, Look, Scene
from .texture import fractal

CEILING = 2.9


def paint_office(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """An open-plan floor: a wall of windows to one side, desks, a glass meeting room at the end."""
    side = rng.choice((-1.0, 1.0))
    camera = Camera(h, w, look, shift=float(-side * rng.uniform(0.1, 0.2)), aperture=0.015)
    end = rng.uniform(13.0, 16.0)
    wall_x = side * rng.uniform(2.1, 2.5)
    shell = camera.layer(end)
    _office_shell(shell, wall_x, end, rng)
    _ceiling_lamps(shell, end, rng)
    camera.place(shell)
    camera.place(_window_wall(camera, wall_x, end, rng))
    for z in (10.5, 8.0, 6.2):
        row = camera.layer(z)
        x = rng.uniform(0.4, 0.9) if side < 0 else rng.uniform(-2.6, -2.1)
        furniture.desk(row, x, rng.uniform(1.4, 1.8), rng, lit=0.75)
        if rng.random() < 0.6:
            furniture.plant(row, -side * rng.uniform(1.5, 2.6), rng.uniform(1.5, 2.0), rng, 0.9)
        camera.place(row)
    near = camera.layer(4.6)
    furniture.plant(near, -side * rng.uniform(1.2, 1.6), rng.uniform(1.7, 2.1), rng, lit=1.0)
    camera.place(near)
    _daylight(camera, side, 0.16)
    return camera.develop(rng, exposure=1.0)


def _office_shell(shell: Layer, wall_x: float, end: float, rng: np.random.Generator) -> None:
    """Ceiling, carpet, the far side and the end wall with its meeting room."""
    camera = shell.camera
    far = -np.sign(wall_x) * rng.uniform(3.4, 4.2)
    shell.slab((-14, 14), CEILING, (2, end), light("c3c4c2", 0.75))
    shell.slab((-14, 14), 0, (2, end), light("6b6862", 0.7))
    shell.rectangle(-14, 0, 14, CEILING, light("b4aa9c", 0.7))
    wood = light(("8a6544", "7a5a40", "96754f")[rng.integers(3)], 0.75)
    shell.side(far, (0, CEILING), (2, end), wood)
    room = -np.sign(wall_x) * rng.uniform(0.6, 1.1)
    left, right = min(room, far), max(room, far)
    shell.rectangle(left, 0.1, right, 2.5, light("dfe3e0", 0.95))
    shell.rectangle(left, 0.1, right, 1.0, light("8f989b", 0.7))
    for x in np.arange(left, right, 0.9):
        shell.rectangle(x - 0.03, 0, x + 0.03, 2.55, light("3a3f42"))
    for z in np.arange(4.5, end, 2.2):
        shell.side(far, (0.4, 2.3), (z, z + 1.1), light("dcd8cf", rng.uniform(0.5, 0.9)))
    clouds = fractal(camera.height, camera.width, 0.3 * camera.unit, rng, 3)
    shell.shade(0.78 + 0.44 * clouds)


def _ceiling_lamps(shell: Layer, end: float, rng: np.random.Generator) -> None:
    warm = rng.random() < 0.5
    lamp = light("fff0d8" if warm else "f4f8ff", 2.6)
    start = rng.uniform(3.0, 4.0)
    for x in (-3.0, -1.2, 0.6, 2.4):
        for z in np.arange(start, end, 2.4):
            shell.slab((x, x + 0.22), CEILING - 0.02, (z, z + 1.5), lamp)


def _window_wall(camera: Camera, x: float, end: float, rng: np.random.Generator) -> Layer:
    """Floor-to-ceiling glass that runs towards the vanishing point, with a city outside."""
    wall = camera.layer(8.0)
    wall.side(x, (0, CEILING), (1.2, end), light("8d8f8e", 0.8))
    z = 1.2
    while z < end:
        pane = rng.uniform(1.25, 1.4)
        stop = min(z + pane, end)
        wall.side(x, (0.25, 2.75), (z, stop), light("e8f1f8", rng.uniform(1.25, 1.6)))
        skyline = rng.uniform(0.9, 1.7)
        wall.side(x, (0.25, skyline), (z, stop), light("9fb0b8", rng.uniform(0.7, 1.0)))
        greenery = rng.uniform(0.5, 1.1)
        wall.side(x, (0.25, greenery), (z, stop - pane * rng.uniform(0, 0.5)), light("7d9377", 0.7))
        wall.side(x, (0, CEILING), (stop - 0.07, stop), light("565a5c", 0.8))
        z = stop
    return wall


def _daylight(camera: Camera, side: float, share: float) -> None:
    """The veil that bright windows lay over that side of a photograph."""
    glow = smoothstep(-0.15, 0.75, camera.x * np.float32(side))
    camera.haze(share * glow, light("f2f7fb", 1.25))


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
