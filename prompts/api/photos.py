"""Training photos as programs send them: files, data URLs, addresses."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.files.uploadedfile import UploadedFile

from prompts.fetching import FetchError, fetch
from prompts.imaging import CleanPhoto, RefusedImage, clean_photo
from prompts.models import MAX_PHOTOS

from .bodies import Params, data_url_file
from .errors import Invalid

FILES, ADDRESSES = "images", "image_urls"
#: Seconds for fetching all addresses of one call, and as many of them are fetched side by side.
FETCH_SECONDS = 60.0
FETCHERS, DECODERS = 4, 2

NamedPhoto = tuple[str, CleanPhoto]
NONE_GIVEN = "Images must contain at least one image"


@dataclass(frozen=True)
class _Source:
    """Where a photo comes from: under which field, its name, and how to get the clean picture."""

    field: str
    name: str
    read: Callable[[], CleanPhoto]


def read_photos(fields: Params, *, at_least: int) -> list[NamedPhoto]:
    """All photos that were sent, clean; raises Invalid that names each one that is refused.

    Their number is judged before the first is fetched or decoded: that is what costs.
    """
    files, addresses = _listed(fields, FILES), _listed(fields, ADDRESSES)
    _check_count(len(files) + len(addresses), at_least)
    sources = [_file_source(value, number) for number, value in enumerate(files, 1)]
    decoded = _read_all(sources, DECODERS)
    deadline = time.monotonic() + FETCH_SECONDS
    return decoded + _read_all([_address_source(a, deadline) for a in addresses], FETCHERS)


def _listed(fields: Params, name: str) -> list[Any]:
    value = fields.get(name, [])
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else [value]


def _check_count(count: int, at_least: int) -> None:
    if not count:
        raise Invalid({FILES: [NONE_GIVEN]})
    if count < at_least:
        raise Invalid({FILES: [f"are too few (minimum is {at_least})"]})
    if count > MAX_PHOTOS:
        raise Invalid({FILES: [f"are too many (maximum is {MAX_PHOTOS})"]})


def _file_source(value: Any, number: int) -> _Source:
    if not isinstance(value, UploadedFile):
        if not isinstance(value, str):
            raise Invalid({FILES: ["must be files or data URLs"]})
        value = data_url_file(value, FILES)
        value.name = f"photo-{number}.{value.name.rsplit('.', 1)[-1]}"
    name = value.name or f"photo-{number}"
    return _Source(FILES, name, lambda: clean_photo(value, name=name))


def _address_source(address: Any, deadline: float) -> _Source:
    if not isinstance(address, str):
        raise Invalid({ADDRESSES: ["must be addresses"]})
    name = _file_name(address)

    def read() -> CleanPhoto:
        seconds = min(30.0, max(0.1, deadline - time.monotonic()))
        return clean_photo(fetch(address, timeout=seconds).data, name=name)

    return _Source(ADDRESSES, name, read)


def _file_name(address: str) -> str:
    try:
        return urlsplit(address).path.rsplit("/", 1)[-1][:120] or "photo"
    except ValueError:
        return "photo"  # it is no address, as fetching will say


def _read_all(sources: list[_Source], side_by_side: int) -> list[NamedPhoto]:
    with ThreadPoolExecutor(side_by_side) as pool:
        results = list(pool.map(_read_or_refuse, sources))
    refusals = [result for result in results if isinstance(result, str)]
    if refusals:
        raise Invalid({sources[0].field: refusals})
    return [
        (source.name, result)
        for source, result in zip(sources, results, strict=True)
        if isinstance(result, CleanPhoto)
    ]


def _read_or_refuse(source: _Source) -> CleanPhoto | str:
    try:
        return source.read()
    except (RefusedImage, FetchError) as refusal:
        return f"{source.name}: {refusal.message}"
