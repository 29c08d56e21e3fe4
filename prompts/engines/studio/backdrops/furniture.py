"""Things that stand in painted rooms; each draws itself on a layer."""

from __future__ import annotations

import numpy as np

from .layers import Layer
from .light import Colour, light

SCREEN = light("20262c")
LEAVES = ("364f31", "466540", "587a4c", "2c4330", "75915f")
BOOKS = ("6b2f2a", "2f4a58", "8a6a3a", "3f3a35", "556048", "a08560", "7a4430", "c2b39a", "27343f")


def plant(layer: Layer, x: float, height: float, rng: np.random.Generator, lit: float) -> None:
    """A tall pot plant: a pot on the floor and a crown of long leaves up to `height` m."""
    layer.polygon(
        [
            (x - 0.17, 0.45, layer.depth),
            (x + 0.17, 0.45, layer.depth),
            (x + 0.13, 0, layer.depth),
            (x - 0.13, 0, layer.depth),
        ],
        light("b9b2a8", 0.6 * lit),
    )
    layer.rectangle(x - 0.02, 0.4, x + 0.02, 0.75 * height, light("4a4030", 0.6 * lit))
    for _ in range(90):
        angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.05, 1.0) ** 0.6
        px = x + np.cos(angle) * reach * 0.36
        py = 0.45 + (height - 0.45) * (0.55 + 0.45 * np.sin(angle) * reach)
        shade = lit * rng.uniform(0.35, 1.3) * (0.6 + 0.5 * (py / height))
        turn = float(np.degrees(-np.arctan2(np.sin(angle), np.cos(angle)))) + rng.uniform(-35, 35)
        layer.ellipse(
            px, py, rng.uniform(0.06, 0.15), rng.uniform(0.015, 0.035),
            light(LEAVES[rng.integers(len(LEAVES))], shade), turn,
        )  # fmt: skip


def desk(layer: Layer, x: float, width: float, rng: np.random.Generator, lit: float) -> None:
    """A desk seen from the front with one or two screens and a chair."""
    top = light("c9b79c", lit)
    for place in np.linspace(x + 0.35 * width, x + 0.8 * width, 1 + int(width > 1.5)):
        glow = light("cfe0ee", 0.9 * lit) if rng.random() < 0.5 else SCREEN
        layer.rectangle(place - 0.3, 0.86, place + 0.3, 1.22, light("15181b"))
        layer.rectangle(place - 0.28, 0.88, place + 0.28, 1.2, glow)
        layer.rectangle(place - 0.03, 0.74, place + 0.03, 0.86, SCREEN)
    layer.rectangle(x, 0.7, x + width, 0.75, top)
    for leg in (x + 0.04, x + width - 0.08):
        layer.rectangle(leg, 0, leg + 0.04, 0.7, light("3a3d40", lit))
    seat = x + width * rng.uniform(0.3, 0.7)
    cloth = light(("2b3136", "3f4d57", "6a5a4a")[rng.integers(3)], lit)
    layer.ellipse(seat, 0.8, 0.24, 0.3, cloth)
    layer.rectangle(seat - 0.03, 0.1, seat + 0.03, 0.5, SCREEN)


def books(
    layer: Layer, x: tuple[float, float], y: float, height: float, rng: np.random.Generator,
    lit: float,
) -> None:  # fmt: skip
    """A row of books from x[0] to x[1] m standing on `y`, with gaps as people leave them."""
    place = x[0]
    while place < x[1]:
        thickness = rng.uniform(0.02, 0.06)
        tall = height * rng.uniform(0.62, 0.95)
        if rng.random() < 0.06:
            place += rng.uniform(0.05, 0.2)
            continue
        shade = lit * rng.uniform(0.5, 1.15)
        end = min(place + thickness, x[1])
        layer.rectangle(place, y, end, y + tall, light(BOOKS[rng.integers(len(BOOKS))], shade))
        place = end


def framed(
    layer: Layer, x: float, y: float, width: float, height: float, frame: Colour, picture: Colour
) -> None:
    """A framed picture on a wall, its lower left corner at (x, y)."""
    layer.rectangle(x, y, x + width, y + height, frame)
    layer.rectangle(x + 0.04, y + 0.04, x + width - 0.04, y + height - 0.04, picture)


def pendant(layer: Layer, x: float, y: float, ceiling: float, lamp: Colour) -> None:
    """A lamp with a dark shade hanging from the ceiling, its bulb at height `y`."""
    z = layer.depth
    layer.rectangle(x - 0.008, y + 0.2, x + 0.008, ceiling, light("2a2a2a"))
    layer.polygon(
        [(x - 0.2, y + 0.02, z), (x + 0.2, y + 0.02, z), (x + 0.06, y + 0.24, z),
         (x - 0.06, y + 0.24, z)],
        light("2e2b28"),
    )  # fmt: skip
    layer.ellipse(x, y, 0.075, 0.06, lamp)
