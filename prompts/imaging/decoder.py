"""Decodes one untrusted picture in a process of its own.

`sandbox.py` runs this file by its path, `python -I decoder.py REQUEST`, with the picture on
standard input. It therefore imports nothing of this project, no Django, and nothing it does not
need: the process lives for one picture and its start-up is most of its life.

REQUEST is a JSON object: `task` (photo, mask or check), `format` (as Pillow names it),
`max_pixels`, `max_side` (px of the result), `memory` (bytes) and `cpu_seconds`.
The answer on standard output is four bytes, big-endian: the length of a JSON object; that object;
and the result's encoded bytes. The object holds either `width`, `height` and `color` or
`refused` with a code.
"""

from __future__ import annotations

import io
import json
import resource
import struct
import sys
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageCms, ImageFile

Answer = tuple[dict[str, Any], bytes]

# EXIF 2.32, 4.6.4 A, tag 0x0112: how to turn the stored picture upright.
_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Refused(Exception):
    """The picture is refused; `facts` go into the answer beside the code."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


def load_plugins(image_format: str) -> None:
    """Imports all that decoding may need, as no file can be opened once `confine` has run."""
    Image.preinit()
    from PIL import JpegPresets, MpoImagePlugin, TiffImagePlugin  # noqa: F401 - stays loaded

    if image_format == "WEBP":
        from PIL import WebPImagePlugin  # noqa: F401 - stays loaded
    elif image_format == "HEIF":
        import pi_heif

        pi_heif.register_heif_opener(thumbnails=False)
        pi_heif.options.DECODE_THREADS = 1


def confine(memory: int, cpu_seconds: int) -> None:
    """Gives up what a decoder does not need.

    Without a free file descriptor it can open neither files nor sockets, nor load another
    program; it may not grow a file, dump core, or use more memory or time than stated.
    """
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 3,
    }
    for limit, value in limits.items():
        try:
            resource.setrlimit(limit, (value, value))
        except (OSError, ValueError):  # macOS knows RLIMIT_AS but refuses to set it
            continue


def webp_size(data: bytes) -> tuple[int, int]:
    """Width and height from the first chunk of a WebP file (RFC 9649, 2.5–2.7).

    Pillow's decoder allocates the whole canvas when it opens the file, which is too late.
    """
    kind = data[12:16]
    if kind == b"VP8X":
        width_less_one, height_less_one = data[24:27], data[27:30]
        return (
            int.from_bytes(width_less_one, "little") + 1,
            int.from_bytes(height_less_one, "little") + 1,
        )
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def open_picture(data: bytes, image_format: str, max_pixels: int) -> ImageFile.ImageFile:
    """Reads the header only and refuses what is too large or moves."""
    if image_format == "WEBP":
        refuse_too_many_pixels(*webp_size(data), max_pixels)
    Image.MAX_IMAGE_PIXELS = None  # ours is stricter, and says how many there are
    picture = Image.open(io.BytesIO(data), formats=[image_format])
    refuse_too_many_pixels(picture.width, picture.height, max_pixels)
    # Phones put a depth map or a smaller copy behind the photo (MPO, HEIC): not an animation.
    if picture.format in ("PNG", "WEBP") and getattr(picture, "is_animated", False):
        raise Refused("animated")
    return picture


def refuse_too_many_pixels(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise Refused("too_many_pixels", width=width, height=height)


def upright(picture: Image.Image, orientation: int) -> Image.Image:
    operation = _UPRIGHT.get(orientation)
    return picture if operation is None else picture.transpose(operation)


def read_orientation(picture: Image.Image) -> int:
    """EXIF orientation 1–8; a damaged EXIF block counts as upright."""
    try:
        return int(picture.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # the parser raises whatever the block's damage leads it to
        return 1


def to_eight_bits(picture: Image.Image) -> Image.Image:
    """Maps palette, bilevel and 16-bit grey to modes with 8 bits a channel."""
    if picture.has_transparency_data and picture.mode not in ("RGBA", "LA"):
        return picture.convert("RGBA")
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if picture.mode in ("L", "LA", "RGB", "RGBA", "CMYK"):
        return picture
    return picture.convert("RGB")


def shrink(picture: Image.Image, max_side: int) -> Image.Image:
    scale = max_side / max(picture.size)
    if scale >= 1:
        return picture
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB in sRGB. A profile that does not fit its picture is passed over, as browsers do."""
    if profile:
        try:
            return ImageCms.profileToProfile(
                picture,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                outputMode="RGB",
                flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
            ) or picture.convert("RGB")
        except (ImageCms.PyCMSError, ValueError, OSError):
            pass
    return picture.convert("RGB")


def split_alpha(picture: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    if picture.mode == "RGBA":
        return picture.convert("RGB"), picture.getchannel("A")
    if picture.mode == "LA":
        return picture.getchannel("L"), picture.getchannel("A")
    return picture, None


def prepare(data: bytes, request: dict[str, Any]) -> tuple[Image.Image, bytes | None]:
    """Decodes; returns the upright, shrunk picture with 8 bits a channel and its ICC profile."""
    picture = open_picture(data, request["format"], request["max_pixels"])
    orientation = read_orientation(picture)
    profile = picture.info.get("icc_profile")
    picture.load()
    small = shrink(to_eight_bits(picture), request["max_side"])
    return upright(small, orientation), profile


def clean_photo(data: bytes, request: dict[str, Any]) -> Answer:
    """A JPEG made of nothing but the pixels; transparent parts become white."""
    picture, profile = prepare(data, request)
    colors, alpha = split_alpha(picture)
    colors = to_srgb(colors, profile)
    # A new canvas knows no metadata: whatever the file carried cannot reach the encoder.
    canvas = Image.new("RGB", colors.size, "white")
    canvas.paste(colors, mask=alpha)
    # Full chroma resolution: hair against a coloured wall is cut out along these edges.
    return describe(canvas), encode(canvas, "JPEG", quality=95, subsampling="4:4:4")


def clean_mask(data: bytes, request: dict[str, Any]) -> Answer:
    """A one-channel PNG, white where to repaint; transparent parts become black."""
    picture, _ = prepare(data, request)
    colors, alpha = split_alpha(picture)
    canvas = Image.new("L", colors.size, 0)
    canvas.paste(colors.convert("RGB").convert("L"), mask=alpha)
    return describe(canvas), encode(canvas, "PNG", compress_level=6)


def check(data: bytes, request: dict[str, Any]) -> Answer:
    """Decodes to the last pixel and returns no bytes."""
    picture = open_picture(data, request["format"], request["max_pixels"])
    picture.load()
    return describe(picture.convert("RGB")), b""


def describe(picture: Image.Image) -> dict[str, Any]:
    mean = picture.convert("RGB").resize((1, 1), Image.Resampling.BOX).tobytes()
    return {"width": picture.width, "height": picture.height, "color": f"#{mean.hex()}"}


def encode(picture: Image.Image, image_format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, image_format, **options)
    return buffer.getvalue()


TASKS: dict[str, Callable[[bytes, dict[str, Any]], Answer]] = {
    "photo": clean_photo,
    "mask": clean_mask,
    "check": check,
}


def answer(data: bytes, request: dict[str, Any]) -> Answer:
    try:
        return TASKS[request["task"]](data, request)
    except Refused as refused:
        return {"refused": refused.code, **refused.facts}, b""
    except MemoryError:
        return {"refused": "too_complex", "detail": "out of memory"}, b""
    except Exception as error:  # every decoder has its own exceptions for damaged files
        return {"refused": "damaged", "detail": repr(error)[:300]}, b""


def main() -> None:
    request = json.loads(sys.argv[1])
    load_plugins(request["format"])
    confine(request["memory"], request["cpu_seconds"])
    head, body = answer(sys.stdin.buffer.read(), request)
    encoded_head = json.dumps(head).encode()
    sys.stdout.buffer.write(struct.pack(">I", len(encoded_head)) + encoded_head)
    sys.stdout.buffer.write(body)


if __name__ == "__main__":
    main()
