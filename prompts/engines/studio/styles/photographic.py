"""Styles that stay photographs."""

from __future__ import annotations

import cv2
import numpy as np

from ..arrays import Picture, blur, curve, grid, luminance, resize, saturate, screen, smoothstep
from .filters import crisp, glow
from .style import Sitting, Style


def photographic(picture: Picture, sitting: Sitting, rng: np.random.Generator) -> Picture:
    """A good lens: a breath of micro-contrast and halation, nothing that shows."""
    return glow(crisp(picture, 1.2 * sitting.unit, 0.18), 0.82, 9 * sitting.unit, 0.12)


def enhance(picture: Picture, sitting: Sitting, rng: np.random.Generator) -> Picture:
    """Clarity and sharpness where there is structure; noise and smooth skin are left alone."""
    unit = sitting.unit
    fine = picture - blur(picture, 1.3 * unit)
    structure = blur(np.abs(luminance(fine)), 2.5 * unit)
    gate = smoothstep(0.003, 0.02, structure)[..., None]
    clarity = picture - blur(picture, 28 * unit)
    # Across the outline clarity would draw a halo around the person.
    outline = np.abs(sitting.matte - blur(sitting.matte, 28 * unit))
    calm = ((1 - 0.55 * sitting.face) * np.clip(1 - 3 * outline, 0, 1))[..., None]
    better = picture + 0.3 * calm * clarity + (0.85 - 0.4 * sitting.face)[..., None] * gate * fine
    better = curve(np.clip(better, 0, 1), [(0, 0), (0.22, 0.2), (0.6, 0.625), (1, 1)])
    # Vibrance: what is dull gains more than what is vivid already.
    vivid = better.max(axis=2) - better.min(axis=2)
    lively = saturate(better, 1.24)
    return better + (1 - smoothstep(0.15, 0.6, vivid))[..., None] * (lively - better)


def cinematic(picture: Picture, sitting: Sitting, rng: np.random.Generator) -> Picture:
    """Teal shadows and warm skin, lifted blacks, halation, a streak from bright lights."""
    toned = curve(picture, [(0, 0.02), (0.2, 0.15), (0.5, 0.49), (0.8, 0.84), (1, 0.97)])
    tone = luminance(toned)[..., None]
    cold, warm = (
        np.array([0.055, 0.02, -0.04], np.float32),
        np.array([-0.05, -0.004, 0.04], np.float32),
    )
    toned = toned + np.square(1 - tone) * cold + tone**1.5 * warm
    toned = np.clip(toned, 0, 1)
    halo = blur(np.clip(toned - 0.7, 0, 1), 0.02 * sitting.width)
    toned = screen(toned, halo * np.array([0.35, 0.45, 0.7], np.float32))
    toned = screen(toned, _streaks(picture, sitting))
    x, y = grid(sitting.height, sitting.width)
    corner = smoothstep(0.4, 1.0, np.hypot(x - 0.5, y - 0.47) * np.float32(1.35))
    return toned * (1 - 0.36 * corner)[..., None]


def _streaks(picture: Picture, sitting: Sitting) -> Picture:
    """The horizontal blue flares of an anamorphic lens on lights behind the person."""
    w, h = max(8, sitting.width // 4), max(8, sitting.height // 4)
    behind = picture * (1 - sitting.matte)[..., None]
    small = resize(behind, w, h)
    lights = np.clip(small - 0.86, 0, 1) * 3
    wide = cv2.GaussianBlur(lights, (0, 0), sigmaX=0.12 * w, sigmaY=max(0.4, 0.0015 * h))
    return resize(wide, sitting.width, sitting.height) * np.array([0.9, 0.6, 0.35], np.float32)


STYLES = (
    Style("Photographic", ("photographic", "photo", "photograph", "photorealistic"), photographic),
    Style("Enhance", ("enhance", "enhanced", "highly detailed", "sharp focus"), enhance),
    Style("Cinematic", ("cinematic", "film still", "movie still"), cinematic),
)
