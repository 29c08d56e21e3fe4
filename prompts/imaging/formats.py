"""What a file is, told from its first bytes; the file name and its suffix are never trusted."""

from __future__ import annotations

from typing import Final

from prompts.imaging.errors import RefusedImage

ACCEPTED: Final = "JPEG, PNG, WebP or HEIC"

CONTENT_TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}

# Brands of ISO/IEC 23008-12 whose pictures are coded with HEVC.
_HEIF_BRANDS: Final = frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"mif2")
)
_AVIF_BRANDS: Final = frozenset((b"avif", b"avis"))

# Files that people take for photos. Naming them helps more than "unknown format".
_OTHER_FORMATS: Final = (
    (b"II*\0", "a TIFF file or a raw photo"),
    (b"MM\0*", "a TIFF file or a raw photo"),
    (b"GIF8", "a GIF"),
    (b"BM", "a BMP file"),
    (b"8BPS", "a Photoshop file"),
    (b"%PDF", "a PDF"),
    (b"%!PS", "a PostScript file"),
    (b"PK\x03\x04", "a zip archive"),
)


def sniff_format(data: bytes) -> str:
    """The format of `data` as Pillow names it: JPEG, PNG, WEBP or HEIF.

    Raises `RefusedImage` for everything else, naming what the file is where that can be told.
    """
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        return _sniff_iso_media(data)
    if _looks_like_svg(data):
        raise RefusedImage(
            "svg", f"This is an SVG drawing, not a photo. Please choose a {ACCEPTED} picture."
        )
    for magic, description in _OTHER_FORMATS:
        if data.startswith(magic):
            raise _unsupported(description)
    raise RefusedImage("unreadable", f"This file is not a picture we can read: {ACCEPTED}.")


def _sniff_iso_media(data: bytes) -> str:
    """Tells HEIC from AVIF and video by the brands of the file type box."""
    box_size = min(int.from_bytes(data[:4], "big"), 256)
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, box_size - 3, 4))}
    if brands & _AVIF_BRANDS:
        raise _unsupported("an AVIF picture")
    if brands & _HEIF_BRANDS:
        return "HEIF"
    raise _unsupported("a video")


def _looks_like_svg(data: bytes) -> bool:
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return (
        start.startswith((b"<svg", b"<?xml", b"<!doctype svg")) and b"<svg" in data[:4096].lower()
    )


def _unsupported(description: str) -> RefusedImage:
    return RefusedImage(
        "format", f"This is {description}. Please choose a {ACCEPTED} picture instead."
    )
