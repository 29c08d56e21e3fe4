"""What is no whole still picture is a clear refusal, and costs little."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from prompts.imaging import (
    RefusedImage,
    check_picture,
    clean_photo,
)
from tests.files import pictures
from tests.files.pictures import encode, quadrants
from tests.imaging.looking import opened, refusal


@pytest.mark.parametrize(
    "upload", [pictures.truncated_jpeg(), pictures.animation("WEBP"), pictures.svg_drawing()]
)
def test_a_remote_picture_that_is_not_whole_and_still_is_refused(upload: bytes) -> None:
    with pytest.raises(RefusedImage):
        check_picture(upload, name="x")


@pytest.mark.parametrize(
    ("upload", "code", "word"),
    [
        (b"", "empty", "empty"),
        (pictures.text_file(), "unreadable", "JPEG, PNG, WebP or HEIC"),
        (pictures.svg_drawing(), "svg", "SVG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg", "SVG"),
        (encode(quadrants(), "TIFF"), "format", "TIFF"),
        (encode(quadrants(), "GIF"), "format", "GIF"),
        (encode(quadrants(), "BMP"), "format", "BMP"),
        (encode(quadrants(), "PDF"), "format", "PDF"),
        (encode(quadrants(), "EPS"), "format", "PostScript"),
        (encode(quadrants(), "AVIF"), "format", "AVIF"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp41", "format", "video"),
        (pictures.animation("WEBP"), "animated", "animated"),
        (pictures.animation("PNG"), "animated", "animated"),
        (pictures.animation("WEBP", frames=300), "animated", "animated"),
        (pictures.truncated_jpeg(), "damaged", "This JPEG is incomplete"),
        (encode(quadrants(), "JPEG")[:40], "damaged", "JPEG"),
        (encode(quadrants(), "JPEG", progressive=True)[:-400], "damaged", "JPEG"),
        (encode(quadrants(), "PNG")[:-60], "damaged", "PNG"),
        (encode(quadrants(), "WEBP")[:-60], "damaged", "WebP"),
        (pictures.TURNED_HEIC.read_bytes()[:-200], "damaged", "HEIC"),
        (b"\xff\xd8\xff", "damaged", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "damaged", "PNG"),
        (b"RIFF\x04\0\0\0WEBP", "damaged", "WebP"),
    ],
)
def test_what_is_no_whole_still_picture_is_refused_in_words(
    upload: bytes, code: str, word: str
) -> None:
    refused = refusal(upload)
    assert refused.code == code
    assert word in refused.message
    assert str(refused) == refused.message


def test_an_upload_over_the_size_limit_is_refused(settings: Settings) -> None:
    settings.PHOTO_MAX_BYTES = 2**20
    refused = refusal(pictures.text_file() + bytes(2**20))
    assert refused.code == "too_large"
    assert "1 MB" in refused.message


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_too_many_pixels_are_refused_in_every_format(settings: Settings, image_format: str) -> None:
    settings.PHOTO_MAX_PIXELS = 160 * 120 - 1
    is_heif = image_format == "HEIF"
    upload = pictures.TURNED_HEIC.read_bytes() if is_heif else encode(quadrants(), image_format)
    assert refusal(upload).code == "too_many_pixels"
    settings.PHOTO_MAX_PIXELS += 1
    assert clean_photo(upload, name="x").width == 160


def test_the_largest_webp_is_refused_for_its_pixels_before_its_canvas_is_made() -> None:
    size = (16383 - 1).to_bytes(3, "little")
    extended = b"VP8X" + (10).to_bytes(4, "little") + bytes(4) + size + size
    upload = b"RIFF" + (4 + len(extended)).to_bytes(4, "little") + b"WEBP" + extended
    refused = refusal(upload)
    assert refused.code == "too_many_pixels"
    assert "268 megapixels; the limit is 50" in refused.message


BOMB_REPORT = """
import json, resource, sys
from django.conf import settings
settings.configure()
from prompts.imaging import RefusedImage, clean_photo
from tests.files.pictures import bomb_png
bomb = bomb_png(20_000, 10_000)
assert len(bomb) < 100_000
def peak():
    # ru_maxrss would start with what the test runner held.
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
before = peak()
try:
    clean_photo(bomb, name="bomb.png")
except RefusedImage as refused:
    message = refused.message
print(json.dumps({
    "message": message,
    "own": peak() - before,
    "child": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,
}))
"""


def test_a_bomb_is_refused_by_its_header_without_taking_memory() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", BOMB_REPORT], capture_output=True, check=True, cwd=root
    )
    report = json.loads(done.stdout)
    assert report["message"] == "This picture has 200 megapixels; the limit is 50."
    assert report["own"] < 20_000  # kB
    assert report["child"] < 120_000


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damaged_files_give_a_picture_or_a_refusal_and_nothing_else(data: st.DataObject) -> None:
    whole = data.draw(
        st.sampled_from(
            [
                pictures.poisoned_jpeg(),
                encode(quadrants(), "PNG", exif=pictures.exif(6)),
                encode(quadrants(), "WEBP", exif=pictures.exif(6)),
                pictures.TURNED_HEIC.read_bytes(),
            ]
        )
    )
    damaged = bytearray(whole)
    for position in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=8)):
        damaged[position] = data.draw(st.integers(0, 255))
    try:
        photo = clean_photo(bytes(damaged), name="x")
    except RefusedImage as refused:
        assert refused.message
    else:
        assert opened(photo.data).size == (photo.width, photo.height)
