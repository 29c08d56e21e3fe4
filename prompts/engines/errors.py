"""What an engine may raise; the message of each is written for the person who waits."""

from __future__ import annotations


class EngineError(Exception):
    """The engine could not do it.

    `retryable` tells the worker whether the same request may succeed later.
    """

    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.message = message
        self.retryable = retryable


class UnusablePhotos(EngineError):
    """No photo of the tune can carry a picture."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False)


class UnsupportedRequest(EngineError):
    """The request asks for something this engine cannot make."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False)


class Gone(EngineError):
    """The service has no such object, or no longer."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False)
