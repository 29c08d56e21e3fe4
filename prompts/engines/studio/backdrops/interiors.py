"""Rooms: drawn in metres, so that windows, lamps and desks shrink towards the vanishing point."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..arrays import Picture, smoothstep
from ..lighting import Light, Rim
from . import furniture
from .camera import EYE_HEIGHT, Camera
from .layers import Layer
from .light import light
from .materials import panelling
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
    return camera.develop(exposure=1.06)


def _office_shell(shell: Layer, wall_x: float, end: float, rng: np.random.Generator) -> None:
    """Ceiling, carpet and the end wall with its meeting room, lit from the windows."""
    camera, side = shell.camera, float(np.sign(wall_x))
    shell.rectangle(wall_x, 0, -side * 30, CEILING, light("b9a58e", 0.75))
    wood = light(("8a6040", "7a5a40", "9a7448")[rng.integers(3)], 0.8)
    shell.rectangle(-0.4, 0, 0.5, CEILING, wood)
    for x in (0.9, 1.6):
        art = light(("7f8f96", "b08a64", "5f6f6a")[rng.integers(3)], 0.7)
        furniture.framed(shell, side * x - 0.25, 1.35, 0.5, 0.7, light("2f2c29"), art)
    room = -side * rng.uniform(0.6, 0.9)
    left, right = sorted((room, -side * 6.0))
    shell.rectangle(left, 0, right, 2.5, light("ffe9c8", 1.0))
    shell.rectangle(left, 0, right, 0.95, light("a08d78", 0.8))
    shell.rectangle(left, 1.2, left + 0.55 * (right - left), 1.9, light("5f7f90", 0.8))
    for x in np.arange(left, right, 1.1):
        shell.rectangle(x - 0.03, 0, x + 0.03, 2.5, light("2f3335"))
    for height, colour, gain in ((CEILING, "cfcac2", 0.62), (0.0, "6e655b", 0.62)):
        u, z, seen = camera.plane(height, end)
        window = np.exp(-np.abs(u - wall_x) / 1.1)
        panes = 0.85 + 0.15 * np.sin(z * (2 * np.pi / 1.35))
        field = light(colour, gain) + (window * panes * 0.75)[..., None] * light("eaf2f8")
        shell.cover(seen * (u * side < abs(wall_x)), field)
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
    green = light("9dae92", 1.0 * gain) * (0.5 + leaves[..., None])
    trees.cover(crown, green)
    camera.place(trees)


def veil(camera: Camera, side: float, share: float, colour: str = "f6f9fb") -> None:
    """The veil that bright windows lay over their side of a photograph."""
    glow = smoothstep(-0.25, 0.6, camera.x * np.float32(side))
    camera.haze(share * glow, light(colour, 1.2))


def paint_lobby(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """A tall entrance hall: a glass front, columns, globes of light, a polished stone floor."""
    side = float(rng.choice((-1.0, 1.0)))
    camera = Camera(h, w, look, shift=-side * rng.uniform(0.08, 0.18), aperture=0.024)
    end, height = rng.uniform(15.0, 18.0), 6.2
    outside(camera, rng, horizon=rng.uniform(0.06, 0.09), gain=1.05)
    front = camera.layer(end)
    edge = side * rng.uniform(0.4, 1.2)
    _panelled_end(front, edge, side, height, rng)
    bar = light("4d5356", 0.9)
    for x in np.arange(0.0, 30.0, 1.7):
        place = edge + side * float(x)
        front.rectangle(place - 0.06, 0, place + 0.06, height, bar)
    for y in (2.6, 4.4):
        front.rectangle(edge, y - 0.05, edge + side * 30, y + 0.05, bar)
    _, _, above = camera.plane(height, end)
    front.cover(above, light("e4e0d8", 0.62))
    camera.place(front)
    _, _, below = camera.plane(0.0, end)
    veins = fractal(camera.height, camera.width, 0.2 * camera.unit, rng, 5)
    camera.haze(below, light("bdb4a8", 0.5))
    camera.light *= (1 + 0.3 * below * (veins - 0.5))[..., None]
    camera.reflect(end, 0.42)
    camera.soften(2.6)
    hall = camera.layer(9.5)
    for x in (side * 2.5, -side * 1.9):
        _column(hall, x, 0.3, height)
    counter = -side * 0.9
    hall.rectangle(counter, 0, counter - side * 2.6, 1.08, light("6f4d33", 0.8))
    hall.rectangle(counter, 0.98, counter - side * 2.6, 1.1, light("e9e4da", 0.9))
    camera.place(hall)
    for _ in range(7):
        x, z = -side * rng.uniform(-0.6, 2.4), rng.uniform(7.0, 12.0)
        y = rng.uniform(2.6, 3.8)
        scale = camera.focal / z
        glow = light("ffdcae", rng.uniform(0.7, 1.1))
        radius = 0.12 * scale + camera.disc_radius(z) / camera.unit * 0.8
        camera.bokeh(x * scale, (EYE_HEIGHT - y) * scale, radius, glow, rim=0.0, softness=0.4)
    near = camera.layer(5.0)
    furniture.plant(near, side * rng.uniform(1.0, 1.5), rng.uniform(1.7, 2.1), rng, lit=0.9)
    camera.place(near)
    veil(camera, side, 0.18)
    return camera.develop(exposure=1.02, bloom=0.1)


def _panelled_end(
    front: Layer, edge: float, side: float, height: float, rng: np.random.Generator
) -> None:
    """The part of the end wall beside the glass: upright timber, washed by light from above."""
    u, v = front.camera.front(front.depth)
    wood = panelling(u / 2, v, rng, ("8a6242", "7a5438", "9a7250"))
    wash = 0.55 + 0.7 * smoothstep(1.0, height, v)
    beside = ((u - np.float32(edge)) * side < 0).astype(np.float32) * (v > 0)
    front.cover(beside, wood * wash[..., None])


def _column(layer: Layer, x: float, radius: float, height: float) -> None:
    """A round column, shaded from one edge to the other."""
    strips = np.linspace(-1, 1, 9)
    for left, right in pairwise(strips.tolist()):
        tone = 0.45 + 0.5 * (1 - abs(left + right) / 2)
        layer.rectangle(x + radius * left, 0, x + radius * right, height, light("d6d2ca", tone))


def paint_window(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """A quiet room: daylight through a tall window with a sheer curtain falls along the wall."""
    side = float(rng.choice((-1.0, 1.0)))
    camera = Camera(h, w, look, focal=1.7, aperture=0.026, shift=side * rng.uniform(-0.04, 0.06))
    outside(camera, rng, horizon=0.12, gain=1.15)
    depth = 3.8
    wall = camera.layer(depth)
    u, _ = camera.front(depth)
    inner, outer = side * rng.uniform(0.3, 0.42), side * 1.75
    fall = np.exp(-np.maximum(0, (np.float32(inner) - u) * side) / 0.75)
    mottle = fractal(camera.height, camera.width, 0.3 * camera.unit, rng, 4)
    tone = (0.28 + 0.6 * fall) * (0.9 + 0.2 * mottle)
    wall.cover(np.ones_like(u), light("e6d9c6") * tone[..., None])
    wall.rectangle(-20, 0, 20, 0.14, light("e8e2d8", 0.6))
    wall.rectangle(inner - side * 0.09, 0.42, outer, 2.78, light("f1ece2", 0.8))
    z = depth
    wall.cut([(inner, 0.52, z), (inner, 2.68, z), (outer, 2.68, z), (outer, 0.52, z)])
    for x in np.arange(abs(inner) + 0.46, abs(outer), 0.46):
        wall.rectangle(
            side * float(x) - 0.025, 0.5, side * float(x) + 0.025, 2.7, light("e2ddd2", 0.7)
        )
    for y in (1.2, 1.9):
        wall.rectangle(inner, y - 0.02, outer, y + 0.02, light("e2ddd2", 0.7))
    furniture.framed(
        wall, -side * rng.uniform(0.55, 0.95) - 0.2, 1.55, 0.42, 0.55, light("4a3d30", 0.6),
        light("c3b8a4", 0.45),
    )  # fmt: skip
    camera.place(wall)
    _sheer_curtain(camera, inner, side, depth - 0.25, rng)
    near = camera.layer(3.5)
    furniture.plant(near, -side * rng.uniform(0.7, 0.85), rng.uniform(1.4, 1.6), rng, lit=0.45)
    camera.place(near)
    veil(camera, side, 0.16, "fffaf2")
    return camera.develop(exposure=1.1, bloom=0.12)


def _sheer_curtain(
    camera: Camera, edge: float, side: float, z: float, rng: np.random.Generator
) -> None:
    """A translucent curtain gathered at the window's near edge, glowing in its folds."""
    u, v = camera.front(z)
    folds = fractal(camera.height, camera.width, 0.05 * camera.unit, rng, 2)[:1]
    pleats = np.sin(u * 46 + 7 * folds + 0.5 * np.sin(v * 1.3))
    inside = smoothstep(-0.16, -0.1, (u - edge) * side) * smoothstep(0.42, 0.34, (u - edge) * side)
    cloth = camera.layer(z)
    cloth.cover(inside * (0.72 + 0.2 * pleats), light("fff8ec") * (0.78 + 0.22 * pleats)[..., None])
    camera.place(cloth)


_WINDOW_RIM = Rim((1.0, 0.965, 0.933), -1, 0.25)

SCENES = (
    Scene(
        "office",
        "interior",
        "Open-plan office",
        ("office", "workplace", "open-plan", "coworking", "startup", "business", "desk"),
        Light(key=(0.5, -0.45, 0.7), strength=0.35, ambient=0.6, rims=(_WINDOW_RIM,)),
        paint_office,
    ),
    Scene(
        "lobby",
        "interior",
        "Lobby",
        ("lobby", "hall", "atrium", "hotel", "reception", "company headquarters", "bank"),
        Light(key=(0.5, -0.5, 0.68), strength=0.35, ambient=0.6, rims=(_WINDOW_RIM,)),
        paint_lobby,
    ),
    Scene(
        "window",
        "interior",
        "Window light",
        ("window", "window light", "daylight", "soft light", "natural window", "airy", "bright"),
        Light(
            key=(0.85, -0.35, 0.5),
            strength=0.55,
            ambient=0.45,
            warmth=(1.0, 1.0, 1.0),
            rims=(Rim((0.95, 0.98, 1.0), 1, 0.35),),
        ),
        paint_window,
    ),
)
