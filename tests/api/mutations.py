"""Multipart bodies, and what bad luck or bad will makes of them."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Iterator

from tests.factories import jpeg_bytes

BOUNDARY = "----xyz0123456789"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
_PIECES = (
    b"\r\n", b"--", BOUNDARY.encode(), b"Content-Disposition: form-data; name=",
    b'; filename="', b"Content-Transfer-Encoding: base64\r\n", b"\x00", b"[", b"][", b"[]",
    b"Content-Type: multipart/mixed; boundary=inner\r\n", b"; filename*=utf-8''%e2%82%ac",
    b"\xff\xfe", b" " * 5000, b"=?utf-8?q?", b"../" * 20,
)  # fmt: skip


def sound_body(entity: str) -> bytes:
    """A form with texts, a list of hashes, a file and a data URL."""
    picture = jpeg_bytes()
    data_url = b"data:image/jpeg;base64," + base64.b64encode(picture)
    parts = [
        (f"{entity}[title]", "", b"Fuzz"),
        (f"{entity}[name]", "", b"man"),
        (f"{entity}[text]", "", b"ohwx man"),
        (f"{entity}[prompts_attributes][][text]", "", b"one"),
        (f"{entity}[prompts_attributes][][num_images]", "", b"2"),
        (f"{entity}[prompts_attributes][][text]", "", b"two"),
        (f"{entity}[characteristics][eye_color]", "", b"brown"),
        (f"{entity}[images][]", "a.jpg", picture),
        (f"{entity}[images][]", "", data_url),
    ]
    body = b""
    for name, file_name, content in parts:
        file = f'; filename="{file_name}"\r\nContent-Type: image/jpeg' if file_name else ""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def mutated_bodies(entity: str, count: int, seed: int) -> Iterator[tuple[bytes, str]]:
    """So many bodies with their content types, the same for the same seed."""
    chance = random.Random(seed)
    sound = sound_body(entity)
    for _ in range(count):
        body = sound
        for _ in range(chance.randint(1, 6)):
            body = chance.choice(_MUTATIONS)(body, chance)
        yield body, chance.choice(_TYPES)


def _cut(body: bytes, chance: random.Random) -> bytes:
    return body[: chance.randrange(len(body) + 1)]


def _without(body: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(body) + 1)
    return body[:start] + body[start + chance.randint(1, 200) :]


def _doubled(body: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(body) + 1)
    piece = body[start : start + chance.randint(1, 400)]
    return body[:start] + piece * chance.randint(2, 40) + body[start:]


def _with_piece(body: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(body) + 1)
    return body[:start] + chance.choice(_PIECES) + body[start:]


def _flipped(body: bytes, chance: random.Random) -> bytes:
    changed = bytearray(body)
    for _ in range(chance.randint(1, 20) if body else 0):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


_MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _cut, _without, _doubled, _with_piece, _flipped,
)  # fmt: skip
_TYPES = (
    *[CONTENT_TYPE] * 8, "multipart/form-data", f"{CONTENT_TYPE}; charset=utf-16",
    "multipart/form-data; boundary=\"\"", f"multipart/mixed; boundary={BOUNDARY}",
    "application/x-www-form-urlencoded", "application/json",
)  # fmt: skip
