"""Input image, mask and controlnet: what they change, and what they leave alone."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from prompts.engines.errors import EngineError, UnsupportedRequest
from prompts.engines.studio import faces

from .people import Person, Pixels, decode, jpeg, sample_pixels

#: Red on the left, blue on the right, with a line between: easy to recognise in a backdrop.
FLAG = np.zeros((320, 256, 3), np.uint8)
FLAG[:, :128] = (30, 30, 220)
FLAG[:, 128:] = (220, 60, 30)
CORNERS = (slice(0, 50), slice(0, 40)), (slice(0, 50), slice(216, 256))


def made(person: Person, image: Pixels, mask: Pixels | None = None, **parameters: Any) -> Pixels:
    return person.picture(
        "headshot of ohwx woman, white background",
        parameters,
        input_image=jpeg(image),
        mask_image=None if mask is None else jpeg(mask),
    )


def corner_colours(picture: Pixels) -> list[list[int]]:
    return [np.median(picture[corner].reshape(-1, 3), 0).astype(int).tolist() for corner in CORNERS]


def test_the_input_image_becomes_the_backdrop(person: Person) -> None:
    left, right = corner_colours(made(person, FLAG))
    assert left[2] > 150 > left[0]
    assert right[0] > 150 > right[2]


def test_a_small_denoising_strength_keeps_the_image_sharper(person: Person) -> None:
    def sharpness(strength: float) -> float:
        top = made(person, FLAG, denoising_strength=strength)[:25].astype(np.float32)
        return float(np.abs(np.diff(top, axis=1)).max())

    assert sharpness(0.0) > 1.5 * sharpness(0.9)


def test_at_full_denoising_strength_the_words_decide(person: Person) -> None:
    picture = made(person, FLAG, denoising_strength=1.0)
    assert all(min(colour) > 200 for colour in corner_colours(picture))


def test_the_mask_protects_the_image(person: Person) -> None:
    mask = np.zeros((320, 256), np.uint8)
    mask[:, 128:] = 255
    picture = made(person, FLAG, mask)
    assert np.abs(picture[:, :110].astype(int) - FLAG[:, :110].astype(int)).mean() < 3
    untouched = made(person, FLAG)
    assert np.abs(picture[:, 150:].astype(int) - untouched[:, 150:].astype(int)).mean() < 12


def test_a_face_in_the_image_gives_place_and_size(person: Person) -> None:
    image = np.ascontiguousarray(sample_pixels()[:500, 56:456])
    wanted = faces.find(image)[0]
    picture = person.picture(
        parameters={"w": 400, "h": 504, "controlnet": "pose", "controlnet_txt2img": True},
        input_image=jpeg(image),
    )
    (found,) = faces.find(picture)
    assert np.abs(found.eyes / (400, 504) - wanted.eyes / (400, 500)).max() < 0.04
    assert found.height / 504 == pytest.approx(wanted.height / 500, rel=0.1)


def test_people_of_the_image_are_painted_out(person: Person) -> None:
    small = cv2.resize(sample_pixels(), (160, 160), interpolation=cv2.INTER_AREA)
    image = np.full((640, 512, 3), 170, np.uint8)
    image[480:, :160] = small
    picture = person.picture(
        parameters={"w": 512, "h": 640, "controlnet": "depth"}, input_image=jpeg(image)
    )
    assert len(faces.find(picture)) == 1


def test_lines_and_colours_steer_as_strongly_as_asked(person: Person) -> None:
    common = {"controlnet_txt2img": True}
    plain = made(person, FLAG, **common, controlnet="depth")
    weak = made(person, FLAG, **common, controlnet="tile", controlnet_conditioning_scale=0.2)
    strong = made(person, FLAG, **common, controlnet="tile", controlnet_conditioning_scale=1.0)

    def distance(picture: Pixels) -> float:
        return float(np.abs(picture[:40].astype(int) - plain[:40].astype(int)).mean())

    assert distance(strong) > distance(weak) > 0.5
    lines = made(person, FLAG, **common, controlnet="canny")
    assert lines[:20, 118:138].min() < plain[:20, 118:138].min() - 30


def test_a_qr_code_is_refused(person: Person) -> None:
    with pytest.raises(UnsupportedRequest, match="QR"):
        made(person, FLAG, controlnet="qr")


def test_an_unreadable_input_image_is_refused(person: Person) -> None:
    with pytest.raises(EngineError, match="cannot be read"):
        person.pictures(input_image=b"nothing")


def test_the_recipe_tells_of_the_input_image(person: Person) -> None:
    (picture,) = person.pictures(input_image=jpeg(FLAG))
    assert picture.recipe["input_image"] is True
    assert decode(picture.data).shape == (320, 256, 3)
