"""How large a picture becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DEFAULT_SIZE = (1024, 1280)
#: Sizes derived from a ratio keep about the default's number of px.
_AREA = DEFAULT_SIZE[0] * DEFAULT_SIZE[1]
_STEP = 8
_LEGACY_RATIOS = {"portrait": (4, 5), "landscape": (5, 4)}
#: Factor on both sides for each `resolution`; 4K is beyond what the photos can carry.
_RESOLUTIONS = {"1K": 1.0, "2K": 1.5, "4K": 1.5}
_LONGEST_SIDE = 2048
ENLARGEMENT = 4


def base_size(parameters: Mapping[str, Any]) -> tuple[int, int]:
    """Width and height in px at which the picture is composed, multiples of 8.

    `w` and `h` win over `aspect_ratio` over `ar`; a lone `w` or `h` takes the other from the
    ratio, or 4:5.
    """
    ratio = _ratio(parameters)
    width, height = parameters.get("w"), parameters.get("h")
    if width and height:
        return int(width), int(height)
    if width:
        return int(width), _stepped(width * ratio[1] / ratio[0])
    if height:
        return _stepped(height * ratio[0] / ratio[1]), int(height)
    factor = _RESOLUTIONS.get(str(parameters.get("resolution") or "1K"), 1.0)
    ideal = (_AREA * ratio[0] / ratio[1]) ** 0.5 * factor
    shrink = min(1.0, _LONGEST_SIDE / max(ideal, ideal * ratio[1] / ratio[0]))
    width = _stepped(ideal * shrink)
    return width, _stepped(ideal * shrink * ratio[1] / ratio[0])


def output_size(parameters: Mapping[str, Any]) -> tuple[int, int]:
    """Width and height in px of the finished picture."""
    width, height = base_size(parameters)
    if parameters.get("super_resolution"):
        return width * ENLARGEMENT, height * ENLARGEMENT
    return width, height


def _ratio(parameters: Mapping[str, Any]) -> tuple[float, float]:
    text = str(parameters.get("aspect_ratio") or parameters.get("ar") or "4:5")
    if text in _LEGACY_RATIOS:
        return _LEGACY_RATIOS[text]
    width, _, height = text.partition(":")
    return float(width), float(height)


def _stepped(length: float) -> int:
    """The nearest multiple of 8, at least 64."""
    return max(64, round(length / _STEP) * _STEP)
