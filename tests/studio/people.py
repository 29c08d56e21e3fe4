"""Helpers of the studio tests: the sample person, a cache in memory, requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from prompts.engines.base import (
    MemoryCache,
    Picture,
    PromptRequest,
    SourcePhoto,
    TrainingResult,
)
from prompts.engines.studio.engine import StudioEngine
from prompts.sample import sample_photos

Pixels = NDArray[np.uint8]
HEADSHOT = "professional headshot of ohwx woman, clean background, studio lighting"


def silent(fraction: float, step: str) -> None:
    """Progress nobody watches."""


def sample_pixels() -> Pixels:
    """The sample portrait as 8-bit BGR, 512×512."""
    return decode(sample_photos()[0][1])


def sources(*photos: bytes) -> list[SourcePhoto]:
    """Photos with the ids p0, p1, …"""
    return [SourcePhoto(f"p{i}", lambda data=data: data) for i, data in enumerate(photos)]


def jpeg(pixels: Pixels) -> bytes:
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()


def decode(data: bytes) -> Pixels:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return pixels


class Person:
    """A trained person and the requests made for them."""

    def __init__(
        self, photos: Sequence[SourcePhoto], cache: MemoryCache, result: TrainingResult
    ) -> None:
        self.photos, self.cache, self.result = photos, cache, result
        self.engine = StudioEngine()

    def request(
        self, text: str = HEADSHOT, parameters: Mapping[str, Any] | None = None, **values: Any
    ) -> PromptRequest:
        """A request for a small picture unless `parameters` say otherwise."""
        given: dict[str, Any] = {
            "text": text,
            "parameters": {"w": 256, "h": 320, **(parameters or {})},
            "num_images": 1,
            "indexes": [0],
            "seed": 4,
            "token": "ohwx",
            "class_name": "woman",
            "photos": self.photos,
            "cache": self.cache,
            "training_data": self.result.data,
        }
        return PromptRequest(**(given | values))

    def pictures(self, *arguments: Any, **values: Any) -> list[Picture]:
        return list(self.engine.generate(self.request(*arguments, **values), silent))

    def picture(self, *arguments: Any, **values: Any) -> Pixels:
        """The first picture asked for, decoded."""
        return decode(self.pictures(*arguments, **values)[0].data)
