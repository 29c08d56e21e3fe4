"""Takes metadata out of JPEG, PNG and WebP files and puts XMP in, without touching the pixels.

Sources: JPEG, ITU-T T.81 annex B; PNG, W3C PNG 3rd edition, chapter 11; WebP, RFC 9649;
where XMP goes: XMP Specification Part 3 (2020), 1.1.3 (JPEG), 1.1.5 (PNG), 2.3.1 (RIFF).

Every function takes a whole file. ValueError: it is none of the three, or its structure is
damaged. Bytes behind the picture's end are metadata too: they are dropped.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final

Chunk = tuple[bytes, bytes]

_XMP_IN_JPEG: Final = b"http://ns.adobe.com/xap/1.0/\0"
_MAX_JPEG_SEGMENT: Final = 0xFFFF - 2
#: The longest packet that fits every format, in bytes; JPEG is the one that limits it.
MAX_PACKET: Final = _MAX_JPEG_SEGMENT - len(_XMP_IN_JPEG)


def without_metadata(data: bytes) -> bytes:
    """The same pixels with nothing about them except what their colours need (ICC, gamma)."""
    return _container(data).without_metadata(data)


def with_xmp(data: bytes, packet: bytes) -> bytes:
    """The same pixels with `packet` as the only metadata.

    ValueError when the packet is longer than `MAX_PACKET`.
    """
    if len(packet) > MAX_PACKET:
        raise ValueError(f"An XMP packet of {len(packet)} bytes does not fit a JPEG")
    container = _container(data)
    return container.insert_xmp(container.without_metadata(data), packet)


def read_xmp(data: bytes) -> bytes | None:
    """The XMP packet of a file, None when it has none."""
    return _container(data).read_xmp(data)


class Jpeg:
    """Markers from SOI to EOI."""

    _SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
    _APP0, _APP1, _APP2, _APP14, _APP15, _COM = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
    # Within coded data FF is followed by a stuffed zero or a restart marker, else it ends there.
    _NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")

    def without_metadata(self, data: bytes) -> bytes:
        return b"".join(raw for marker, raw in self._segments(data) if self._is_kept(marker, raw))

    def insert_xmp(self, data: bytes, packet: bytes) -> bytes:
        content = _XMP_IN_JPEG + packet
        segment = struct.pack(">BBH", 0xFF, self._APP1, len(content) + 2) + content
        # JFIF wants its own APP0 right behind SOI.
        position = 2
        if data[2:4] == bytes((0xFF, self._APP0)):
            position += 2 + int.from_bytes(data[4:6], "big")
        return data[:position] + segment + data[position:]

    def read_xmp(self, data: bytes) -> bytes | None:
        for marker, raw in self._segments(data):
            if marker == self._APP1 and raw[4:].startswith(_XMP_IN_JPEG):
                return raw[4 + len(_XMP_IN_JPEG) :]
        return None

    def _is_kept(self, marker: int, raw: bytes) -> bool:
        if marker == self._APP0:
            return raw[4:].startswith(b"JFIF\0")
        if marker == self._APP2:
            return raw[4:].startswith(b"ICC_PROFILE\0")
        if marker == self._APP14:
            return raw[4:].startswith(b"Adobe")
        return not (self._APP0 <= marker <= self._APP15 or marker == self._COM)

    def _segments(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Marker and raw bytes of each segment; SOS comes with the coded data behind it."""
        yield self._SOI, data[:2]
        position = 2
        while True:
            while data[position : position + 2] == b"\xff\xff":  # fill bytes
                position += 1
            if len(data) < position + 4 and data[position:] != b"\xff\xd9":
                raise ValueError("The JPEG ends before its end marker")
            if data[position] != 0xFF:
                raise ValueError("The JPEG has no marker where one belongs")
            marker = data[position + 1]
            if marker == self._EOI:
                yield marker, data[position : position + 2]
                return
            end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
            if marker == self._SOS:
                match = self._NEXT_MARKER.search(data, end)
                end = match.start() if match else len(data)
            yield marker, data[position:end]
            position = end


class Png:
    """Chunks from IHDR to IEND."""

    _SIGNATURE = b"\x89PNG\r\n\x1a\n"
    _KEPT_ANCILLARY = frozenset((b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"cICP"))
    # Keyword, no compression, no language, no translated keyword.
    _XMP_PREFIX = b"XML:com.adobe.xmp\0\0\0\0\0"

    def without_metadata(self, data: bytes) -> bytes:
        return self._join(chunk for chunk in self._chunks(data) if self._is_kept(chunk[0]))

    def insert_xmp(self, data: bytes, packet: bytes) -> bytes:
        header, *others = self._chunks(data)
        return self._join(iter([header, (b"iTXt", self._XMP_PREFIX + packet), *others]))

    def read_xmp(self, data: bytes) -> bytes | None:
        for kind, content in self._chunks(data):
            if kind == b"iTXt" and content.startswith(self._XMP_PREFIX):
                return content[len(self._XMP_PREFIX) :]
        return None

    def _is_kept(self, kind: bytes) -> bool:
        is_critical = kind[:1].isupper()
        return is_critical or kind in self._KEPT_ANCILLARY

    def _chunks(self, data: bytes) -> Iterator[Chunk]:
        position, kind = len(self._SIGNATURE), b""
        while kind != b"IEND":
            if len(data) < position + 12:
                raise ValueError("The PNG ends before its last chunk")
            size, kind = struct.unpack_from(">I4s", data, position)
            yield kind, data[position + 8 : position + 8 + size]
            position += 12 + size

    def _join(self, chunks: Iterator[Chunk]) -> bytes:
        parts = [self._SIGNATURE]
        for kind, content in chunks:
            checksum = zlib.crc32(content, zlib.crc32(kind))
            parts += [struct.pack(">I4s", len(content), kind), content, struct.pack(">I", checksum)]
        return b"".join(parts)


class WebP:
    """Chunks of the RIFF; metadata needs the extended header VP8X, which a plain file lacks."""

    _HEADER_SIZE = 12
    _EXTENDED_HEADER_SIZE = 10
    _KNOWN = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ICCP", b"ANIM", b"ANMF"))
    _XMP_FLAG, _EXIF_FLAG, _ALPHA_FLAG = 0b0000_0100, 0b0000_1000, 0b0001_0000

    def without_metadata(self, data: bytes) -> bytes:
        kept = []
        for kind, content in self._chunks(data):
            if kind == b"VP8X":
                content = bytes((content[0] & ~(self._XMP_FLAG | self._EXIF_FLAG),)) + content[1:]
            if kind in self._KNOWN:
                kept.append((kind, content))
        return self._join(kept)

    def insert_xmp(self, data: bytes, packet: bytes) -> bytes:
        first, *others = self._chunks(data)
        if first[0] != b"VP8X":
            others.insert(0, first)
            first = (b"VP8X", self._extended_header(*first))
        kind, content = first
        flagged = bytes((content[0] | self._XMP_FLAG,)) + content[1:]
        return self._join([(kind, flagged), *others, (b"XMP ", packet)])

    def read_xmp(self, data: bytes) -> bytes | None:
        return next((content for kind, content in self._chunks(data) if kind == b"XMP "), None)

    def _extended_header(self, kind: bytes, bitstream: bytes) -> bytes:
        """A VP8X chunk's content for a file that has one lossy or lossless bitstream."""
        flags = 0
        if len(bitstream) < 10:
            raise ValueError("The WebP's bitstream is too short")
        if kind == b"VP8L":
            bits = int.from_bytes(bitstream[1:5], "little")
            width_less_one, height_less_one = bits & 0x3FFF, bits >> 14 & 0x3FFF
            flags = self._ALPHA_FLAG if bits >> 28 & 1 else 0
        else:
            width, height = struct.unpack_from("<HH", bitstream, 6)
            width_less_one, height_less_one = (width & 0x3FFF) - 1, (height & 0x3FFF) - 1
        sizes = width_less_one.to_bytes(3, "little") + height_less_one.to_bytes(3, "little")
        return struct.pack("<I", flags) + sizes

    def _chunks(self, data: bytes) -> Iterator[Chunk]:
        end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
        position = self._HEADER_SIZE
        while position + 8 <= end:
            kind, size = struct.unpack_from("<4sI", data, position)
            if position + 8 + size > end:
                raise ValueError("The WebP ends before its last chunk")
            if kind == b"VP8X" and size < self._EXTENDED_HEADER_SIZE:
                raise ValueError("The WebP's extended header is too short")
            yield kind, data[position + 8 : position + 8 + size]
            position += 8 + size + size % 2

    def _join(self, chunks: list[Chunk]) -> bytes:
        parts = []
        for kind, content in chunks:
            padding = b"\0" * (len(content) % 2)
            parts.append(struct.pack("<4sI", kind, len(content)) + content + padding)
        body = b"WEBP" + b"".join(parts)
        return struct.pack("<4sI", b"RIFF", len(body)) + body


_JPEG, _PNG, _WEBP = Jpeg(), Png(), WebP()


def _container(data: bytes) -> Jpeg | Png | WebP:
    if data.startswith(b"\xff\xd8\xff"):
        return _JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _PNG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _WEBP
    raise ValueError("Only JPEG, PNG and WebP files can carry a recipe")
