"""Enlargement, detail, style and film as the engine applies them."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from prompts.engines.studio import faces

from .people import Person, Pixels, decode

#: So small that the photo has more px than the picture before enlarging.
SMALL = {"w": 96, "h": 120, "super_resolution": True}


def fineness(picture: Pixels, region: tuple[slice, slice]) -> float:
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
    return float(np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 1.5))[region].mean())


def face_region(picture: Pixels) -> tuple[slice, slice]:
    points = faces.find(picture)[0].landmarks[:, :2].astype(int)
    (left, top), (right, bottom) = points.min(0), points.max(0)
    return slice(top, bottom), slice(left, right)


def test_super_resolution_quadruples_and_keeps_the_picture(person: Person) -> None:
    (picture,) = person.pictures(parameters=SMALL)
    assert (picture.width, picture.height) == (384, 480)
    plain = person.picture(parameters={"w": 96, "h": 120})
    again = cv2.resize(decode(picture.data), (96, 120), interpolation=cv2.INTER_AREA)
    assert np.abs(again.astype(int) - plain.astype(int)).mean() < 4


@pytest.mark.parametrize("option", ["hires_fix", "inpaint_faces"])
def test_the_photo_brings_the_face_nearer_to_a_large_picture(person: Person, option: str) -> None:
    native = person.picture(parameters={"w": 384, "h": 480, "steps": 5})
    region = face_region(native)

    def error(**parameters: Any) -> float:
        picture = person.picture(parameters={**SMALL, "steps": 5, **parameters})
        return float(np.abs(picture[region].astype(int) - native[region].astype(int)).mean())

    assert error(**{option: True}) < 0.9 * error()


def test_face_detail_leaves_the_backdrop_alone(person: Person) -> None:
    plain = person.picture(parameters=SMALL)
    better = person.picture(parameters={**SMALL, "inpaint_faces": True})
    assert np.array_equal(better[:40, :40], plain[:40, :40])


def test_a_style_changes_the_picture_and_is_told(person: Person) -> None:
    plain = person.picture()
    (drawn,) = person.pictures(parameters={"style": "Line art"})
    assert drawn.recipe["style"] == "Line art"
    assert np.abs(decode(drawn.data).astype(int) - plain.astype(int)).mean() > 15


def test_a_low_cfg_scale_weakens_a_style(person: Person) -> None:
    def change(**parameters: Any) -> float:
        styled = person.picture(parameters={"style": "Comic book", **parameters})
        plain = person.picture(parameters=parameters)
        return float(np.abs(styled.astype(int) - plain.astype(int)).mean())

    assert change(cfg_scale=0) < 0.85 * change(cfg_scale=7.5)


def test_portra_is_softer_than_velvia(person: Person) -> None:
    def saturation(film: str) -> float:
        picture = person.picture(parameters={"color_grading": film})
        return float(cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)[..., 1].mean())

    assert saturation("Film Portra") < saturation("Film Velvia")


def test_grain_raises_high_frequencies(person: Person) -> None:
    everywhere = (slice(None), slice(None))
    plain, grainy = person.picture(), person.picture(parameters={"film_grain": True})
    assert fineness(grainy, everywhere) > fineness(plain, everywhere) + 0.5


def test_steps_below_twelve_leave_the_skin_alone(person: Person) -> None:
    draft = person.pictures(parameters={"steps": 5})[0]
    assert draft.recipe["retouch"] == 0
    assert draft.data != person.pictures(parameters={"steps": 20})[0].data


def test_face_swap_takes_one_photo_for_all(person: Person) -> None:
    pictures = person.pictures(parameters={"face_swap": True}, num_images=3, indexes=[0, 1, 2])
    assert len({picture.recipe["photo"] for picture in pictures}) == 1
    assert len({picture.data for picture in pictures}) == 3
