"""Small pictures for tests, good and evil, made on the spot.

`turned.heic` beside this file is the exception, as nothing that encodes HEVC is among the
dependencies; how it was made is told in README.md.
"""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

from PIL import Image, ImageCms

#: Present in every kind of metadata of `poisoned_jpeg` and of `turned.heic`.
MARKER = b"SECRET-MARKER"

TURNED_HEIC = Path(__file__).with_name("turned.heic")

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 40), (30, 40, 220), (255, 255, 255)

_ORIENTATION, _DESCRIPTION, _GPS = 0x0112, 0x010E, 0x8825


def quadrants(width: int = 160, height: int = 120) -> Image.Image:
    """Red, green / blue, white: every turn and mirroring of it looks different."""
    picture = Image.new("RGB", (width, height), WHITE)
    picture.paste(RED, (0, 0, width // 2, height // 2))
    picture.paste(GREEN, (width // 2, 0, width, height // 2))
    picture.paste(BLUE, (0, height // 2, width // 2, height))
    return picture


def encode(picture: Image.Image, image_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, image_format, **options)
    return buffer.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    """An EXIF block with a place and a description holding the marker."""
    block = Image.Exif()
    block[_ORIENTATION] = orientation
    block[_DESCRIPTION] = MARKER.decode()
    block[_GPS] = {1: "N", 2: (28.0, 31.0, 26.0), 3: "W", 4: (80.0, 39.0, 3.0)}
    return block


def poisoned_jpeg() -> bytes:
    """A JPEG with EXIF, GPS, XMP, a profile, a comment and bytes behind its end."""
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + MARKER + b"</x:xmpmeta>"
    jpeg = encode(
        quadrants(),
        "JPEG",
        quality=95,
        exif=exif(),
        xmp=packet,
        comment=MARKER,
        icc_profile=profile_with_red_and_green_swapped(),
    )
    return jpeg + b"<script>" + MARKER + b"</script>"


def bomb_png(width: int, height: int) -> bytes:
    """A valid one-bit PNG, all black, of any size; 200 megapixels take 25 kB."""
    row = bytes(1 + (width + 7) // 8)
    compressor = zlib.compressobj(9)
    pixels = b"".join(compressor.compress(row) for _ in range(height)) + compressor.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(*chunk) for chunk in chunks)


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def truncated_jpeg() -> bytes:
    whole = encode(quadrants(), "JPEG", quality=95)
    return whole[: len(whole) * 2 // 3]


def text_file() -> bytes:
    return b"Dear colleague,\nthis is a letter and not a photo of me.\n" * 20


def svg_drawing() -> bytes:
    return (
        b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10">'
        b"<script>alert(1)</script></svg>"
    )


def animation(image_format: str, frames: int = 3) -> bytes:
    """A moving PNG or WebP."""
    first, *others = [Image.new("RGB", (32, 32), (20 * i, 80, 160)) for i in range(frames)]
    return encode(first, image_format, save_all=True, append_images=others, duration=100)


def profile_with_red_and_green_swapped() -> bytes:
    """An ICC profile in which the numbers of red mean green, and the other way round."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    (tag_count,) = struct.unpack_from(">I", profile, 128)
    for position in range(132, 132 + 12 * tag_count, 12):
        name = bytes(profile[position : position + 4])
        swapped = {b"rXYZ": b"gXYZ", b"gXYZ": b"rXYZ"}.get(name, name)
        profile[position : position + 4] = swapped
    return bytes(profile)
