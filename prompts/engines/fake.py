"""An engine for tests and demonstrations: coloured pictures, at once.

Words in the text make it misbehave. `fail: reason` refuses for good; `flaky: reason` fails with a
passing fault after the first picture of every run; `crash` raises what no engine should;
`slow: 0.5` takes half a second for each picture.
"""

from __future__ import annotations

import hashlib
import io
import re
import time
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

DEFAULT_SIZE = (320, 400)
#: Progress is reported this often while a slow picture is made, in seconds.
TICK = 0.1


class FakeEngine(Engine):
    """Makes one plain picture per seed, with the seed's stripes across it."""

    name = "fake"
    label = "Fake"
    version = "1"
    data_path = "on this server"
    capabilities = {parameter.name: Capability(Support.HONOURED) for parameter in PARAMETERS}

    def inspect(self, data: bytes) -> Inspection:
        """Finds one face in whatever can be opened."""
        try:
            with Image.open(io.BytesIO(data)) as picture:
                width, height = picture.size
        except OSError as error:
            raise EngineError("This photo cannot be read.", retryable=False) from error
        return Inspection(width=width, height=height, faces=1, quality=1.0)

    def train(self, request: TrainingRequest, progress: Progress) -> TrainingResult:
        """Reads every photo; a trigger word such as `slow-0.5` takes that long for each."""
        learnt = {}
        for number, photo in enumerate(request.photos):
            progress(number / len(request.photos), f"Reading photo {number + 1}")
            learnt[photo.id] = {"bytes": len(photo.read())}
            _take_time(re.search(r"slow-([\d.]+)", request.token), progress, 0.0, "Reading")
        return TrainingResult(
            data={"photos": sorted(learnt)}, photos=learnt, characteristics={"fake": True}
        )

    def generate(self, request: PromptRequest, progress: Progress) -> Iterator[Picture]:
        if reason := re.search(r"fail: *([^,]+)", request.text):
            raise EngineError(reason[1].strip(), retryable=False)
        width, height = self.output_size(request.parameters)
        slow = re.search(r"slow: *([\d.]+)", request.text)
        for number, index in enumerate(request.indexes):
            fraction, step = number / len(request.indexes), f"Image {index + 1}"
            progress(fraction, step)
            if "crash" in request.text:
                raise ZeroDivisionError("asked for by the text")
            if number and (fault := re.search(r"flaky: *([^,]+)", request.text)):
                raise EngineError(fault[1].strip(), retryable=True)
            _take_time(slow, progress, fraction, step)
            seed = seed_of(request.seed, index)
            yield Picture(
                index=index,
                data=_draw(width, height, seed),
                width=width,
                height=height,
                seed=seed,
                recipe={"scene": "stripes"},
            )

    def preview(self, request: PromptRequest, width: int) -> bytes:
        return _draw(width, width * 5 // 4, request.seed)

    def output_size(self, parameters: Mapping[str, Any]) -> tuple[int, int]:
        width, height = DEFAULT_SIZE
        return parameters.get("w") or width, parameters.get("h") or height


def _take_time(match: re.Match[str] | None, progress: Progress, fraction: float, step: str) -> None:
    """As many seconds as the text asks for, reporting as a real engine would."""
    end = time.monotonic() + (float(match[1]) if match else 0)
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(TICK, left))
        progress(fraction, step)


def _draw(width: int, height: int, seed: int) -> bytes:
    digest = hashlib.sha256(str(seed).encode()).digest()
    picture = Image.new("RGB", (width, height), tuple(digest[:3]))
    draw = ImageDraw.Draw(picture)
    for number, byte in enumerate(digest[3:11]):
        left = width * number // 8
        draw.rectangle((left, 0, left + width // 8, height * byte // 510), tuple(digest[11:14]))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
