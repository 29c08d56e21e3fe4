"""The neural nets the engine runs, shipped with it so that an install needs nothing else.

`python -m prompts.engines.studio.models` checks the files against the digests below;
with `--from ARCHIVE…` it first takes them from the packages that NOTICE names.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

DIRECTORY = Path(__file__).parent

#: File name → SHA-256. Other versions of these nets have other outputs; only these were validated.
DIGESTS = {
    "face_detection_back.tflite": (
        "e376cf6b168d5ece8a3cedb94acc4eb168a136aede125ccc3d903ef38f5beda8"
    ),
    "face_detection_short_range.tflite": (
        "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633"
    ),
    "face_landmark.tflite": "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493",
    "selfie_segmentation.tflite": (
        "8d13b7fae74af625c641226813616a2117bd6bca19eb3b75574621fc08557f27"
    ),
}


def path(name: str) -> Path:
    """Where the net `name` (without suffix) lies."""
    return DIRECTORY / f"{name}.tflite"


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def damaged() -> list[str]:
    """Names of the files that are missing or differ from their digest."""
    return [
        name
        for name, expected in DIGESTS.items()
        if not (DIRECTORY / name).is_file() or digest((DIRECTORY / name).read_bytes()) != expected
    ]
