"""Keeps uploads from filling the disk before anybody has looked at them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class CappedUploadHandler(FileUploadHandler):
    """Lets through just enough of a file to tell that it is too large.

    Stands before the handlers that store. The rest is read from the connection and dropped, so
    that the form still answers with its own message at the file's place.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.left = settings.PHOTO_MAX_BYTES + 1

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """The part of the chunk that still fits; None keeps it from the handlers behind."""
        kept = raw_data[: self.left]
        self.left -= len(kept)
        return kept or None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """Leaves the file to the handlers behind."""
        return None
