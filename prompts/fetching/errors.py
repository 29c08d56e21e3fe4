"""Why something was not fetched, in words for the person who gave the link."""

from __future__ import annotations


class FetchError(Exception):
    """Nothing was fetched. `message` is one sentence for people."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class FetchRefused(FetchError):
    """This link will never be fetched; `code` is stable and meant for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class FetchFailed(FetchError):
    """It did not work this time; `status` is the HTTP status, None when there was no answer."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
