"""What a job hands to an engine: pictures as bytes, photos as promises of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from django.core.files.storage import default_storage

from prompts.engines.base import SourcePhoto
from prompts.models import Photo
from prompts.storage import read_bytes


def sources(photos: Iterable[Photo]) -> list[SourcePhoto]:
    """Photos that are read when the engine comes to them."""
    return [
        SourcePhoto(photo.public_id, partial(read_bytes, default_storage, photo.file))
        for photo in photos
    ]


def read_if_given(name: str) -> bytes | None:
    """The stored file of that name; None for an empty one."""
    return read_bytes(default_storage, name) if name else None
