"""Styles with lines: ink drawing, comic book, animation."""

from __future__ import annotations

import cv2
import numpy as np

from ..arrays import Floats, Mask, Picture, blur, curve, luminance, saturate, smoothstep
from .filters import blended, even_tones, flatten, flow_of, ink_lines, kuwahara, posterise
from .style import Sitting, Style

PAPER = np.array([0.965, 0.978, 0.984], np.float32)
INK = np.array([0.16, 0.12, 0.11], np.float32)


def line_art(picture: Picture, sitting: Sitting, rng: np.random.Generator) -> Picture:
    """Pen on paper: contours and folds as lines of varying weight, shadows lightly hatched."""
    unit = sitting.pen
    smooth = flatten(picture, unit, 2, 22)
    grey = luminance(smooth)
    flow = flow_of(blur(grey, unit), 3.5 * unit)
    even = even_tones(grey, 26 * unit, floor=0.035)
    broad = ink_lines(even, flow, 3.6 * unit, gain=20, threshold=0.012, length=5)
    bold = ink_lines(even, flow, 2.0 * unit, gain=26, threshold=0.009, length=4)
    fine = ink_lines(even, flow, 1.1 * unit, gain=24, threshold=0.009)
    ink = np.maximum(np.maximum(0.92 * bold, 0.8 * broad), 0.75 * fine)
    gentle = even_tones(grey, 34 * unit, floor=0.09)
    skin = np.maximum(
        ink_lines(gentle, flow, 2.6 * unit, gain=24, threshold=0.010, length=5),
        ink_lines(grey, flow, 1.6 * unit, gain=55, threshold=0.008, length=4),
    )
    ink += sitting.face * (0.8 * skin - ink)
    ink = np.maximum(ink, sitting.features * _features(picture, sitting))
    ink = np.maximum(smoothstep(0.06, 0.72, ink), _hatching(grey, sitting, rng))
    if sitting.figure is not None:
        ink *= smoothstep(0.35, 0.65, sitting.matte)
    ink = np.maximum(ink, smoothstep(0.15, 0.85, _outline(sitting.matte, 2.2 * unit)))
    return PAPER + ink[..., None] * (INK - PAPER)


def _features(picture: Picture, sitting: Sitting) -> Mask:
    """Eyes, brows and mouth: lines, and ink where they are dark against the skin around."""
    unit, grey = sitting.pen, luminance(picture)
    flow = flow_of(blur(grey, unit), 2 * unit)
    lines = ink_lines(grey, flow, 1.1 * unit, gain=60, threshold=0.005, length=2)
    skin = blur(grey, 30 * unit)
    dark = smoothstep(0.72, 0.38, blur(grey, 1.2 * unit) / (skin + 0.05))
    return np.maximum(lines, 0.9 * dark)


def _outline(matte: Mask, width: float) -> Mask:
    """A line along the silhouette."""
    soft = blur(matte, width)
    return np.clip(1 - np.abs(soft - 0.5) * 3.2, 0, 1) * smoothstep(0.02, 0.12, soft * (1 - soft))


def _hatching(grey: Mask, sitting: Sitting, rng: np.random.Generator) -> Mask:
    """Diagonal pen strokes whose weight follows the shadow; crossed where it is deep."""
    unit = sitting.pen
    shadow = 1 - smoothstep(0.03, 0.36, blur(grey, 5 * unit))
    shadow = shadow * (1 - 0.5 * sitting.face)
    wobble = cv2.resize(
        rng.random((24, 24), dtype=np.float32), (sitting.width, sitting.height),
        interpolation=cv2.INTER_CUBIC,
    )  # fmt: skip
    y, x = np.mgrid[: sitting.height, : sitting.width].astype(np.float32)
    ink = np.zeros_like(grey)
    for turn, start in ((0.9, 0.0), (-0.45, 0.7)):
        along = (x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn))) / (8.5 * unit)
        wave = 0.5 + 0.5 * np.cos(2 * np.pi * along + 3.5 * wobble)
        weight = np.clip((shadow - start) / (1 - start), 0, 1)
        ink = np.maximum(
            ink, smoothstep(1 - 0.42 * weight, 1.12 - 0.35 * weight, wave) * (weight > 0)
        )
    return 0.5 * ink


def comic_book(picture: Picture, sitting: Sitting, rng: np.random.Generator) -> Picture:
    """Flat bright inks, bold contours, printed dots in the half-tones."""
    unit = sitting.pen
    flat = flatten(picture, unit, 3)
    grey = luminance(flat)
    flow = flow_of(blur(grey, unit), 3 * unit)
    colours = saturate(posterise(flat, 6), 1.6)
    colours = curve(colours, [(0, 0.02), (0.4, 0.44), (0.7, 0.84), (1, 1)])
    ink = ink_lines(grey, flow, 1.9 * unit, gain=62, threshold=0.009, length=4)
    features = ink_lines(luminance(picture), flow, 1.3 * unit, gain=60, threshold=0.007, length=2)
    ink = np.maximum(ink, features * sitting.features)
    ink = np.maximum(ink, 0.95 * _outline(sitting.matte, 2.0 * unit))
    black = 1 - smoothstep(0.02, 0.12, blur(grey, 1.5 * unit))
    ink = np.maximum(smoothstep(0.08, 0.7, ink), 0.55 * black)
    tone = luminance(colours)
    colours = colours * (1 - 0.26 * _dots(tone, 9 * unit))[..., None]
    return colours * (1 - ink)[..., None] + ink[..., None] * np.float32(0.045)


def _dots(tone: Mask, pitch: float) -> Mask:
    """A halftone screen at 45 degrees: dots grow as the tone darkens."""
    h, w = tone.shape
    y, x = np.mgrid[:h, :w].astype(np.float32)
    u, v = (x + y) * np.float32(0.7071 / pitch), (x - y) * np.float32(0.7071 / pitch)
    distance = np.hypot(u - np.round(u), v - np.round(v))
    radius = np.sqrt(np.clip(0.66 - tone, 0, 0.66)) * np.float32(0.66)
    return smoothstep(0.07, -0.07, distance - radius)


def animated(picture: Picture, sitting: Sitting, rng: np.random.Generator) -> Picture:
    """A frame of an animated film: smooth skin, clean steps of light, thin tinted contours."""
    unit = sitting.pen
    smooth = flatten(picture, unit, 4, 32)
    background = kuwahara(picture, 6 * unit)
    figure = 0.5 * posterise(smooth, 7, 0.45) + 0.5 * smooth
    figure = blended(figure, 0.6 * picture + 0.4 * smooth, 0.55 * sitting.features)
    toon = blended(background, figure, sitting.matte) if sitting.figure else figure
    toon = saturate(curve(toon, [(0, 0.03), (0.3, 0.35), (0.65, 0.75), (1, 1)]), 1.34)
    flow = flow_of(blur(luminance(smooth), unit), 3 * unit)
    ink = 0.7 * ink_lines(luminance(smooth), flow, 1.3 * unit, gain=46, threshold=0.010)
    ink = np.maximum(ink, 0.6 * _outline(sitting.matte, 1.3 * unit))
    if sitting.figure is not None:
        ink = ink * (0.15 + 0.85 * sitting.matte)
    contour = _darker_neighbour(toon, unit)
    inked = blended(toon, contour, np.clip(ink, 0, 1))
    light = blur(np.clip(inked - 0.62, 0, 1), 12 * unit)
    return 1 - (1 - np.clip(inked, 0, 1)) * (1 - 0.35 * np.clip(light, 0, 1))


def _darker_neighbour(picture: Picture, unit: float) -> Floats:
    """What a contour is drawn in: the local colour, deep and saturated."""
    return saturate(np.clip(0.34 * blur(picture, 3 * unit), 0, 1), 1.5)


STYLES = (
    Style(
        "Line art", ("line art", "line drawing", "ink drawing", "sketch", "pen and ink"), line_art
    ),
    Style("Comic book", ("comic book", "comic", "graphic novel", "pop art"), comic_book),
    Style("Animated", ("animated", "animation", "anime", "cartoon", "pixar"), animated),
)
