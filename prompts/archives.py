"""Downloads of many pictures at once, as a zip that is written while it is sent."""

from __future__ import annotations

import asyncio
import logging
import re
import unicodedata
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from functools import partial

from asgiref.sync import sync_to_async
from django.core.files.storage import default_storage
from zipstream import ZIP_STORED, ZipStream

from prompts.models import Image

logger = logging.getLogger(__name__)

_MAX_STEM_LENGTH = 80
_MAX_STEM_BYTES = 200  # file systems stop at 255, and a number may be added
_FALLBACK_STEM = "picture"
_MISSING_LIST = "Missing.txt"
#: Bytes that are handed to the network at once.
_CHUNK = 2**16

_SEPARATORS = re.compile(r'[\s./\\:*?"<>|]+')
# Windows takes these for devices, with any suffix.
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)


def safe_name(title: str, suffix: str) -> str:
    """A file name that every system can store and that reads like `title`.

    Letters of every script stay; dots, slashes, control and formatting characters, leading dashes
    and device names go; what is too long is cut. `suffix` (".jpg") is added as it is.
    """
    visible = "".join(
        character if unicodedata.category(character)[0] != "C" or character.isspace() else ""
        for character in unicodedata.normalize("NFC", title)
    )
    stem = _cut(_SEPARATORS.sub(" ", visible).strip(" -~")) or _FALLBACK_STEM
    if _RESERVED.fullmatch(stem):
        stem = f"_{stem}"
    return f"{stem}{suffix}"


def image_name(image: Image) -> str:
    """The file name under which people get a picture: the person, the prompt, the place in it."""
    suffix = image.file.rsplit(".", 1)[-1]
    return safe_name(f"{image.tune.title}-{image.prompt_id}-{image.index + 1}", f".{suffix}")


def image_members(images: Iterable[Image]) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Pictures, loaded with their tunes, as members of an archive."""
    return ((image_name(image), partial(_read, image.file)) for image in images)


def _read(name: str) -> bytes:
    with default_storage.open(name) as file:
        return bytes(file.read())


class ZipDownload:
    """The bytes of a zip with one stored (not deflated) file per member, for a streamed response.

    A member is its name and a function that reads its content, called when its turn comes in the
    request's own thread, where it may ask the database: one content is in memory at a time. Names
    are made safe and told apart by a number. A content that cannot be read (OSError) is left out
    and listed in a text file at the end; any other exception breaks the archive off.
    """

    def __init__(self, members: Iterable[tuple[str, Callable[[], bytes]]]) -> None:
        self._parts = _zip_parts(members)
        self._is_whole = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        advance = sync_to_async(lambda: next(self._parts, None), thread_sensitive=True)
        while (part := await advance()) is not None:
            for start in range(0, len(part), _CHUNK):
                yield part[start : start + _CHUNK]
                # Only now the loop hears that nobody reads any more, and every chunk that is sent
                # before would be a warning of its own.
                await asyncio.sleep(0)
        self._is_whole = True

    def close(self) -> None:
        """Called by the response when it ends, in the thread in which the parts are made."""
        self._parts.close()
        if not self._is_whole:
            logger.info("A download was broken off")


def _zip_parts(members: Iterable[tuple[str, Callable[[], bytes]]]) -> Generator[bytes]:
    # Pictures are compressed already: deflating them costs time and saves nothing.
    archive = ZipStream(compress_type=ZIP_STORED)
    taken: set[str] = set()
    missing: list[str] = []
    for wanted_name, read in members:
        name = _unique(_safe_member_name(wanted_name), taken)
        try:
            content = read()
        except OSError:
            logger.exception("A member of a download cannot be read")
            missing.append(name)
            continue
        archive.add(content, name)
        yield from archive.file()
    if missing:
        lines = ["These files could not be read and are not in this archive:", *missing, ""]
        archive.add("\r\n".join(lines).encode(), _unique(_MISSING_LIST, taken))
    yield from archive.finalize()


def _safe_member_name(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    if dot and re.fullmatch(r"[A-Za-z0-9]{1,8}", suffix):
        return safe_name(stem, f".{suffix}")
    return safe_name(name, "")


def _unique(name: str, taken: set[str]) -> str:
    """The name, numbered if need be; upper and lower case are one on many file systems."""
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        stem, suffix = name, ""
    candidate, number = name, 1
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{stem} ({number}){dot}{suffix}"
    taken.add(candidate.casefold())
    return candidate


def _cut(stem: str) -> str:
    short = stem[:_MAX_STEM_LENGTH].encode()[:_MAX_STEM_BYTES].decode(errors="ignore")
    return short.rstrip(" -~")
