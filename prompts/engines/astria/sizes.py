"""How large the pictures of a prompt become, as far as that can be told beforehand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

#: A picture without a size has about as many px as this square.
_SIDE = 1024
_UNIT = 8
_LEGACY_RATIOS = {"portrait": "3:4", "landscape": "4:3"}
_RESOLUTIONS = {"1K": 1, "2K": 2, "4K": 4}
_SUPER_RESOLUTION = 4


def output_size(parameters: Mapping[str, Any]) -> tuple[int, int]:
    """Width and height in px; an expectation, for Astria decides."""
    width, height = _base_size(parameters)
    factor = _RESOLUTIONS.get(str(parameters.get("resolution") or ""), 1)
    if parameters.get("super_resolution"):
        factor *= _SUPER_RESOLUTION
    return width * factor, height * factor


def _base_size(parameters: Mapping[str, Any]) -> tuple[int, int]:
    width, height = int(parameters.get("w") or 0), int(parameters.get("h") or 0)
    ratio = _ratio(parameters)
    if width and height:
        return width, height
    if width:
        return width, _rounded(width / ratio)
    if height:
        return _rounded(height * ratio), height
    return _rounded(_SIDE * math.sqrt(ratio)), _rounded(_SIDE / math.sqrt(ratio))


def _ratio(parameters: Mapping[str, Any]) -> float:
    legacy = str(parameters.get("ar") or "1:1")
    words = str(parameters.get("aspect_ratio") or _LEGACY_RATIOS.get(legacy, legacy))
    width, _, height = words.partition(":")
    return int(width) / int(height)


def _rounded(side: float) -> int:
    return max(_UNIT, round(side / _UNIT) * _UNIT)
