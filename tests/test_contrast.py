"""WCAG 2.2 contrast of the colour tokens, in the light and in the dark."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parent.parent / "static" / "css" / "tokens.css"
OKLCH = re.compile(r"oklch\(([\d.]+)%\s+([\d.]+)\s+([\d.]+)\)")

SURFACES = ("paper", "raised", "wall")
TEXT = 4.5
CONTROL = 3.0


def _linear_rgb(lightness: float, chroma: float, hue: float) -> tuple[float, ...]:
    """OKLCH to linear sRGB, clipped to the gamut (Björn Ottosson, https://bottosson.github.io)."""
    a, b = (
        chroma * math.cos(math.radians(hue)),
        chroma * math.sin(math.radians(hue)),
    )
    l_ = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    m_ = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s_ = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    rgb = (
        4.0767416621 * l_ - 3.3077115913 * m_ + 0.2309699292 * s_,
        -1.2684380046 * l_ + 2.6097574011 * m_ - 0.3413193965 * s_,
        -0.0041960863 * l_ - 0.7034186147 * m_ + 1.7076147010 * s_,
    )
    return tuple(min(1.0, max(0.0, channel)) for channel in rgb)


def _luminance(color: str) -> float:
    match = OKLCH.fullmatch(color)
    assert match, color
    lightness, chroma, hue = (float(group) for group in match.groups())
    red, green, blue = _linear_rgb(lightness / 100, chroma, hue)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _tokens(mode: int) -> dict[str, float]:
    """Luminance of each opaque colour token; `mode` 0 is light, 1 is dark."""
    found = {}
    for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", TOKENS.read_text()):
        colors = OKLCH.findall(value)
        if value.startswith(("light-dark(", "oklch(")) and "/" not in value and colors:
            lightness, chroma, hue = colors[mode if len(colors) == 2 else 0]
            found[name] = _luminance(f"oklch({lightness}% {chroma} {hue})")
    return found


def contrast(one: float, other: float) -> float:
    """WCAG contrast ratio of two luminances, 1 to 21."""
    high, low = max(one, other), min(one, other)
    return (high + 0.05) / (low + 0.05)


def test_the_arithmetic_knows_black_on_white() -> None:
    black, white = _luminance("oklch(0% 0 0)"), _luminance("oklch(100% 0 0)")
    assert contrast(black, white) == pytest.approx(21, abs=0.01)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("text", ["ink", "muted", "accent-ink", "good", "bad"])
def test_text_can_be_read_on_every_surface(text: str, surface: str, mode: int) -> None:
    tokens = _tokens(mode)
    assert contrast(tokens[text], tokens[surface]) >= TEXT


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("on-accent", "accent"),
        ("on-accent", "accent-hover"),
        ("accent-ink", "accent-soft"),
        ("ink", "accent-soft"),
        ("muted", "accent-soft"),
        ("good", "good-soft"),
        ("bad", "bad-soft"),
        ("ink", "bad-soft"),
        ("paper", "bad"),
        ("paper", "ink"),
    ],
)
def test_text_can_be_read_on_its_own_ground(text: str, surface: str, mode: int) -> None:
    tokens = _tokens(mode)
    assert contrast(tokens[text], tokens[surface]) >= TEXT


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("control", ["edge", "focus"])
def test_controls_and_focus_stand_out(control: str, surface: str, mode: int) -> None:
    tokens = _tokens(mode)
    assert contrast(tokens[control], tokens[surface]) >= CONTROL
