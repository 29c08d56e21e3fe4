"""The mock behind `branch=fast`: for integrators' tests, at once, and nothing of the person.

It trains on nothing and answers every prompt with plain cards that say what they are.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

from PIL import Image, ImageDraw

from prompts.parameters import PARAMETERS

from .base import (
    Capability,
    Engine,
    Inspection,
    Picture,
    Progress,
    PromptRequest,
    Support,
    TrainingRequest,
    TrainingResult,
    seed_of,
)
from .errors import EngineError

DEFAULT_SIZE = (512, 640)
_HONOURED = frozenset({"text", "num_images", "seed", "w", "h", "callback"})
_NOTE = "A mock for tests: its pictures show neither the person nor what is asked for."
#: Background and ink of the cards, one pair after another.
_PAIRS = (("#d9d4cc", "#3d3a36"), ("#c9d3cf", "#2f3b38"), ("#d6cfd8", "#3a343d"))


class MockEngine(Engine):
    """Draws cards that bear the seed."""

    name = "mock"
    label = "Mock"
    version = "1"
    data_path = "on this server"
    capabilities = {
        parameter.name: Capability(Support.HONOURED)
        if parameter.name in _HONOURED
        else Capability(Support.IGNORED, _NOTE)
        for parameter in PARAMETERS
    }

    def inspect(self, data: bytes) -> Inspection:
        """Knows the photo's size, and looks no further."""
        try:
            with Image.open(io.BytesIO(data)) as picture:
                width, height = picture.size
        except OSError as error:
            raise EngineError("This photo cannot be read.", retryable=False) from error
        return Inspection(width=width, height=height, faces=0)

    def train(self, request: TrainingRequest, progress: Progress) -> TrainingResult:
        """Learns nothing."""
        return TrainingResult(data={})

    def generate(self, request: PromptRequest, progress: Progress) -> Iterator[Picture]:
        width, height = self.output_size(request.parameters)
        for index in request.indexes:
            seed = seed_of(request.seed, index)
            yield Picture(index, _card(width, height, seed), width, height, seed, {"mock": True})

    def preview(self, request: PromptRequest, width: int) -> bytes:
        return _card(width, width * 5 // 4, request.seed)

    def output_size(self, parameters: Mapping[str, Any]) -> tuple[int, int]:
        width, height = DEFAULT_SIZE
        return parameters.get("w") or width, parameters.get("h") or height


def _card(width: int, height: int, seed: int) -> bytes:
    ground, ink = _PAIRS[seed % len(_PAIRS)]
    picture = Image.new("RGB", (width, height), ground)
    draw = ImageDraw.Draw(picture)
    margin = min(width, height) // 16
    draw.rectangle((margin, margin, width - margin, height - margin), outline=ink, width=2)
    for row, text in enumerate(("Test picture", f"seed {seed}")):
        draw.text((width / 2, height / 2 + row * 28), text, fill=ink, anchor="mm", font_size=22)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
