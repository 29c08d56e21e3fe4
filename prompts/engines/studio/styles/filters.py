"""Operations that several styles share: flow, edges, flattening, glow."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..arrays import Floats, Mask, Picture, blur, hex_colour, screen, smoothstep


@dataclass(frozen=True)
class Flow:
    """The direction of strokes at every px: unit vectors along edges and how sure they are."""

    x: Floats
    y: Floats
    coherence: Mask

    def resized(self, width: int, height: int) -> Flow:
        size = (width, height)
        x, y, coherence = (
            cv2.resize(field, size, interpolation=cv2.INTER_LINEAR)
            for field in (self.x, self.y, self.coherence)
        )
        length = np.hypot(x, y) + 1e-6
        return Flow(x / length, y / length, coherence)


def flow_of(grey: Mask, sigma: float, drift: Floats | None = None) -> Flow:
    """Edge directions from the smoothed structure tensor (Kang et al. 2009; Kyprianidis 2011).

    `sigma` in px is the smoothing. Where there is no edge the angles `drift` (h, w) take over.
    """
    gx, gy = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    xx, xy, yy = (cv2.GaussianBlur(p, (0, 0), sigma) for p in (gx * gx, gx * gy, gy * gy))
    # Double-angle form: the edge's direction is the gradient's turned by 90 degrees.
    cos2, sin2 = yy - xx, -2 * xy
    strength = np.hypot(cos2, sin2)
    coherence = strength / (xx + yy + 1e-5)
    if drift is not None:
        weight = 0.03 * np.clip(1.2 - coherence, 0, 1)
        cos2, sin2 = cos2 + weight * np.cos(2 * drift), sin2 + weight * np.sin(2 * drift)
    angle = 0.5 * np.arctan2(sin2, cos2)
    return Flow(np.cos(angle), np.sin(angle), coherence)


def smooth_along(x: Floats, flow: Flow, length: int, step: float = 1.0) -> Floats:
    """Averages along the flow over 2·`length`+1 samples, `step` px apart (line integral
    convolution, Cabral & Leedom 1993, with straight tracks)."""
    h, w = x.shape[:2]
    columns, rows = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    total = x.copy()
    for i in range(1, length + 1):
        for way in (i * step, -i * step):
            total += cv2.remap(
                x,
                columns + flow.x * np.float32(way),
                rows + flow.y * np.float32(way),
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REFLECT,
            )
    return total / np.float32(2 * length + 1)


def kuwahara(picture: Picture, radius: float) -> Picture:
    """Generalised Kuwahara filter with eight Gaussian sectors (Papari et al. 2007).

    Each px takes the colour of the smoothest of eight neighbourhoods `radius` px away: flat
    patches with crisp borders.
    """
    h, w = picture.shape[:2]
    sigma = max(0.4, 0.55 * radius)
    mean = cv2.GaussianBlur(picture, (0, 0), sigma)
    square = cv2.GaussianBlur(picture * picture, (0, 0), sigma)
    spread = np.maximum(square - mean * mean, 0).sum(axis=2)
    total = np.zeros_like(picture)
    weights = np.full((h, w), 1e-7, np.float32)
    for turn in np.arange(8) * (np.pi / 4):
        shift = np.array(
            [[1, 0, -radius * np.cos(turn)], [0, 1, -radius * np.sin(turn)]], np.float32
        )
        side = cv2.warpAffine(mean, shift, (w, h), borderMode=cv2.BORDER_REPLICATE)
        rough = cv2.warpAffine(spread, shift, (w, h), borderMode=cv2.BORDER_REPLICATE)
        weight = 1 / (1 + np.square(np.square(rough * 1020)))
        total += side * weight[..., None]
        weights += weight
    return total / weights[..., None]


def coarse_kuwahara(picture: Picture, radius: float) -> Picture:
    """`kuwahara` at half size, for what is painted over anyway."""
    h, w = picture.shape[:2]
    small = cv2.resize(picture, (max(1, w // 2), max(1, h // 2)), interpolation=cv2.INTER_AREA)
    return cv2.resize(kuwahara(small, radius / 2), (w, h), interpolation=cv2.INTER_LINEAR)


def flatten(picture: Picture, unit: float, rounds: int = 3, contrast: float = 28) -> Picture:
    """Bilateral filtering at half size: texture goes, edges stay. `contrast` in 8-bit levels."""
    h, w = picture.shape[:2]
    small = cv2.resize(picture, (max(1, w // 2), max(1, h // 2)), interpolation=cv2.INTER_AREA)
    pixels = cv2.convertScaleAbs(np.clip(small, 0, 1), alpha=255)
    for _ in range(rounds):
        pixels = cv2.bilateralFilter(pixels, 9, contrast, max(1.0, 4.0 * unit))
    large = cv2.resize(pixels, (w, h), interpolation=cv2.INTER_LINEAR)
    # The filter leaves edges one small px wide: rounded, their stairs do not show.
    smooth = cv2.GaussianBlur(large, (0, 0), max(0.5, 1.1 * unit))
    return np.multiply(smooth, np.float32(1 / 255), dtype=np.float32)


def ink_lines(
    grey: Mask, flow: Flow, sigma: float, *, gain: float, threshold: float, length: int = 3
) -> Mask:
    """Ink 0–1 where `grey` is a dark line or the dark side of an edge.

    A difference of Gaussians on logarithmic tones, so that a black suit shows its folds and is
    not one black edge, made coherent by smoothing along the flow (FDoG, Kang et al. 2007).
    """
    tones = np.log1p(9 * np.clip(grey, 0, 1)) * np.float32(1 / np.log(10))
    difference = cv2.GaussianBlur(tones, (0, 0), 1.6 * sigma) - cv2.GaussianBlur(
        tones, (0, 0), sigma
    )
    along = smooth_along(difference, flow, length, max(1.0, 0.8 * sigma))
    return np.tanh(gain * np.maximum(along - threshold, 0))


def even_tones(grey: Mask, sigma: float, floor: float = 0.05) -> Mask:
    """Local contrast normalised: every neighbourhood of `sigma` px around 0.5, spread alike."""
    mean = blur(grey, sigma)
    spread = np.sqrt(np.maximum(blur(np.square(grey - mean), sigma), 0))
    return np.clip(0.5 + 0.22 * (grey - mean) / (spread + floor), 0, 1)


def posterise(picture: Picture, levels: int, softness: float = 0.3) -> Picture:
    """Quantises lightness to `levels` with soft steps; hue and chroma stay."""
    lab = cv2.cvtColor(np.clip(picture, 0, 1), cv2.COLOR_BGR2Lab)
    scaled = lab[..., 0] * np.float32(levels / 100)
    whole = np.floor(scaled)
    step = smoothstep(0.5 - softness / 2, 0.5 + softness / 2, scaled - whole)
    lab[..., 0] = np.clip((whole + step) / levels, 0, 1) * 100
    return np.clip(cv2.cvtColor(lab, cv2.COLOR_Lab2BGR), 0, 1)


def gradient_map(tones: Mask, stops: tuple[tuple[float, str], ...]) -> Picture:
    """Colours by tone: stops of (tone, '#rrggbb'), linear between."""
    places = [place for place, _ in stops]
    colours = np.array([hex_colour(code) for _, code in stops])
    steps = np.linspace(0, 1, 1024)
    table = np.stack([np.interp(steps, places, colours[:, i]) for i in range(3)], axis=1)
    # Looking the colours up by remap interpolates and uses every core.
    columns = np.clip(tones, 0, 1) * np.float32(1023)
    return cv2.remap(
        table[None].astype(np.float32), columns, np.zeros_like(columns), cv2.INTER_LINEAR
    )


def glow(picture: Picture, above: float, sigma: float, gain: float) -> Picture:
    """Lets what is brighter than `above` shine over its surroundings of `sigma` px."""
    return screen(picture, gain * blur(np.clip(picture - above, 0, 1), sigma))


def crisp(picture: Picture, sigma: float, gain: float) -> Picture:
    """Unsharp masking."""
    return picture + gain * (picture - blur(picture, sigma))


def blended(a: Picture, b: Picture, share: Mask) -> Picture:
    """`a` where `share` is 0, `b` where it is 1."""
    return a + share[..., None] * (b - a)
