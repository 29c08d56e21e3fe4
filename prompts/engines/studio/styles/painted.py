"""Styles with a brush: oil, impasto, digital painting, fantasy."""

from __future__ import annotations

import cv2
import numpy as np

from ..arrays import Floats, Mask, Picture, blur, curve, luminance, noise, saturate, smoothstep
from . import strokes
from .filters import Flow, blended, coarse_kuwahara, flow_of, glow, kuwahara, smooth_along
from .strokes import Brush
from .style import Sitting, Style


def oil_painting(picture: Picture, sitting: Sitting, rng: np.random.Generator) -> Picture:
    """A portrait in oil: broad strokes behind, finer ones on the clothes, the face finished."""
    unit = sitting.unit
    base = coarse_kuwahara(picture, 4.5 * unit)
    fine = kuwahara(picture, 2.2 * unit)
    face = np.clip(blur(sitting.face, 8 * unit) * 1.2, 0, 1)
    base = blended(base, fine, face)
    base = saturate(
        curve(base, [(0, 0.015), (0.25, 0.22), (0.5, 0.52), (0.8, 0.85), (1, 0.97)]), 1.22
    )
    flow = painted_flow(picture, sitting, rng, 5.0)
    detail = detail_of(picture, unit)
    away = 1 - sitting.matte
    person = sitting.matte * (1 - face)
    brushes = (
        Brush(15 * unit, 13 * unit, 70 * unit, away, 0.05, 0.016),
        Brush(8 * unit, 10.5 * unit, 46 * unit, away * 0.55 + person * 0.8, 0.04, 0.012),
        Brush(4.5 * unit, 8 * unit, 34 * unit, person * 0.9 + away * detail, 0.03, 0.008),
        Brush(2.2 * unit, 4.6 * unit, 19 * unit, (1 - face) * detail, 0.02),
        Brush(3.0 * unit, 5.5 * unit, 17 * unit, face * (1 - 0.8 * detail), 0.012),
        Brush(1.3 * unit, 3.2 * unit, 10 * unit, face * (0.3 + 0.7 * detail), 0.01),
    )
    painting = strokes.paint(base, flow, brushes, rng)
    painting = blended(painting, fine, np.clip(0.9 * sitting.features, 0, 1))
    painting = blended(painting, base, 0.35 * face)
    painting *= (1 + bristles(flow, sitting, rng, 0.03 * (1 - 0.6 * face)))[..., None]
    return canvas_grain(painting, sitting, rng, 0.022)


def impasto(picture: Picture, sitting: Sitting, rng: np.random.Generator) -> Picture:
    """After Van Gogh: long swirling strokes of thick, pure colour that stand off the canvas."""
    unit = sitting.unit
    base = coarse_kuwahara(picture, 3.4 * unit)
    vivid = saturate(curve(base, [(0, 0.03), (0.3, 0.3), (0.55, 0.6), (0.85, 0.9), (1, 0.98)]), 1.6)
    tone = luminance(vivid)[..., None]
    # His shadows are blue and his lights yellow, never grey.
    vivid += np.square(1 - tone) * np.array([0.10, 0.02, -0.03], np.float32)
    vivid += np.square(tone) * np.array([-0.13, 0.03, 0.04], np.float32)
    vivid = np.clip(vivid, 0, 1)
    flow = painted_flow(picture, sitting, rng, 4.0, swirl=1.0)
    detail = detail_of(picture, unit)
    face = np.clip(blur(sitting.face, 8 * unit) * 1.2, 0, 1)
    away, person = 1 - sitting.matte, sitting.matte * (1 - face)
    brushes = (
        Brush(9 * unit, 12 * unit, 95 * unit, away, 0.13, 0.045),
        Brush(5 * unit, 9.5 * unit, 64 * unit, away * 0.9 + person, 0.11, 0.035),
        Brush(3 * unit, 7.5 * unit, 38 * unit, person * 0.9 + away * 0.25, 0.08, 0.025),
        Brush(3.2 * unit, 5.2 * unit, 26 * unit, face, 0.055, 0.02),
        Brush(1.7 * unit, 3.8 * unit, 15 * unit, face * (0.45 + 0.55 * detail), 0.035, 0.012),
        Brush(1.5 * unit, 4.2 * unit, 16 * unit, (1 - face) * detail, 0.04, 0.01),
    )
    painting = strokes.paint(vivid, flow, brushes, rng)
    painting = blended(painting, 0.3 * painting + 0.7 * vivid, sitting.features)
    ridges = bristles(flow, sitting, rng, np.float32(1.0))
    relief = _lit_from_above(ridges, unit)
    height = (0.055 - 0.035 * face)[..., None]
    painting = painting * (1 + height * (0.5 * ridges + relief)[..., None])
    return canvas_grain(painting, sitting, rng, 0.02)


def digital_art(picture: Picture, sitting: Sitting, rng: np.random.Generator) -> Picture:
    """Concept art: smooth modelling, a loosely brushed backdrop, glowing lights, cool depths."""
    unit = sitting.unit
    smooth = digital_base(picture, sitting)
    flow = painted_flow(picture, sitting, rng, 6.0)
    away = 1 - sitting.matte
    brushes = (
        Brush(16 * unit, 17 * unit, 110 * unit, 0.8 * away, 0.035, 0.008),
        Brush(6 * unit, 11 * unit, 60 * unit, 0.5 * away, 0.03, 0.006),
    )
    backdrop = strokes.paint(_without_person(smooth, sitting), flow, brushes, rng)
    backdrop = blur(backdrop, 1.6 * unit)
    backdrop *= (1 + bristles(flow, sitting, rng, np.float32(0.018)))[..., None]
    art = blended(backdrop, smooth, sitting.matte)
    tone = luminance(art)[..., None]
    art = art + np.square(1 - tone) * np.array([0.05, 0.012, -0.02], np.float32)
    art = art + (art - blur(art, 26 * unit)) * 0.4
    return glow(saturate(art, 1.28), 0.58, 15 * unit, 0.6)


def _without_person(picture: Picture, sitting: Sitting) -> Picture:
    """The backdrop with its own colours carried on behind the person."""
    behind = 1 - sitting.matte
    reach = 30 * sitting.unit
    spread = blur(behind, reach)[..., None] + np.float32(1e-3)
    carried = (blur(picture * behind[..., None], reach) + 1e-3 * picture) / spread
    return blended(carried, picture, smoothstep(0.97, 1.0, behind))


def digital_base(picture: Picture, sitting: Sitting) -> Picture:
    """The photograph as smooth paint with crisp features and hair."""
    unit = sitting.unit
    smooth = coarse_kuwahara(picture, 3.4 * unit)
    detail = picture - blur(picture, 2.4 * unit)
    keep = 0.35 + 0.55 * sitting.features
    return np.clip(smooth + keep[..., None] * detail, 0, 1)


def detail_of(picture: Picture, unit: float) -> Mask:
    """Where fine strokes are needed, 0–1."""
    tone = luminance(picture)
    return smoothstep(0.012, 0.06, blur(np.abs(tone - blur(tone, 3 * unit)), 3 * unit))


def painted_flow(
    picture: Picture,
    sitting: Sitting,
    rng: np.random.Generator,
    sigma: float,
    swirl: float = 0.0,
) -> Flow:
    """Directions of strokes: along edges, and along a slow turning drift where there are none.

    `swirl` 1 makes the drift whirl, 0 lets it lean one way as a right-handed painter's does.
    """
    h, w = sitting.height, sitting.width
    size = (max(8, w // 2), max(8, h // 2))
    tone = cv2.resize(luminance(picture), size, interpolation=cv2.INTER_AREA)
    calm = cv2.resize(sitting.face, size, interpolation=cv2.INTER_AREA)
    drift = _drift(size[1], size[0], rng, swirl, calm)
    smoothing = sigma * sitting.unit / 2
    return flow_of(blur(tone, 0.7 * sitting.unit), smoothing, drift).resized(w, h)


def _drift(h: int, w: int, rng: np.random.Generator, swirl: float, calm: Mask) -> Floats:
    """Angles (h, w) that turn slowly over the picture and do not whirl where it is `calm`."""
    scale = np.float32(np.sqrt(h * w))
    lean = np.float32(rng.uniform(0.5, 1.1)) + 1.4 * (noise(h, w, 0.5 * float(scale), rng, 2) - 0.5)
    if not swirl:
        return lean
    y, x = np.mgrid[:h, :w].astype(np.float32) / scale
    dx, dy = np.zeros_like(x), np.zeros_like(x)
    for _ in range(9):
        cx, cy = rng.uniform(0, w) / scale, rng.uniform(0, h) / scale
        size, way = rng.uniform(0.06, 0.16), rng.choice((-1.0, 1.0))
        pull = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / np.float32(size**2)) * np.float32(way)
        dx += -pull * (y - cy) / np.float32(size)
        dy += pull * (x - cx) / np.float32(size)
    steady = 0.12 + 2 * calm
    dx += steady * np.cos(lean)
    dy += steady * np.sin(lean)
    return np.arctan2(dy, dx)


def bristles(
    flow: Flow, sitting: Sitting, rng: np.random.Generator, amount: Floats | np.float32
) -> Floats:
    """The fine grooves a brush leaves, along the flow, around 0 with spread `amount`."""
    h, w = sitting.height, sitting.width
    fine = rng.random((h, w), dtype=np.float32)
    fine = cv2.GaussianBlur(fine, (0, 0), max(0.5, 0.8 * sitting.unit))
    grooves = smooth_along(fine, flow, 6, max(1.0, 1.6 * sitting.unit))
    grooves -= grooves.mean()
    return grooves * (amount / (grooves.std() + 1e-6))


def _lit_from_above(height: Floats, unit: float) -> Floats:
    """Shading of a relief by light from the upper left, spread about 1."""
    slope = cv2.Sobel(height, cv2.CV_32F, 1, 0) + cv2.Sobel(height, cv2.CV_32F, 0, 1)
    return np.clip(-slope / (slope.std() + 1e-6), -2.5, 2.5)


def canvas_grain(
    picture: Picture, sitting: Sitting, rng: np.random.Generator, amount: float
) -> Picture:
    """The weave of the canvas shows through a little."""
    y, x = np.mgrid[: sitting.height, : sitting.width].astype(np.float32)
    pitch = np.float32(2 * np.pi / (4.2 * max(sitting.unit, 0.6)))
    weave = np.sin(x * pitch) * np.sin(y * pitch)
    weave += rng.random((sitting.height, sitting.width), dtype=np.float32) - 0.5
    return picture * (1 + amount * weave)[..., None]


STYLES = (
    Style("Oil painting", ("oil painting", "oil on canvas", "painting", "painterly"), oil_painting),
    Style("Impasto", ("impasto", "van gogh", "post-impressionist", "starry night"), impasto),
    Style("Digital Art", ("digital art", "digital painting", "concept art"), digital_art),
)
