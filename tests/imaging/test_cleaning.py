"""Whatever picture people send becomes a clean one that looks the same."""

from __future__ import annotations

import hashlib
import io
import warnings

import cv2
import numpy as np
import pytest
from PIL import Image
from pytest_django import Settings

from prompts.imaging import (
    check_picture,
    clean_input_image,
    clean_mask,
    clean_photo,
)
from tests.files import pictures
from tests.files.pictures import BLUE, GREEN, MARKER, RED, WHITE, encode, quadrants
from tests.imaging.looking import CORNERS, assert_corners, corner_colors, opened


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
