"""Why a picture was refused, in words for the person who sent it."""

from __future__ import annotations


class RefusedImage(ValueError):
    """The file cannot be accepted as a picture.

    `code` is stable and meant for programs, `message` is one or two sentences for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
