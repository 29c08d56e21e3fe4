"""Many pictures arrive as one zip that every system can unpack."""

from __future__ import annotations

import asyncio
import io
import os
import tracemalloc
import unicodedata
import zipfile
from collections.abc import Callable, Iterable
from functools import partial

import pytest
from django.http import StreamingHttpResponse
from hypothesis import given
from hypothesis import strategies as st

from prompts.archives import ZipDownload, safe_name

Members = Iterable[tuple[str, Callable[[], bytes]]]


async def collected(members: Members) -> bytes:
    return b"".join([part async for part in ZipDownload(members)])


def unzipped(members: Members) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(asyncio.run(collected(members)))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def constant(data: bytes) -> Callable[[], bytes]:
    return lambda: data


def test_every_member_arrives_in_order_with_its_content() -> None:
    members = [(f"Portrait {number}.jpg", constant(bytes([number]) * 1000)) for number in range(5)]
    contents = unzipped(members)
    assert list(contents) == [f"Portrait {number}.jpg" for number in range(5)]
    assert all(contents[f"Portrait {n}.jpg"] == bytes([n]) * 1000 for n in range(5))


def test_pictures_are_stored_and_not_deflated() -> None:
    data = asyncio.run(collected([("a.jpg", constant(bytes(10_000)))]))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.getinfo("a.jpg").compress_type == zipfile.ZIP_STORED


def test_an_empty_download_is_an_empty_zip() -> None:
    assert unzipped([]) == {}


def test_an_empty_file_is_a_member_too() -> None:
    assert unzipped([("empty.jpg", constant(b""))]) == {"empty.jpg": b""}


def test_equal_names_are_told_apart_whatever_their_case() -> None:
    names = ["a.jpg", "A.jpg", "a.jpg", "a (2).jpg", "b.jpg"]
    contents = unzipped([(name, constant(str(i).encode())) for i, name in enumerate(names)])
    assert list(contents.values()) == [b"0", b"1", b"2", b"3", b"4"]
    assert len({name.casefold() for name in contents}) == len(names)
    assert all(name.endswith(".jpg") for name in contents)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.jpg", "/etc/passwd", "C:\\Windows\\x.jpg", "a/b/../c.jpg", "..", ""]
)
def test_no_member_unpacks_outside_its_folder(name: str) -> None:
    (member,) = unzipped([(name, constant(b"x"))])
    assert not set(member) & set('/\\:"<>|')
    assert ".." not in member
    assert member.strip(". ")


def test_contents_are_read_one_by_one_as_the_zip_is_sent() -> None:
    steps: list[str] = []

    def read(name: str) -> bytes:
        steps.append(name)
        return b"picture"

    async def take_two_parts() -> None:
        zipped = ZipDownload((name, partial(read, name)) for name in ("1.jpg", "2.jpg", "3.jpg"))
        await anext(aiter(zipped))
        assert steps == ["1.jpg"]

    asyncio.run(take_two_parts())
    assert steps == ["1.jpg"]


def test_a_large_download_never_lies_in_memory_as_a_whole() -> None:
    picture, count = 2**22, 60
    members = ((f"{number}.jpg", partial(bytes, picture)) for number in range(count))

    async def size_of_download() -> int:
        return sum([len(part) async for part in ZipDownload(members)])

    tracemalloc.start()
    total = asyncio.run(size_of_download())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total > count * picture
    # Each thread of the pool may still hold the last picture it has read.
    threads = min(32, (os.cpu_count() or 1) + 4)
    assert peak < min((threads + 2) * picture, total / 2)


def test_a_file_that_is_gone_is_named_and_the_others_arrive() -> None:
    def gone() -> bytes:
        raise FileNotFoundError

    contents = unzipped([("1.jpg", constant(b"1")), ("2.jpg", gone), ("3.jpg", constant(b"3"))])
    assert contents.pop("Missing.txt").decode().split("\r\n")[1] == "2.jpg"
    assert contents == {"1.jpg": b"1", "3.jpg": b"3"}


def test_the_event_loop_is_not_held_up_while_a_file_is_read() -> None:
    async def download() -> None:
        other_work = asyncio.Event()
        loop = asyncio.get_running_loop()

        def slow() -> bytes:
            asyncio.run_coroutine_threadsafe(_set(other_work), loop).result(timeout=10)
            return b"picture"

        assert await collected([("a.jpg", slow)])
        assert other_work.is_set()

    async def _set(event: asyncio.Event) -> None:
        event.set()

    asyncio.run(download())


def test_django_streams_it() -> None:
    async def answer() -> bytes:
        response = StreamingHttpResponse(ZipDownload([("a.jpg", constant(b"picture"))]))
        assert response.is_async
        return b"".join([part async for part in response])

    with zipfile.ZipFile(io.BytesIO(asyncio.run(answer()))) as archive:
        assert archive.read("a.jpg") == b"picture"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Professional headshot", "Professional headshot.jpg"),
        ("Zoë in 東京, être à l’été – Ωμέγα", "Zoë in 東京, être à l’été – Ωμέγα.jpg"),
        ("../../x", "x.jpg"),
        ("a/b\\c:d", "a b c d.jpg"),
        ("Dr. Who", "Dr Who.jpg"),
        ("  spaced \t out\n", "spaced out.jpg"),
        ("", "picture.jpg"),
        ("...", "picture.jpg"),
        ("-rf", "rf.jpg"),
        ("CON", "_CON.jpg"),
        ("com1", "_com1.jpg"),
        ("Contact", "Contact.jpg"),
        ("photo\u202egpj.exe", "photogpj exe.jpg"),
        ("nul\0byte", "nulbyte.jpg"),
        ("=HYPERLINK(1)", "=HYPERLINK(1).jpg"),
    ],
)
def test_a_title_becomes_a_name_that_reads_like_it(title: str, name: str) -> None:
    assert safe_name(title, ".jpg") == name


@given(st.text(st.characters(), max_size=400))
def test_every_name_is_one_that_every_system_stores(title: str) -> None:
    name = safe_name(title, ".jpg")
    stem = name.removesuffix(".jpg")
    assert stem and stem == stem.strip()
    assert not set(name[:-4]) & set('./\\:*?"<>|')
    assert not any(unicodedata.category(character).startswith("C") for character in name)
    assert len(name.encode()) <= 240
