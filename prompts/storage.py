"""Where pictures lie: private files, written whole or not at all.

Everything goes through Django's storage API by name, so that an object store can take the place
of the disk. Names are content-addressed below the id of the object that owns them, see
`content_name`: a name never means two things, and deleting one object's files never takes away
another's, even when both hold the same picture.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage
from django.core.files.utils import validate_file_name
from django.utils.deconstruct import deconstructible

_PARTIAL_SUFFIX = ".part"
_PLAIN_CACHE_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")


@deconstructible(path="prompts.storage.AtomicFileSystemStorage")
class AtomicFileSystemStorage(FileSystemStorage):
    """Files that are complete as soon as they have a name, readable by this user alone.

    Saving writes a temporary file beside its destination, flushes it to disk, renames it and
    flushes the directory: after a crash or a power cut there is the whole file or none.
    Saving the same content under the same name again keeps the present file; other content gets
    another name, as with every Django storage, unless `replace` is called.
    Files have mode 0600 and directories 0700. There are no URLs: views check access first.
    """

    def url(self, name: str | None) -> str:
        raise ValueError("Stored files have no URL; a view hands them out after checking access.")

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name as it is; `_save` looks for another only if the content differs."""
        name = name.replace("\\", "/")
        validate_file_name(name, allow_relative_path=True)
        if max_length and len(name) > max_length:
            raise ValueError(f"The storage name {name!r} is longer than {max_length} characters")
        return name

    def replace(self, name: str, content: File[Any]) -> None:
        """Saves under exactly this name; readers see the old content or the new, never a mix."""
        path = Path(self.path(self.get_available_name(name)))
        with self._written_beside(path, content) as temporary:
            _rename_durably(temporary, path)

    def _save(self, name: str, content: File[Any]) -> str:
        path = Path(self.path(name))
        with self._written_beside(path, content) as temporary:
            while path.exists():
                if _same_content(path, temporary):
                    return name
                stem, suffix = os.path.splitext(name)
                name = self.get_alternative_name(stem, suffix).replace("\\", "/")
                path = Path(self.path(name))
            _rename_durably(temporary, path)
        return name

    @contextlib.contextmanager
    def _written_beside(self, path: Path, content: File[Any]) -> Iterator[Path]:
        """A flushed temporary file in the directory of `path`, gone when the block ends."""
        _make_private_directory(path.parent)
        descriptor, temporary_name = tempfile.mkstemp(_PARTIAL_SUFFIX, ".", path.parent)
        temporary = Path(temporary_name)
        try:
            with open(descriptor, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)

    def remove_partial_files(self, older_than: timedelta = timedelta(hours=1)) -> int:
        """Deletes what killed processes left half written; returns how many files."""
        oldest = time.time() - older_than.total_seconds()
        removed = 0
        for path in Path(self.location).rglob(f".*{_PARTIAL_SUFFIX}"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()
                    removed += 1
        return removed


def _make_private_directory(directory: Path) -> None:
    """Makes the directory and its parents with mode 0700, and each durable in its parent."""
    missing = []
    while not directory.exists():
        missing.append(directory)
        directory = directory.parent
    for new in reversed(missing):
        new.mkdir(mode=0o700, exist_ok=True)
        _flush_directory(new.parent)


def _rename_durably(temporary: Path, path: Path) -> None:
    os.replace(temporary, path)
    _flush_directory(path.parent)


def _flush_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _same_content(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        digests = (hashlib.file_digest(file, "sha256").digest() for file in (first, second))
        return next(digests) == next(digests)


class HasPublicId(Protocol):
    """A model instance with the random id that names it outside the database."""

    public_id: str


def team_prefix(team: HasPublicId) -> str:
    """The storage prefix below which everything of a team lies."""
    return f"teams/{team.public_id}"


def content_name(prefix: str, data: bytes, suffix: str) -> str:
    """`prefix`/SHA-256 of `data` + `suffix` (".jpg").

    The prefix ends in the id of the object that owns the file, so that no two objects share one.
    """
    return f"{prefix.rstrip('/')}/{hashlib.sha256(data).hexdigest()}{suffix}"


def save_bytes(storage: Storage, name: str, data: bytes) -> str:
    """Saves `data` under a content-addressed name; returns the name it has.

    Harmless to repeat: what is there already stays.
    """
    if not isinstance(storage, FileSystemStorage) and storage.exists(name):
        return name
    return storage.save(name, ContentFile(data))


def read_bytes(storage: Storage, name: str) -> bytes:
    """The whole file; raises FileNotFoundError."""
    with storage.open(name) as file:
        data: bytes = file.read()
        return data


def delete_tree(storage: Storage, prefix: str) -> int:
    """Deletes every file below `prefix` and the directories; returns how many files.

    A prefix that does not exist counts as empty. Raises ValueError for the root.
    """
    if not prefix.strip("/."):
        raise ValueError("Refusing to delete the whole storage")
    try:
        directories, files = storage.listdir(prefix)
    except FileNotFoundError:
        return 0
    deleted = len(files)
    for file in files:
        storage.delete(f"{prefix}/{file}")
    for directory in directories:
        deleted += delete_tree(storage, f"{prefix}/{directory}")
    with contextlib.suppress(OSError):  # somebody may have put a new file there meanwhile
        storage.delete(prefix)
    return deleted


class TuneCache:
    """Bytes an engine keeps for one tune below `prefix`; see `prompts.engines.base.Cache`.

    Any string serves as a key; keys that do not make a tame file name are stored by their hash.
    """

    def __init__(self, storage: Storage, prefix: str) -> None:
        self._storage = storage
        self._prefix = prefix.rstrip("/")

    def get(self, key: str) -> bytes | None:
        """The bytes last put under `key`, None when there are none."""
        try:
            return read_bytes(self._storage, self._name(key))
        except FileNotFoundError:
            return None

    def put(self, key: str, data: bytes) -> None:
        """Keeps `data` under `key` in place of what was there."""
        name = self._name(key)
        if isinstance(self._storage, AtomicFileSystemStorage):
            self._storage.replace(name, ContentFile(data))
        else:
            self._storage.delete(name)
            self._storage.save(name, ContentFile(data))

    def _name(self, key: str) -> str:
        if _PLAIN_CACHE_KEY.fullmatch(key):
            return f"{self._prefix}/{key}"
        return f"{self._prefix}/={hashlib.sha256(key.encode()).hexdigest()}"
