"""Whatever people send becomes a clean picture or a clear refusal."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image
from pytest_django import Settings

from prompts.imaging import (
    RefusedImage,
    check_picture,
    clean_input_image,
    clean_mask,
    clean_photo,
    sandbox,
)
from tests.files import pictures
from tests.files.pictures import BLUE, GREEN, MARKER, RED, WHITE, encode, quadrants

CORNERS = ("top left", "top right", "bottom left", "bottom right")


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def corner_colors(data: bytes) -> dict[str, tuple[int, ...]]:
    picture = opened(data).convert("RGB")
    right, bottom = picture.width * 3 // 4, picture.height * 3 // 4
    left, top = picture.width // 4, picture.height // 4
    places = ((left, top), (right, top), (left, bottom), (right, bottom))
    return {name: picture.getpixel(xy) for name, xy in zip(CORNERS, places, strict=True)}


def assert_corners(data: bytes, *expected: tuple[int, ...], tolerance: int = 6) -> None:
    colors = corner_colors(data)
    for name, color in zip(CORNERS, expected, strict=True):
        assert colors[name] == pytest.approx(color, abs=tolerance), name


def refusal(data: bytes) -> RefusedImage:
    with pytest.raises(RefusedImage) as caught:
        clean_photo(data, name="photo.jpg")
    return caught.value


@pytest.mark.parametrize(
    ("image_format", "options"),
    [
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "progressive": True}),
        ("PNG", {}),
        ("WEBP", {"quality": 95}),
        ("WEBP", {"lossless": True}),
    ],
)
def test_every_accepted_format_becomes_a_jpeg_of_the_same_picture(
    image_format: str, options: dict[str, object]
) -> None:
    upload = encode(quadrants(), image_format, **options)
    photo = clean_photo(upload, name="photo")
    picture = opened(photo.data)
    assert (picture.format, picture.mode) == ("JPEG", "RGB")
    assert (photo.width, photo.height) == picture.size == (160, 120)
    assert photo.content_type == "image/jpeg"
    assert photo.sha256 == hashlib.sha256(upload).hexdigest()
    assert_corners(photo.data, RED, GREEN, BLUE, WHITE)


def test_the_mean_colour_is_that_of_the_picture() -> None:
    grey_blue = Image.new("RGB", (40, 40), (100, 120, 140))
    color = clean_photo(encode(grey_blue, "PNG"), name="x").color
    channels = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    assert color.startswith("#") and channels == pytest.approx([100, 120, 140], abs=1)


def test_a_heic_photo_becomes_an_upright_jpeg_without_its_metadata() -> None:
    upload = pictures.TURNED_HEIC.read_bytes()
    assert MARKER in upload
    photo = clean_photo(upload, name="IMG_0001.HEIC")
    assert (photo.width, photo.height) == (160, 120)
    assert_corners(photo.data, RED, GREEN, BLUE, WHITE)
    assert MARKER not in photo.data


# EXIF 2.32 says where the stored picture's row 0 and column 0 are to be seen.
@pytest.mark.parametrize(
    ("orientation", "first_row", "first_column"),
    [
        (1, "top", "left"),
        (2, "top", "right"),
        (3, "bottom", "right"),
        (4, "bottom", "left"),
        (5, "left", "top"),
        (6, "right", "top"),
        (7, "right", "bottom"),
        (8, "left", "bottom"),
    ],
)
@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_every_exif_orientation_becomes_upright(
    orientation: int, first_row: str, first_column: str, image_format: str
) -> None:
    opposite = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}
    upload = encode(quadrants(), image_format, quality=95, exif=pictures.exif(orientation))
    photo = clean_photo(upload, name="photo")
    stored_corners = {
        RED: {first_row, first_column},
        GREEN: {first_row, opposite[first_column]},
        BLUE: {opposite[first_row], first_column},
        WHITE: {opposite[first_row], opposite[first_column]},
    }
    colors = corner_colors(photo.data)
    for color, sides in stored_corners.items():
        name = next(name for name in CORNERS if set(name.split()) == sides)
        assert colors[name] == pytest.approx(color, abs=12)
    turned = orientation >= 5
    assert (photo.width, photo.height) == ((120, 160) if turned else (160, 120))


def test_nothing_but_pixels_survives() -> None:
    upload = pictures.poisoned_jpeg()
    assert upload.count(MARKER) >= 4
    for cleaned in (clean_photo(upload, name="x").data, clean_mask(upload, name="x").data):
        assert MARKER not in cleaned
        for trace in (b"Exif", b"ICC_PROFILE", b"adobe", b"<script>", b"eXIf", b"iCCP"):
            assert trace not in cleaned
    photo = opened(clean_photo(upload, name="x").data)
    assert not photo.getexif()
    assert set(photo.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_colours_follow_the_embedded_profile() -> None:
    profile = pictures.profile_with_red_and_green_swapped()
    photo = clean_photo(encode(quadrants(), "PNG", icc_profile=profile), name="x")
    colors = corner_colors(photo.data)
    red, green, _ = colors["top left"]
    assert green > red + 80
    red, green, _ = colors["top right"]
    assert red > green + 80


def test_a_profile_that_does_not_fit_is_passed_over() -> None:
    for profile in (b"not a profile", pictures.profile_with_red_and_green_swapped()[:200]):
        photo = clean_photo(encode(quadrants(), "PNG", icc_profile=profile), name="x")
        assert_corners(photo.data, RED, GREEN, BLUE, WHITE)


def test_a_grey_picture_with_a_colour_profile_stays_grey() -> None:
    profile = pictures.profile_with_red_and_green_swapped()
    grey = Image.new("L", (40, 40), 128)
    photo = clean_photo(encode(grey, "PNG", icc_profile=profile), name="x")
    assert_corners(photo.data, *[(128, 128, 128)] * 4)


@pytest.mark.parametrize("mode", ["L", "LA", "1", "P", "RGBA"])
def test_every_mode_of_pixels_keeps_its_look(mode: str) -> None:
    black_and_white = Image.new("L", (80, 60), 0)
    black_and_white.paste(255, (40, 0, 80, 60))
    image_format = "PNG"
    photo = clean_photo(encode(black_and_white.convert(mode), image_format), name="x")
    assert_corners(photo.data, (0, 0, 0), WHITE, (0, 0, 0), WHITE, tolerance=2)


def test_cmyk_is_converted() -> None:
    upload = encode(quadrants().convert("CMYK"), "JPEG", quality=95)
    photo = clean_photo(upload, name="x")
    assert opened(photo.data).mode == "RGB"
    assert_corners(photo.data, RED, GREEN, BLUE, WHITE, tolerance=25)


def test_sixteen_bits_keep_their_mid_tones() -> None:
    grey = np.full((60, 80), 30_000, np.uint16)
    grey[:, 40:] = 60_000
    upload = cv2.imencode(".png", grey)[1].tobytes()
    dark, light = (117,) * 3, (233,) * 3
    assert_corners(clean_photo(upload, name="x").data, dark, light, dark, light, tolerance=2)

    colors = np.zeros((60, 80, 3), np.uint16)
    colors[:] = (10_000, 30_000, 60_000)  # OpenCV's order: blue, green, red
    upload = cv2.imencode(".png", colors)[1].tobytes()
    assert_corners(clean_photo(upload, name="x").data, *[(233, 117, 39)] * 4, tolerance=3)


def test_transparent_parts_become_white_and_half_transparent_ones_lighter() -> None:
    picture = Image.new("RGBA", (80, 60), (0, 0, 0, 0))
    picture.paste((0, 0, 0, 128), (40, 0, 80, 30))
    picture.paste((0, 0, 0, 255), (40, 30, 80, 60))
    expected = (WHITE, (127,) * 3, WHITE, (0, 0, 0))
    for image_format in ("PNG", "WEBP"):
        upload = encode(picture, image_format, lossless=True)
        assert_corners(clean_photo(upload, name="x").data, *expected, tolerance=3)


def test_a_transparent_palette_colour_becomes_white() -> None:
    palette = quadrants().quantize(4)
    upload = encode(palette, "PNG", transparency=palette.getpixel((5, 5)))
    assert_corners(clean_photo(upload, name="x").data, WHITE, GREEN, BLUE, WHITE)


def test_a_phones_second_picture_in_a_jpeg_is_left_out() -> None:
    depth = Image.new("RGB", (80, 60), "black")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        upload = encode(quadrants(), "MPO", save_all=True, append_images=[depth], quality=95)
    photo = clean_photo(upload, name="x")
    assert (photo.width, photo.height) == (160, 120)
    start = b"\xff\xd8\xff"
    assert (upload.count(start), photo.data.count(start)) == (2, 1)
    assert_corners(photo.data, RED, GREEN, BLUE, WHITE)


def test_a_large_picture_is_scaled_down_in_proportion(settings: Settings) -> None:
    settings.PHOTO_MAX_SIDE = 80
    photo = clean_photo(encode(quadrants(400, 200), "PNG"), name="x")
    assert (photo.width, photo.height) == (80, 40)
    photo = clean_photo(encode(quadrants(200, 400), "JPEG", exif=pictures.exif(6)), name="x")
    assert (photo.width, photo.height) == (80, 40)
    photo = clean_photo(encode(quadrants(60, 40), "PNG"), name="x")
    assert (photo.width, photo.height) == (60, 40)


def test_an_extremely_narrow_picture_keeps_a_pixel_of_width(settings: Settings) -> None:
    settings.PHOTO_MAX_SIDE = 80
    photo = clean_photo(encode(Image.new("RGB", (1, 400), "red"), "PNG"), name="x")
    assert (photo.width, photo.height) == (1, 80)


def test_an_upload_is_read_from_its_start_wherever_it_stands() -> None:
    upload = encode(quadrants(), "PNG")
    stream = io.BytesIO(upload)
    stream.seek(100)
    assert clean_input_image(stream, name="x").sha256 == hashlib.sha256(upload).hexdigest()


def test_a_mask_is_one_channel_white_where_it_was_white() -> None:
    painted = Image.new("RGBA", (80, 60), (255, 255, 255, 0))
    painted.paste((255, 255, 255, 255), (40, 0, 80, 60))
    mask = clean_mask(encode(painted, "PNG"), name="mask.png")
    picture = opened(mask.data)
    assert (picture.format, picture.mode, mask.content_type) == ("PNG", "L", "image/png")
    assert (mask.width, mask.height) == picture.size == (80, 60)
    assert [picture.getpixel(xy) for xy in ((10, 10), (70, 50))] == [0, 255]


def test_a_checked_picture_tells_its_size_and_type() -> None:
    checked = check_picture(encode(quadrants(), "WEBP"), name="x")
    assert (checked.width, checked.height, checked.content_type) == (160, 120, "image/webp")


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
    root = Path(__file__).parent.parent
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


# --- The decoder's cell -----------------------------------------------------------------------


@pytest.fixture
def decoder_that(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Puts a script of the test's own in the decoder's place."""

    def use(script: str) -> None:
        path = tmp_path / "decoder.py"
        path.write_text(script)
        monkeypatch.setattr(sandbox, "_DECODER", path)

    return use


ANSWER = """
import json, sys
def answer(**head):
    encoded = json.dumps(head).encode()
    sys.stdout.buffer.write(len(encoded).to_bytes(4, "big") + encoded)
"""


@pytest.mark.parametrize(
    "script",
    [
        "import os; os.kill(os.getpid(), 9)",
        "import os; os._exit(0)",
        "raise RuntimeError",
        "import sys; sys.stdin.buffer.read(); print('nonsense')",
        "import sys\nwhile True: sys.stdout.buffer.write(bytes(2**20))",
        "import time; time.sleep(600)",
    ],
    ids=["killed", "silent", "crashed", "nonsense", "flood", "asleep"],
)
def test_a_decoder_that_dies_or_raves_is_a_clear_refusal(
    decoder_that,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
) -> None:
    decoder_that(script)
    monkeypatch.setattr(sandbox, "WALL_SECONDS", 1.0)
    refused = refusal(encode(quadrants(), "PNG"))
    assert refused.code == "too_complex"
    assert "could not be read" in refused.message


def test_a_picture_that_needs_more_memory_than_allowed_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sandbox, "MEMORY", 150 * 2**20)
    assert refusal(encode(Image.new("RGB", (7000, 7000)), "PNG")).code == "too_complex"


def test_a_decoder_runs_out_of_processor_time(
    decoder_that,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decoder = Path(sandbox.__file__).with_name("decoder.py")
    decoder_that(
        "import json, runpy, sys\n"
        f"decoder = runpy.run_path({str(decoder)!r})\n"
        "request = json.loads(sys.argv[1])\n"
        "decoder['confine'](request['memory'], request['cpu_seconds'])\n"
        "while True: pass\n"
    )
    monkeypatch.setattr(sandbox, "CPU_SECONDS", 1)
    assert refusal(encode(quadrants(), "PNG")).code == "too_complex"


def test_a_confined_decoder_opens_no_file_no_socket_and_no_program(
    decoder_that,
    tmp_path: Path,
) -> None:
    decoder = Path(sandbox.__file__).with_name("decoder.py")
    decoder_that(
        ANSWER + "import os, runpy, socket, subprocess\n"
        f"decoder = runpy.run_path({str(decoder)!r})\n"
        "decoder['confine'](2**30, 20)\n"
        "attempts = {\n"
        "    'read': lambda: open('/etc/passwd'),\n"
        f"    'write': lambda: open({str(tmp_path / 'new')!r}, 'w'),\n"
        "    'connect': lambda: socket.socket(),\n"
        "    'run': lambda: subprocess.run(['/bin/true'], capture_output=True),\n"
        "}\n"
        "succeeded = []\n"
        "for name, attempt in attempts.items():\n"
        "    try: attempt()\n"
        "    except OSError: continue\n"
        "    succeeded.append(name)\n"
        "answer(succeeded=succeeded)\n"
    )
    head, _ = sandbox.run_decoder(b"", {})
    assert head == {"succeeded": []}
    assert not (tmp_path / "new").exists()


def test_a_decoder_is_told_no_secrets(
    decoder_that,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECRET_KEY", "s3cret")
    decoder_that(ANSWER + "import os; answer(environment=sorted(os.environ))")
    head, _ = sandbox.run_decoder(b"", {})
    assert "SECRET_KEY" not in head["environment"]


def test_no_more_than_two_decoders_run_at_once(
    decoder_that,
    tmp_path: Path,
) -> None:
    running = tmp_path / "running"
    running.mkdir()
    decoder_that(
        ANSWER + "import os, pathlib, time\n"
        f"own = pathlib.Path({str(running)!r}) / str(os.getpid())\n"
        "own.touch(); time.sleep(0.2)\n"
        "together = len(list(own.parent.iterdir())); own.unlink()\n"
        "answer(together=together)\n"
    )
    seen: list[int] = []
    callers = [
        threading.Thread(target=lambda: seen.append(sandbox.run_decoder(b"", {})[0]["together"]))
        for _ in range(6)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(seen) == 6
    assert max(seen) == sandbox.CONCURRENT_DECODERS


def test_who_waits_too_long_for_a_turn_is_told_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sandbox, "_turns", threading.BoundedSemaphore(1))
    monkeypatch.setattr(sandbox, "SECONDS_TO_WAIT_FOR_A_TURN", 0.01)
    sandbox._turns.acquire()
    refused = refusal(encode(quadrants(), "PNG"))
    assert refused.code == "busy"
    assert "try again" in refused.message
