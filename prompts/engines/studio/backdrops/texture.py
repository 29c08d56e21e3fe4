"""Random textures whose layout does not depend on the size of the picture."""

from __future__ import annotations

import cv2
import numpy as np

from ..arrays import Mask

LATTICE = 64


def lattice(h: int, w: int, cell: float, rng: np.random.Generator) -> Mask:
    """Smooth value noise (h, w) in 0–1 with bumps of `cell` px.

    Always draws the same number of random values, and the same ones lie at the same place
    relative to the cell: twice the size with twice the cell is the same picture, larger.
    """
    values = rng.random((LATTICE, LATTICE), dtype=np.float32)
    cell = max(cell, 1.0)
    rows, columns = int(np.ceil(h / cell)) + 1, int(np.ceil(w / cell)) + 1
    if rows > LATTICE or columns > LATTICE:
        repeat = (-(-rows // LATTICE), -(-columns // LATTICE))
        values = np.tile(values, repeat)
    size = (max(w, round(columns * cell)), max(h, round(rows * cell)))
    smooth = cv2.resize(
        np.ascontiguousarray(values[:rows, :columns]), size, interpolation=cv2.INTER_CUBIC
    )
    # Cubic interpolation overshoots, and powers of negative numbers are not numbers.
    return np.clip(smooth[:h, :w], 0.0, 1.0)


def fractal(
    h: int, w: int, cell: float, rng: np.random.Generator, octaves: int = 4, gain: float = 0.5
) -> Mask:
    """Fractal value noise (h, w) in 0–1: octaves of `lattice`, each half the cell and `gain`
    times the weight of the one before (Perlin & Hoffert, "Hypertexture", 1989).

    Computed at half resolution: everything it is used for is blurred afterwards.
    """
    rows, columns = -(-h // 2), -(-w // 2)
    total = np.zeros((rows, columns), np.float32)
    weight, weights = 1.0, 0.0
    for _ in range(octaves):
        cell /= 2
        cv2.scaleAdd(lattice(rows, columns, cell, rng), weight, total, total)
        weights += weight
        weight *= gain
    total *= 1 / weights
    return cv2.resize(total, (w, h), interpolation=cv2.INTER_LINEAR)


def swirl(field: Mask, reach: float, cell: float, rng: np.random.Generator) -> Mask:
    """Bends a texture by up to `reach` px along a second noise with bumps of `cell` px."""
    h, w = field.shape
    columns, rows = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    columns += np.float32(2 * reach) * (fractal(h, w, cell, rng, 2) - 0.5)
    rows += np.float32(2 * reach) * (fractal(h, w, cell, rng, 2) - 0.5)
    return cv2.remap(field, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
