"""Styles that add what no camera saw: neon tubes, magic."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..arrays import (
    Mask,
    Picture,
    blur,
    curve,
    grid,
    hex_colour,
    luminance,
    noise,
    resize,
    saturate,
    screen,
    smoothstep,
)
from ..figure import Figure
from .filters import blended, flatten, flow_of, glow, gradient_map, ink_lines
from .painted import digital_base
from .style import Sitting, Style

MAGENTA = ((0.0, "06021a"), (0.28, "2b0a5e"), (0.52, "a3188f"), (0.74, "ff5fa8"), (1.0, "ffe9f7"))
CYAN = ((0.0, "03061c"), (0.28, "08306b"), (0.52, "0a86b8"), (0.74, "38e0ee"), (1.0, "effeff"))
TUBES = ("ff3df0", "35f3ff", "ff8a3d", "8d6bff")


@dataclass(frozen=True)
class Palette:
    """The colours of an enchantment, from the darkest to the brightest, and its second hue."""

    night: str
    dusk: str
    glow: str
    light: str
    accent: str


PALETTES = (
    Palette("040a1c", "14406e", "46b8e8", "ffe6ae", "ffc861"),
    Palette("0b0620", "43207a", "b070ff", "ffd9f2", "ff8fc8"),
    Palette("03120f", "0f4f45", "4fe0a8", "f6ffc8", "ffd76a"),
)


def neonpunk(picture: Picture, sitting: Sitting, rng: np.random.Generator) -> Picture:
    """Night lit by signs: magenta from one side, cyan from the other, a neon tube behind."""
    unit = sitting.unit
    tones = _lifted(luminance(picture), sitting)
    side = _lit_side(sitting)
    lit = blended(gradient_map(tones, MAGENTA), gradient_map(tones, CYAN), side)
    skin = sitting.matte * (0.30 + 0.16 * sitting.face)
    mixed = blended(0.82 * lit + 0.18 * picture, picture, skin)
    mixed = blended(mixed, 0.62 * lit + 0.38 * mixed, sitting.matte)
    mixed *= (0.62 + 0.38 * sitting.matte)[..., None]
    mixed = screen(mixed, _tube(sitting, rng) * (1 - sitting.matte)[..., None])
    smooth = luminance(flatten(picture, unit, 2))
    flow = flow_of(blur(smooth, unit), 3 * unit)
    ink = ink_lines(smooth, flow, 1.5 * unit, gain=40, threshold=0.012)
    ink = np.maximum(ink * sitting.matte * (1 - sitting.face), _edge(sitting.matte, 2.2 * unit))
    shine = 0.5 * ink + 0.6 * blur(ink, 3 * unit) + 0.9 * blur(ink, 12 * unit)
    tint = blended(
        np.broadcast_to(hex_colour(TUBES[0]), picture.shape), hex_colour(TUBES[1])[None, None], side
    )
    mixed = screen(mixed, 0.75 * shine[..., None] * tint)
    return glow(np.clip(mixed, 0, 1), 0.55, 18 * unit, 0.8)


def _lifted(tones: Mask, sitting: Sitting) -> Mask:
    """Tones with contrast, bent so that the face, dark or light, lies where the colours glow."""
    seen = sitting.face > 0.8
    middle = float(np.median(tones[seen])) if seen.any() else 0.5
    bend = float(np.clip(np.log(0.56) / np.log(np.clip(middle, 0.05, 0.95)), 0.55, 1.35))
    return curve(np.clip(tones, 0, 1) ** bend, [(0, 0), (0.3, 0.2), (0.7, 0.76), (1, 1)])


def _lit_side(sitting: Sitting) -> Mask:
    """0 where the magenta sign lights the picture, 1 where the cyan one does."""
    place = sitting.across - 0.5
    normals = sitting.normals()
    if normals is not None:
        place = place + 0.5 * blur(np.ascontiguousarray(normals[..., 0]), 12 * sitting.unit)
    on_person = smoothstep(-0.3, 0.3, place)
    return sitting.matte * on_person + (1 - sitting.matte) * smoothstep(
        -0.3, 0.3, sitting.across - 0.5
    )


def _edge(matte: Mask, width: float) -> Mask:
    """A thin line along the silhouette."""
    soft = blur(matte, width)
    return 4 * soft * (1 - soft) * smoothstep(0.2, 0.8, 4 * soft * (1 - soft))


def _tube(sitting: Sitting, rng: np.random.Generator) -> Picture:
    """A neon sign: a ring, a triangle or bars around the head, its glow on the wall."""
    h, w, unit = sitting.height, sitting.width, sitting.unit
    centre, radius = (0.5 * w, 0.38 * h), 0.3 * min(w, h)
    if sitting.figure is not None:
        eyes = sitting.figure.landmarks[[33, 263], :2].mean(axis=0)
        centre = (float(eyes[0]), float(eyes[1]))
        radius = 1.15 * sitting.figure.face_height
    colour = hex_colour(TUBES[rng.integers(len(TUBES))])
    lines = np.zeros((h, w), np.float32)
    thick = max(1, round(7 * unit))
    shape = rng.integers(3)
    if shape == 0:
        cv2.circle(lines, (round(centre[0]), round(centre[1])), round(radius), 1.0, thick)
    elif shape == 1:
        turns = np.radians([-90, 30, 150])
        corners = np.stack([np.cos(turns), np.sin(turns)], axis=1) * radius * 1.45 + centre
        cv2.polylines(lines, [np.round(corners).astype(np.int32)], True, 1.0, thick)
    else:
        for offset in (-1.5, -1.2, 1.2, 1.5):
            x = round(centre[0] + offset * radius)
            tall = (1.1 + 0.3 * rng.random()) * radius
            top, foot = round(centre[1] - tall), round(centre[1] + tall)
            cv2.line(lines, (x, top), (x, foot), 1.0, thick)
    lines = blur(lines, 1.2 * unit)
    halo = 1.1 * blur(lines, 14 * unit) + 1.6 * blur(lines, 60 * unit)
    core = blur(lines, 1.5 * unit)
    return np.clip(halo[..., None] * colour + 0.9 * core[..., None] * (0.4 + 0.6 * colour), 0, 1)


def fantasy_art(picture: Picture, sitting: Sitting, rng: np.random.Generator) -> Picture:
    """An enchanted twilight: ribbons and rays of light in one palette, motes around the person."""
    magic = PALETTES[rng.integers(len(PALETTES))]
    art = saturate(digital_base(picture, sitting), 1.22)
    tone = luminance(art)
    dusk = gradient_map(0.85 * tone**1.5, ((0, magic.night), (0.45, magic.dusk), (1, magic.light)))
    person = art * (0.92 - 0.25 * _shaded_side(sitting))[..., None]
    person = person + np.square(1 - tone)[..., None] * (0.35 * hex_colour(magic.dusk))
    art = blended(0.85 * dusk + 0.1 * art, person, sitting.matte)
    small = _reduced(sitting)
    rays = _rays(small, magic, rng)
    behind = rays + _ribbons(small, magic, rng) + _moon(small, magic)
    behind += _motes(small, rng, magic, 70, (0.8, 2.2))
    before = 0.25 * rays + _rim_of_magic(small, magic)
    before += _motes(small, rng, magic, 24, (2.0, 5.0)) * (1 - 0.9 * small.face)[..., None]
    before += _mist(small, magic, rng)
    lights = before + behind * (1 - small.matte)[..., None]
    lights = cv2.resize(lights, (sitting.width, sitting.height), interpolation=cv2.INTER_LINEAR)
    lit = screen(np.clip(art, 0, 1), lights)
    lit = curve(lit, [(0, 0), (0.2, 0.14), (0.55, 0.56), (0.85, 0.91), (1, 1)])
    return glow(lit, 0.72, 16 * sitting.unit, 0.4)


def _reduced(sitting: Sitting) -> Sitting:
    """The sitting at half size: light in the air has no sharp edges."""
    h, w = max(8, sitting.height // 2), max(8, sitting.width // 2)
    figure = sitting.figure
    if figure is not None:
        scale = np.array([w / sitting.width, h / sitting.height, w / sitting.width], np.float32)
        figure = Figure(
            foreground=resize(figure.foreground, w, h),
            matte=resize(figure.matte, w, h),
            face=resize(figure.face, w, h),
            landmarks=figure.landmarks * scale,
            face_height=figure.face_height * float(scale[1]),
        )
    return Sitting(h, w, figure)


def _shaded_side(sitting: Sitting) -> Mask:
    """1 on the side of the person that turns away from the moonlight, 0 on the other."""
    normals = sitting.normals()
    if normals is None:
        return smoothstep(0.3, 0.9, sitting.across)
    return smoothstep(-0.1, 0.7, blur(np.ascontiguousarray(normals[..., 0]), 8 * sitting.unit))


def _ribbons(sitting: Sitting, magic: Palette, rng: np.random.Generator) -> Picture:
    """Curtains of light that hang across the sky and fade downwards."""
    h, w = sitting.height, sitting.width
    x, y = grid(h, w)
    total = np.zeros((h, w, 3), np.float32)
    folds = noise(1, 512, 22, rng, 3)[0]
    for code in (magic.glow, magic.accent):
        phase, slope = rng.uniform(0, 6.3), rng.uniform(-0.35, 0.35)
        crest = 0.26 + 0.12 * np.sin(x * rng.uniform(3, 7) + phase) + slope * (x - 0.5)
        below = y - crest
        curtain = np.where(below < 0, np.exp(below * 26), np.exp(-below * 5))
        pleats = folds[(np.clip(x + 0.05 * np.sin(y * 9 + phase), 0, 1) * 511).astype(np.int64)]
        total += (0.5 * curtain * smoothstep(0.25, 0.75, pleats))[..., None] * hex_colour(code)
    return total


def _moon(sitting: Sitting, magic: Palette) -> Picture:
    """A glow behind the head that lifts it off the night."""
    x, y, size = 0.5 * sitting.width, 0.36 * sitting.height, 0.22 * sitting.height
    if sitting.figure is not None:
        x, y = (float(v) for v in sitting.figure.landmarks[10, :2])
        size = sitting.figure.face_height
    columns = np.arange(sitting.width, dtype=np.float32)[None, :] - np.float32(x)
    rows = np.arange(sitting.height, dtype=np.float32)[:, None] - np.float32(y)
    distance = np.hypot(columns, rows) / np.float32(size)
    return (0.5 * np.exp(-np.square(distance / 1.25)))[..., None] * hex_colour(magic.light)


def _rim_of_magic(sitting: Sitting, magic: Palette) -> Picture:
    """Light that grazes the person's outline, of one colour on each side."""
    soft = blur(sitting.matte, 10 * sitting.unit)
    inner = np.square(np.clip(1.25 * (1 - soft), 0, 1)) * sitting.matte
    side = smoothstep(0.35, 0.65, sitting.across)[..., None]
    one, other = hex_colour(magic.glow), hex_colour(magic.accent)
    return (1.9 * inner)[..., None] * (one + side * (other - one))


def _rays(sitting: Sitting, magic: Palette, rng: np.random.Generator) -> Picture:
    """Shafts of light that fan out from above the picture."""
    x, y = grid(sitting.height, sitting.width)
    angle = np.arctan2(x - np.float32(rng.uniform(0.15, 0.85)), y + np.float32(0.18))
    profile = np.convolve(rng.random(220), np.hanning(13) / 6, "same")
    beams = np.interp(angle, np.linspace(-1.6, 1.6, 220), profile).astype(np.float32)
    shafts = smoothstep(0.5, 0.85, beams) * np.power(np.clip(1 - y, 0, 1), np.float32(1.5))
    return (0.3 * shafts)[..., None] * hex_colour(magic.light)


def _motes(
    sitting: Sitting,
    rng: np.random.Generator,
    magic: Palette,
    count: int,
    sizes: tuple[float, float],
) -> Picture:
    """Floating lights with a halo, most along a spiral that rises around the person."""
    h, w, unit = sitting.height, sitting.width, sitting.unit
    turns = rng.uniform(0, 4 * np.pi, count)
    free = rng.random(count) < 0.35
    x = np.where(free, rng.random(count), 0.5 + 0.42 * np.cos(turns) * rng.uniform(0.8, 1.2, count))
    y = np.where(free, rng.random(count), 1.02 - turns / (4 * np.pi) + rng.normal(0, 0.03, count))
    radii = np.maximum(0.6, rng.uniform(*sizes, count) * 2 * unit)
    layer = np.zeros((h, w, 3), np.float32)
    for px, py, radius in np.stack([x * w, y * h, radii], axis=1).tolist():
        code = (magic.light, magic.glow, magic.accent)[rng.integers(3)]
        colour = hex_colour(code) * np.float32(rng.uniform(0.7, 1.6))
        centre = (round(px * 8), round(py * 8))
        cv2.circle(layer, centre, round(radius * 8), colour.tolist(), -1, cv2.LINE_8, 3)
    core = blur(layer, max(0.7, 0.7 * sizes[0] * unit))
    return core + 4.0 * blur(layer, 5 * sizes[1] * unit)


def _mist(sitting: Sitting, magic: Palette, rng: np.random.Generator) -> Picture:
    """Ground fog that rises over the lower edge of the picture."""
    h, w = sitting.height, sitting.width
    cloud = noise(h, w, 0.3 * w, rng, 4)
    height = np.linspace(0, 1, h, dtype=np.float32)[:, None]
    fog = smoothstep(0.78, 1.2, height + 0.4 * (cloud - 0.5))
    return (0.55 * fog)[..., None] * hex_colour(magic.glow)


STYLES = (
    Style("Neonpunk", ("neonpunk", "neon punk", "cyberpunk", "synthwave"), neonpunk),
    Style("Fantasy art", ("fantasy art", "fantasy", "fairy tale", "magical"), fantasy_art),
)
