"""Request bodies as Astria reads them: names in brackets, files in multipart forms."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Upload:
    """A file within a form."""

    name: str
    data: bytes
    content_type: str = "image/jpeg"


#: How httpx takes a part of a multipart form: name, then file name (None for plain values).
Part = tuple[str, tuple[str | None, str | bytes] | tuple[str | None, str | bytes, str]]


def parts(name: str, value: Any) -> Iterator[Part]:
    """The parts of `value` under `name`, nested as Rack nests them, in order; None is left out.

    A list's entries go under `name[]`; in a list of mappings a new one begins when a key comes
    again, so every mapping must begin with the same key.
    """
    if value is None:
        return
    if isinstance(value, Mapping):
        for key, entry in value.items():
            yield from parts(f"{name}[{key}]", entry)
    elif isinstance(value, Upload):
        yield name, (value.name, value.data, value.content_type)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for entry in value:
            yield from parts(f"{name}[]", entry)
    else:
        yield name, (None, as_text(value))


def as_text(value: Any) -> str:
    """A single value as it stands in a form or a query."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def holds_files(value: Any) -> bool:
    """Whether a file lies anywhere within."""
    if isinstance(value, Mapping):
        return any(map(holds_files, value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return any(map(holds_files, value))
    return isinstance(value, Upload)


def without_none(value: Any) -> Any:
    """The same nesting, without what is None."""
    if isinstance(value, Mapping):
        return {key: without_none(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [without_none(entry) for entry in value if entry is not None]
    return value


def query_pairs(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The pairs of a query; lists under `name[]`, and what is not given left out."""
    pairs = []
    for name, value in values.items():
        if isinstance(value, list | tuple):
            pairs += [(f"{name}[]", as_text(entry)) for entry in value]
        elif value not in (None, ""):
            pairs.append((name, as_text(value)))
    return pairs


def body(fields: Mapping[str, Any] | None, once: str = "") -> dict[str, Any]:
    """How httpx is told to send `fields`: as JSON, or as a form where there are files.

    With `once` the same fields give the same bytes; nobody can guess that boundary, because
    nobody knows `once`.
    """
    if fields is None:
        return {}
    if not holds_files(fields):
        return {"json": without_none(fields)}
    form = [part for name, value in fields.items() for part in parts(name, value)]
    if not once:
        return {"files": form}
    content_type = f"multipart/form-data; boundary={digest('boundary of ' + once)}"
    return {"files": form, "headers": {"Content-Type": content_type}}


def digest(text: str) -> str:
    """40 hex digits that stand for `text`."""
    return hashlib.sha256(text.encode()).hexdigest()[:40]
