"""Looking at what came of a picture, or at why nothing did."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from prompts.imaging import (
    RefusedImage,
    clean_photo,
)

CORNERS = ("top left", "top right", "bottom left", "bottom right")


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def corner_colors(data: bytes) -> dict[str, tuple[int, ...]]:
    picture = opened(data).convert("RGB")
    right, bottom = picture.width * 3 // 4, picture.height * 3 // 4
    left, top = picture.width // 4, picture.height // 4
    places = ((left, top), (right, top), (left, bottom), (right, bottom))
    return {name: picture.getpixel(xy) for name, xy in zip(CORNERS, places, strict=True)}


def assert_corners(data: bytes, *expected: tuple[int, ...], tolerance: int = 6) -> None:
    colors = corner_colors(data)
    for name, color in zip(CORNERS, expected, strict=True):
        assert colors[name] == pytest.approx(color, abs=tolerance), name


def refusal(data: bytes) -> RefusedImage:
    with pytest.raises(RefusedImage) as caught:
        clean_photo(data, name="photo.jpg")
    return caught.value
