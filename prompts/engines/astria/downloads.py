"""Fetches the pictures of a prompt: each for itself, so that one bad address costs one picture.

Addresses come from outside and go through the guarded downloader; what comes back counts as a
picture only when it decodes to its last pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

from prompts.fetching import FetchFailed, FetchRefused, fetch
from prompts.imaging import RefusedImage, check_picture

from ..errors import EngineError

#: How often an address that answers with 404, or with something that is no whole picture, is
#: asked again: storage may need a moment to show what was stored.
MAX_MISSES = 5
#: How often one whose server cannot be reached or is in trouble: for some ten hours.
MAX_FAULTS = 48
#: Seconds before the first repetition; doubles each time.
FIRST_WAIT = 5.0
LONGEST_WAIT = 15 * 60.0
#: For one picture, all in all.
SECONDS = 60.0

#: Object stores say 403 where one may not know whether there is anything.
_NOT_YET = frozenset({403, 404})
_NO_PICTURE = {
    "damaged": "This picture arrived incomplete or damaged.",
    "too_large": "This picture's file is larger than is accepted.",
    "too_many_pixels": "This picture has more pixels than are accepted.",
}


class PictureMissing(EngineError):
    """This picture could not be had. `retry_in` seconds later it may; None means never."""

    def __init__(self, message: str, *, retry_in: float | None) -> None:
        super().__init__(message, retryable=retry_in is not None)
        self.retry_in = retry_in


@dataclass(frozen=True)
class RemotePicture:
    """A picture as Astria made it, checked; sizes in px."""

    data: bytes
    width: int
    height: int
    content_type: str


def download_picture(url: str, *, tries: int, seconds: float = SECONDS) -> RemotePicture:
    """Fetches and checks one picture; `tries` counts the earlier ones, from 0.

    Raises `PictureMissing` with the reason in words.
    """
    try:
        data = fetch(url, timeout=seconds).data
    except FetchRefused as error:
        raise PictureMissing(
            f"The address of this picture was refused: {error.message}", retry_in=None
        ) from error
    except FetchFailed as error:
        raise PictureMissing(
            f"This picture could not be fetched: {error.message}", retry_in=_wait(error, tries)
        ) from error
    try:
        checked = check_picture(data, name=url)
    except RefusedImage as error:
        raise PictureMissing(
            _NO_PICTURE.get(error.code, "What lies at the address of this picture is none."),
            retry_in=_doubled(tries) if tries < MAX_MISSES else None,
        ) from error
    return RemotePicture(data, checked.width, checked.height, checked.content_type)


def _wait(error: FetchFailed, tries: int) -> float | None:
    status = error.status
    if status is None or status >= 500 or status == 429:
        return _doubled(tries) if tries < MAX_FAULTS else None
    if status in _NOT_YET:
        return _doubled(tries) if tries < MAX_MISSES else None
    return None


def _doubled(tries: int) -> float:
    return float(min(FIRST_WAIT * 2.0 ** min(tries, 20), LONGEST_WAIT))
