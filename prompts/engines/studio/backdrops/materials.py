"""Surfaces as functions of two coordinates in metres: masonry, shelves, facades, boards.

Every function takes `u` along the surface and `v` up it, (h, w) each, and answers light (h, w, 3).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats, Mask, smoothstep
from .light import Colour, Field, light

Cells = NDArray[np.int64]
TABLE = 61


def cells(coordinate: Field, size: float) -> tuple[Cells, Mask]:
    """Number of the cell of `size` m a coordinate lies in, and the place within it, 0–1."""
    scaled = coordinate / np.float32(size)
    whole = np.floor(scaled)
    return whole.astype(np.int64), scaled - whole


def chance(rng: np.random.Generator, first: Cells, second: Cells) -> Mask:
    """A random number 0–1 for every pair of cells, the same wherever the pair occurs."""
    table = rng.random((TABLE, TABLE), dtype=np.float32)
    return table[first % TABLE, second % TABLE]


def palette(codes: tuple[str, ...], draw: Mask) -> Floats:
    """The colour of `codes` that a draw 0–1 picks, (h, w, 3)."""
    colours = np.stack([light(code) for code in codes])
    return colours[np.minimum((draw * len(codes)).astype(np.int64), len(codes) - 1)]


def brick(
    u: Field, v: Field, rng: np.random.Generator, codes: tuple[str, ...], mortar: Colour
) -> Floats:
    """Bricks of 24×7 cm in running bond, each fired a little differently."""
    row, up = cells(v, 0.078)
    column, along = cells(u + (row % 2) * np.float32(0.125), 0.25)
    stone = palette(codes, chance(rng, row, column)) * (
        0.8 + 0.4 * chance(rng, column, row)[..., None]
    )
    joint = smoothstep(0.12, 0.04, np.minimum(up, 1 - up)) + smoothstep(
        0.04, 0.012, np.minimum(along, 1 - along)
    )
    share = np.clip(joint, 0, 1)[..., None]
    return stone * (1 - share) + share * mortar


def bookcase(
    u: Field, v: Field, rng: np.random.Generator, wood: Colour, codes: tuple[str, ...], glow: float
) -> Floats:
    """Shelves of books with uprights every 1.1 m; `glow` lights the top of each compartment."""
    shelf, up = cells(v, 0.36)
    case, across = cells(u, 1.1)
    book, along = cells(u + 0.37 * chance(rng, shelf, case), 0.052)
    draw = chance(rng, shelf * 7 + case, book)
    tall = 0.6 + 0.3 * chance(rng, book, shelf * 5 + case)
    spine = 1 - 0.35 * np.abs(2 * along - 1)
    colour = palette(codes, draw) * (spine * (0.55 + 0.8 * chance(rng, book, shelf)))[..., None]
    gap = (up > tall) | (draw > 0.94)
    behind = wood * 0.25 * (1 + glow * smoothstep(0.55, 0.95, up))[..., None]
    filled = np.where(gap[..., None], behind, colour)
    board = (up > 0.93) | (np.abs(across - 0.5) > 0.47)
    return np.where(board[..., None], wood, filled).astype(np.float32)


def panelling(u: Field, v: Field, rng: np.random.Generator, codes: tuple[str, ...]) -> Floats:
    """Upright boards of 14 cm with grain and dark joints."""
    board, along = cells(u, 0.14)
    draw = chance(rng, board, board // 7)
    tone = 0.75 + 0.5 * chance(rng, board // 5, board)
    joint = 1 - 0.6 * smoothstep(0.06, 0.02, np.minimum(along, 1 - along))
    sheen = 0.92 + 0.08 * np.sin(v * 2.1 + 9 * draw)
    return palette(codes, draw) * (tone * joint * sheen)[..., None]


def facade(
    u: Field,
    v: Field,
    rng: np.random.Generator,
    wall: Colour,
    glass: Colour,
    lamps: tuple[str, ...],
    lit: float,
    *,
    storey: float = 3.3,
    bay: float = 2.1,
) -> Floats:
    """A house front: a window per bay and storey, a share `lit` of them with light inside."""
    floor, up = cells(v, storey)
    column, along = cells(u, bay)
    window = (np.abs(along - 0.5) < 0.3) & (np.abs(up - 0.5) < 0.3)
    draw = chance(rng, floor, column)
    pane = glass * (0.6 + 0.8 * draw)[..., None]
    inside = palette(lamps, chance(rng, column, floor)) * (0.5 + draw / max(lit, 1e-3))[..., None]
    opening = np.where((draw < lit)[..., None], inside, pane)
    ledge = 1 - 0.25 * (up < 0.06)
    return np.where(window[..., None], opening, wall * ledge[..., None]).astype(np.float32)
