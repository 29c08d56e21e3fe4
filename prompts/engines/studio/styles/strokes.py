"""Painting with brush strokes, from coarse to fine (Hertzmann 1998, curved along the flow)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ..arrays import Floats, Mask, Picture, luminance
from .filters import Flow

_POINTS = 5
_FRACTION_BITS = 3


@dataclass(frozen=True)
class Brush:
    """One pass over the canvas.

    `radius`, `spacing` and `length` are px; `wobble` varies each stroke's colour (share of
    lightness), `hue` its chroma; strokes are set where `where` allows, 0–1.
    """

    radius: float
    spacing: float
    length: float
    where: Mask
    wobble: float = 0.04
    hue: float = 0.0


def paint(
    picture: Picture, flow: Flow, brushes: Sequence[Brush], rng: np.random.Generator
) -> Picture:
    """Paints `picture` anew with strokes that follow `flow`; each brush covers the one before."""
    canvas = cv2.convertScaleAbs(np.clip(picture, 0, 1), alpha=255)
    for brush in brushes:
        _pass(canvas, picture, flow, brush, rng)
    return np.multiply(canvas, np.float32(1 / 255), dtype=np.float32)


def _pass(
    canvas: np.ndarray, picture: Picture, flow: Flow, brush: Brush, rng: np.random.Generator
) -> None:
    starts = _starts(brush, picture.shape[:2], rng)
    if not len(starts):
        return
    tracks = _tracks(starts, flow, brush, rng)
    middles = tracks[:, _POINTS // 2].astype(np.int64)
    colours = _colours(picture, middles, brush, rng)
    outlines = np.round(tracks * 2**_FRACTION_BITS).astype(np.int32)
    thickness = max(1, round(2 * brush.radius))
    kind = cv2.LINE_AA if thickness <= 7 else cv2.LINE_8
    for outline, colour in zip(outlines, colours.tolist(), strict=True):
        cv2.polylines(canvas, [outline], False, colour, thickness, kind, _FRACTION_BITS)


def _starts(brush: Brush, size: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Jittered grid points (n, 2) where the brush may paint, in random order."""
    h, w = size
    step = max(1.0, brush.spacing)
    x, y = np.meshgrid(np.arange(step / 2, w, step), np.arange(step / 2, h, step))
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    points += rng.uniform(-0.5, 0.5, points.shape) * step
    points = np.clip(points, 0, [w - 1, h - 1])
    chance = brush.where[points[:, 1].astype(np.int64), points[:, 0].astype(np.int64)]
    points = points[rng.random(len(points)) < chance]
    return points[rng.permutation(len(points))].astype(np.float32)


def _tracks(starts: Floats, flow: Flow, brush: Brush, rng: np.random.Generator) -> Floats:
    """Points (n, _POINTS, 2) of the strokes, traced along the flow from their starts."""
    h, w = flow.x.shape
    limits = np.array([w - 1, h - 1], np.float32)
    step = brush.length / (_POINTS - 1) * rng.uniform(0.6, 1.2, (len(starts), 1))
    way = np.where(rng.random((len(starts), 1)) < 0.5, -1.0, 1.0)
    track, heading = [starts], np.zeros_like(starts)
    for _ in range(_POINTS - 1):
        at = np.clip(track[-1], 0, limits).astype(np.int64)
        along = np.stack([flow.x[at[:, 1], at[:, 0]], flow.y[at[:, 1], at[:, 0]]], axis=1) * way
        # Directions have no sign: keep going the way the stroke came from.
        turned = np.sum(along * heading, axis=1, keepdims=True) < 0
        heading = np.where(turned, -along, along)
        track.append((track[-1] + heading * step).astype(np.float32))
    return np.clip(np.stack(track, axis=1), 0, limits).astype(np.float32)


def _colours(
    picture: Picture, middles: np.ndarray, brush: Brush, rng: np.random.Generator
) -> np.ndarray:
    """8-bit colours (n, 3) under the strokes, each mixed a little differently."""
    reference = cv2.GaussianBlur(picture, (0, 0), max(0.5, 0.5 * brush.radius))
    colours = reference[middles[:, 1], middles[:, 0]]
    count = len(colours)
    tone = luminance(colours[None])[0][:, None]
    lightness = 1 + brush.wobble * rng.standard_normal((count, 1))
    tilt = brush.hue * rng.standard_normal((count, 3)) * (0.25 + tone)
    return np.clip((colours * lightness + tilt) * 255, 0, 255)
