"""Stored files are whole, private, and never someone else's."""

from __future__ import annotations

import os
import stat
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile, File
from django.core.files.storage import InMemoryStorage, Storage

from prompts.engines.base import Cache
from prompts.storage import (
    AtomicFileSystemStorage,
    TuneCache,
    content_name,
    delete_tree,
    read_bytes,
    save_bytes,
    team_prefix,
)
from tests.side_by_side import side_by_side


@pytest.fixture
def storage(tmp_path: Path) -> AtomicFileSystemStorage:
    return AtomicFileSystemStorage(location=tmp_path / "media")


@pytest.fixture(params=["disk", "object store"])
def any_storage(request: pytest.FixtureRequest, storage: AtomicFileSystemStorage) -> Storage:
    return storage if request.param == "disk" else InMemoryStorage()


def files_below(storage: AtomicFileSystemStorage) -> list[str]:
    return sorted(p.name for p in Path(storage.location).rglob("*") if p.is_file())


class BrokenUpload(ContentFile):
    """Fails half way, as a full disk or a lost connection does."""

    def chunks(self, chunk_size: int | None = None):
        yield b"half of "
        raise OSError("No space left on device")


def test_a_saved_file_and_its_directories_are_private_whatever_the_umask(
    storage: AtomicFileSystemStorage,
) -> None:
    before = os.umask(0)
    try:
        name = storage.save("teams/a/photos/x.jpg", ContentFile(b"x"))
    finally:
        os.umask(before)
    path = Path(storage.path(name))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for directory in (path.parent, path.parent.parent, Path(storage.location)):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_the_same_content_under_the_same_name_keeps_the_present_file(
    storage: AtomicFileSystemStorage,
) -> None:
    first = storage.save("a/b.jpg", ContentFile(b"picture"))
    written = Path(storage.path(first)).stat()
    second = storage.save("a/b.jpg", ContentFile(b"picture"))
    assert second == first
    assert Path(storage.path(first)).stat().st_ino == written.st_ino
    assert files_below(storage) == ["b.jpg"]


def test_other_content_under_a_taken_name_gets_another_name(
    storage: AtomicFileSystemStorage,
) -> None:
    first = storage.save("a/b.jpg", ContentFile(b"one"))
    second = storage.save("a/b.jpg", ContentFile(b"two"))
    assert first != second
    assert (read_bytes(storage, first), read_bytes(storage, second)) == (b"one", b"two")


def test_a_save_that_fails_half_way_leaves_nothing(storage: AtomicFileSystemStorage) -> None:
    with pytest.raises(OSError, match="No space"):
        storage.save("a/b.jpg", BrokenUpload(b""))
    assert files_below(storage) == []
    assert not storage.exists("a/b.jpg")


def test_a_replacement_that_fails_half_way_leaves_the_old_file(
    storage: AtomicFileSystemStorage,
) -> None:
    storage.save("a/b.jpg", ContentFile(b"old"))
    with pytest.raises(OSError, match="No space"):
        storage.replace("a/b.jpg", BrokenUpload(b""))
    assert read_bytes(storage, "a/b.jpg") == b"old"
    assert files_below(storage) == ["b.jpg"]


def test_the_bytes_are_on_disk_before_the_name_and_the_name_before_save_returns(
    storage: AtomicFileSystemStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(storage.location, "a").mkdir(parents=True)
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        is_directory = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        steps.append("flush directory" if is_directory else "flush file")
        fsync(descriptor)

    def noted_replace(source: Path, target: Path) -> None:
        assert source.parent == target.parent
        steps.append("rename")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    storage.save("a/b.jpg", ContentFile(b"picture"))
    assert steps == ["flush file", "rename", "flush directory"]


def test_many_savers_of_one_picture_agree_on_one_file(storage: AtomicFileSystemStorage) -> None:
    names = side_by_side([lambda: save_bytes(storage, "a/b.jpg", b"picture" * 1000)] * 8)
    assert names == ["a/b.jpg"] * 8
    assert files_below(storage) == ["b.jpg"]


@pytest.mark.parametrize("name", ["../escape.jpg", "a/../../escape.jpg", "/etc/escape.jpg"])
def test_no_name_leads_out_of_the_storage(storage: AtomicFileSystemStorage, name: str) -> None:
    with pytest.raises(SuspiciousFileOperation):
        storage.save(name, ContentFile(b"x"))
    with pytest.raises(SuspiciousFileOperation):
        storage.replace(name, ContentFile(b"x"))
    with pytest.raises(SuspiciousFileOperation):
        storage.open(name)


def test_a_stored_file_has_no_url(storage: AtomicFileSystemStorage) -> None:
    with pytest.raises(ValueError, match="no URL"):
        storage.url(storage.save("a.jpg", ContentFile(b"x")))


def test_only_old_partial_files_are_swept(storage: AtomicFileSystemStorage) -> None:
    storage.save("a/kept.jpg", ContentFile(b"x"))
    directory = Path(storage.location, "a")
    old, fresh = directory / ".old.part", directory / ".fresh.part"
    old.write_bytes(b"half")
    fresh.write_bytes(b"half")
    os.utime(old, (0, 0))
    assert storage.remove_partial_files(timedelta(hours=1)) == 1
    assert files_below(storage) == [".fresh.part", "kept.jpg"]


def test_a_content_name_tells_equal_pictures_of_different_owners_apart() -> None:
    team = SimpleNamespace(public_id="abc")
    prefix = team_prefix(team)
    one = content_name(f"{prefix}/photos/1", b"same", ".jpg")
    other = content_name(f"{prefix}/photos/2/", b"same", ".jpg")
    assert one != other
    assert one.startswith("teams/abc/photos/1/") and one.endswith(".jpg")
    assert content_name(f"{prefix}/photos/1", b"same", ".jpg") == one


def test_saving_bytes_again_is_harmless_on_any_storage(any_storage: Storage) -> None:
    name = content_name("teams/a/photos/1", b"picture", ".jpg")
    assert save_bytes(any_storage, name, b"picture") == name
    assert save_bytes(any_storage, name, b"picture") == name
    assert read_bytes(any_storage, name) == b"picture"


def test_a_deleted_tree_is_gone_and_its_neighbours_stay(any_storage: Storage) -> None:
    for name in ("teams/a/1.jpg", "teams/a/photos/2/3.jpg", "teams/ab/4.jpg"):
        any_storage.save(name, ContentFile(b"x"))
    assert delete_tree(any_storage, "teams/a") == 2
    assert not any_storage.exists("teams/a")
    assert any_storage.exists("teams/ab/4.jpg")
    assert delete_tree(any_storage, "teams/a") == 0


@pytest.mark.parametrize("prefix", ["", "/", ".", "./"])
def test_the_root_is_never_deleted(any_storage: Storage, prefix: str) -> None:
    any_storage.save("a.jpg", ContentFile(b"x"))
    with pytest.raises(ValueError, match="whole storage"):
        delete_tree(any_storage, prefix)
    assert any_storage.exists("a.jpg")


def test_a_cache_gives_back_what_was_put_last(any_storage: Storage) -> None:
    cache: Cache = TuneCache(any_storage, "teams/a/tunes/1/cache")
    assert cache.get("matte") is None
    cache.put("matte", b"first")
    cache.put("matte", b"second")
    assert cache.get("matte") == b"second"


def test_no_cache_key_collides_or_escapes(storage: AtomicFileSystemStorage) -> None:
    cache = TuneCache(storage, "teams/a/cache")
    keys = ["matte", "Matte", "matte/1", "../matte", "..", "", "x" * 500, "ключ", "\0", "a.b"]
    for key in keys:
        cache.put(key, key.encode())
    assert [cache.get(key) for key in keys] == [key.encode() for key in keys]
    assert len(files_below(storage)) == len(keys)
    root = Path(storage.path("teams/a/cache"))
    assert sum(1 for path in root.iterdir() if path.is_file()) == len(keys)


def test_caches_of_two_tunes_are_apart_and_one_is_deleted_alone(any_storage: Storage) -> None:
    one, other = TuneCache(any_storage, "t/1"), TuneCache(any_storage, "t/2")
    one.put("matte", b"one")
    other.put("matte", b"other")
    delete_tree(any_storage, "t/1")
    assert one.get("matte") is None
    assert other.get("matte") == b"other"


def test_a_large_upload_is_written_in_chunks(storage: AtomicFileSystemStorage) -> None:
    data = os.urandom(200_000)
    source = ContentFile(data)
    assert isinstance(source, File)
    assert read_bytes(storage, storage.save("a/large.jpg", source)) == data
