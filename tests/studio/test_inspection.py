from __future__ import annotations

import cv2
import numpy as np
import pytest

from prompts.engines.errors import EngineError
from prompts.engines.studio import faces
from prompts.engines.studio.engine import StudioEngine
from prompts.sample import sample_photos

from .people import Pixels, jpeg, sample_pixels


def lit(factor: float | tuple[float, float, float]) -> Pixels:
    """The sample portrait with every channel (BGR) multiplied."""
    values = sample_pixels().astype(np.float32) * np.float32(factor)
    return np.clip(values, 0, 255).astype(np.uint8)


def with_sunglasses() -> Pixels:
    pixels = sample_pixels()
    (face,) = faces.find(pixels)
    for eye in (face.left_eye, face.right_eye):
        centre = (int(eye[0]), int(eye[1]) + 2)
        cv2.ellipse(pixels, centre, (16, 12), 0, 0, 360, (25, 22, 20), -1, cv2.LINE_AA)
    return pixels


def codes(pixels: Pixels) -> set[str]:
    return {problem.code for problem in StudioEngine().inspect(jpeg(pixels)).problems}


@pytest.mark.parametrize(("name", "data"), sample_photos())
def test_good_photos_pass_without_a_problem(name: str, data: bytes) -> None:
    found = StudioEngine().inspect(data)
    assert found.problems == ()
    assert found.faces == 1


def test_size_is_the_stored_one() -> None:
    found = StudioEngine().inspect(jpeg(sample_pixels()[:, :400]))
    assert (found.width, found.height) == (400, 512)


@pytest.mark.parametrize(
    ("code", "pixels"),
    [
        ("no_face", np.full((300, 300, 3), 128, np.uint8)),
        ("no_face", np.zeros((8, 8, 3), np.uint8)),
        ("several_people", np.hstack([sample_pixels()] * 2)),
        ("face_cut_off", sample_pixels()[:, :240]),
        ("blurred", cv2.GaussianBlur(sample_pixels(), (0, 0), 2.5)),
        ("too_small", cv2.resize(sample_pixels(), (200, 200), interpolation=cv2.INTER_AREA)),
        ("too_dark", lit(0.2)),
        ("over_exposed", lit(1.8)),
        ("tinted", lit((1.5, 0.9, 0.6))),
        ("tinted", lit((0.7, 1.2, 0.7))),
        ("sunglasses", with_sunglasses()),
    ],
)
def test_what_is_wrong_with_a_photo_is_told(code: str, pixels: Pixels) -> None:
    assert code in codes(pixels)


def test_a_group_is_counted_in_the_message() -> None:
    found = StudioEngine().inspect(jpeg(np.hstack([sample_pixels()] * 2)))
    assert found.faces == 2
    assert any("2 people" in problem.message for problem in found.problems)


def test_a_grey_photo_is_a_photo() -> None:
    grey = cv2.cvtColor(sample_pixels(), cv2.COLOR_BGR2GRAY)
    assert codes(cv2.merge([grey] * 3)) == set()


def test_dark_skin_in_good_light_is_not_called_too_dark() -> None:
    # Dark skin differs from under-exposure by its highlights: compress all but those.
    values = (sample_pixels() / 255.0) ** 2.6
    assert "too_dark" not in codes((values * 255).astype(np.uint8))


@pytest.mark.parametrize(
    "worse",
    [
        lit(1.5),
        lit(0.35),
        lit((1.35, 1.0, 0.7)),
        cv2.GaussianBlur(sample_pixels(), (0, 0), 1.5),
        np.clip(sample_pixels() * 0.3 + 120, 0, 255).astype(np.uint8),
    ],
    ids=["over-exposed", "dark", "blue cast", "soft", "flat"],
)
def test_ranking_prefers_the_better_photo(worse: Pixels) -> None:
    engine = StudioEngine()
    assert engine.inspect(jpeg(worse)).quality < engine.inspect(jpeg(sample_pixels())).quality


@pytest.mark.parametrize("data", [b"", b"no picture", jpeg(sample_pixels())[:300]])
def test_what_is_no_picture_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(EngineError, match=r"cannot be read"):
        StudioEngine().inspect(data)
