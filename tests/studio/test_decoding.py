"""Whatever a photo's colour model, it is read; what is no photo is refused."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from prompts.engines.studio import decoding
from prompts.sample import sample_photos

from .people import jpeg, sample_pixels


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def sample_image() -> Image.Image:
    return Image.open(io.BytesIO(sample_photos()[0][1]))


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGBA", "P", "LA"])
def test_every_colour_model_becomes_plain_colour(mode: str) -> None:
    kind = "JPEG" if mode in ("L", "CMYK") else "PNG"
    pixels = decoding.decode(saved(sample_image().convert("RGB").convert(mode), kind))
    assert pixels.shape == (512, 512, 3)
    assert pixels.dtype == np.uint8
    assert abs(float(pixels.mean()) - float(sample_pixels().mean())) < 12


def test_sixteen_bits_keep_their_brightness() -> None:
    grey = cv2.cvtColor(sample_pixels(), cv2.COLOR_BGR2GRAY).astype(np.uint16) * 257
    pixels = decoding.decode(cv2.imencode(".png", grey)[1].tobytes())
    assert abs(float(pixels.mean()) - float(grey.mean()) / 257) < 2


def test_transparency_goes_on_white() -> None:
    clear = Image.new("RGBA", (20, 10), (255, 0, 0, 0))
    assert (decoding.decode(saved(clear, "PNG")) == 255).all()


def test_of_an_animation_the_first_frame_counts() -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("#ff0000", "#0000ff")]
    data = saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert decoding.decode(data)[0, 0].tolist() == [0, 0, 255]


def test_a_sideways_photo_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(sample_image().crop((0, 0, 512, 256)), "JPEG", exif=exif)
    assert decoding.decode(data).shape[:2] == (512, 256)


def test_a_huge_photo_is_decoded_reduced() -> None:
    huge = cv2.resize(sample_pixels(), (6400, 400))
    pixels = decoding.decode(jpeg(huge))
    assert pixels.shape[:2] == (200, 3200)
    assert decoding.measure(jpeg(huge)) == (6400, 400)


def test_encoding_keeps_red_edges_sharp() -> None:
    pixels = np.full((64, 64, 3), 128, np.uint8)
    pixels[:, 33:] = (0, 0, 200)
    again = decoding.decode(decoding.encode(pixels)).astype(int)
    assert np.abs(again[:, 31:36] - pixels[:, 31:36]).max() < 40
