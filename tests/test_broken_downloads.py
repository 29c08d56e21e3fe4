"""A browser that breaks a download off is nothing to write a traceback about."""

from __future__ import annotations

import io
import socket
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from PIL import Image as Picture
from pytest_django import Settings

from prompts.models import Share, User
from tests.factories import create_image, create_prompt, create_share, create_tune
from tests.processes import Portal, start_server, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
PICTURES = 40


def noise() -> bytes:
    """A JPEG of about a megabyte."""
    buffer = io.BytesIO()
    Picture.effect_noise((1200, 1200), 90).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


@pytest.fixture
def server(tmp_path: Path, settings: Settings, transactional_db: None) -> Iterator[Portal]:
    running = start_server(tmp_path, workers=0)
    yield running
    running.stop()


@pytest.fixture
def share(server: Portal, alice: User) -> Share:
    prompt = create_prompt(tune=create_tune(team=alice.teams.get(), owner=alice))
    images = [create_image(prompt=prompt, index=index) for index in range(PICTURES)]
    picture = noise()
    for image in images:
        file = server.data_dir / "media" / image.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(picture)
    return create_share(author=alice, images=images, downloads="original")


def break_off(server: Portal, path: str, after: int) -> None:
    """Asks for the file and hangs up, with a reset, once that many bytes have come."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname or "", address.port or 0)) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
        while after > 0:
            part = line.recv(min(after, 65536))
            assert part, "the answer ended early"
            after -= len(part)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_broken_downloads_leave_a_line_each_and_no_traceback(server: Portal, share: Share) -> None:
    path = f"{share.public_path}pictures.zip"
    breaks = [1, 100, 4_000, 70_000, 2**20, 2**20 + 300, 3 * 2**20, 10 * 2**20]
    for after in breaks:
        break_off(server, path, after)
    told = "A download was broken off"
    wait_until(lambda: server.log.read_text().count(told) == len(breaks), "every end is noted")
    with urlopen(f"{server.url}{path}") as answer, zipfile.ZipFile(io.BytesIO(answer.read())) as z:
        assert len(z.namelist()) == PICTURES
    assert server.stop() == 0
    log = server.log.read_text()
    assert "Traceback" not in log and "ERROR" not in log and "WARNING" not in log
    assert log.count(told) == len(breaks)
