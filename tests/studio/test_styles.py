"""Styles: repeatable, unlike each other, and the face stays that face."""

from __future__ import annotations

from itertools import combinations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from prompts.engines.studio import cutout, faces, styles
from prompts.engines.studio.arrays import Picture, luminance, saturate
from prompts.engines.studio.figure import Figure
from prompts.engines.studio.recipe import Recipe
from prompts.engines.studio.render import Rendering, render

from .people import sample_pixels

NAMES = sorted(styles.STYLES)
OFFERED = {
    "Cinematic", "Animated", "Digital Art", "Photographic", "Fantasy art", "Neonpunk", "Enhance",
    "Comic book", "Lowpoly", "Line art",
}  # fmt: skip
#: Of these a face detector made for photographs still sees the face.
LIFELIKE = sorted(set(NAMES) - {"Line art"})


@pytest.fixture(scope="module")
def rendering() -> Rendering:
    pixels = sample_pixels()
    person = cutout.make(pixels, faces.find(pixels)[0])
    return render(person, Recipe(scene="office", shot="headshot"), 400, 504, seed=3, index=0)


@pytest.fixture(scope="module")
def styled(rendering: Rendering) -> dict[str, Picture]:
    return {
        name: styles.apply(name, rendering.picture, rendering.figure, np.random.default_rng(1))
        for name in NAMES
    }


def test_every_style_of_the_parameters_exists_and_painters_are_reached_by_words() -> None:
    assert set(NAMES) >= OFFERED
    assert {"Oil painting", "Impasto"} <= set(NAMES)
    assert "van gogh" in styles.STYLES["Impasto"].words


@pytest.mark.parametrize("name", NAMES)
def test_a_style_answers_a_finite_picture_of_the_same_size(
    name: str, rendering: Rendering, styled: dict[str, Picture]
) -> None:
    picture = styled[name]
    assert picture.shape == rendering.picture.shape and picture.dtype == np.float32
    assert np.isfinite(picture).all() and picture.min() >= 0 and picture.max() <= 1


@pytest.mark.parametrize("name", NAMES)
def test_a_style_leaves_the_photograph_it_is_given_alone(name: str, rendering: Rendering) -> None:
    before = rendering.picture.copy()
    styles.apply(name, rendering.picture, rendering.figure, np.random.default_rng(2))
    assert np.array_equal(before, rendering.picture)


@pytest.mark.parametrize("name", ["Oil painting", "Impasto", "Fantasy art", "Lowpoly", "Neonpunk"])
def test_the_seed_repeats_what_is_random_and_another_seed_changes_it(
    name: str, rendering: Rendering, styled: dict[str, Picture]
) -> None:
    again = styles.apply(name, rendering.picture, rendering.figure, np.random.default_rng(1))
    other = styles.apply(name, rendering.picture, rendering.figure, np.random.default_rng(7))
    assert np.array_equal(styled[name], again)
    assert not np.array_equal(styled[name], other)


@pytest.mark.parametrize("name", NAMES)
def test_one_thread_makes_the_same_bytes_as_two(
    name: str, rendering: Rendering, styled: dict[str, Picture]
) -> None:
    threads = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        alone = styles.apply(name, rendering.picture, rendering.figure, np.random.default_rng(1))
    finally:
        cv2.setNumThreads(threads)
    assert np.array_equal(alone, styled[name])


def test_styles_differ_from_each_other(styled: dict[str, Picture]) -> None:
    for one, other in combinations(NAMES, 2):
        difference = float(np.abs(styled[one] - styled[other]).mean())
        assert difference > 0.008, f"{one} and {other} look alike"


def test_photographic_stays_close_to_the_photograph(
    rendering: Rendering, styled: dict[str, Picture]
) -> None:
    assert float(np.abs(styled["Photographic"] - rendering.picture).mean()) < 0.02


@pytest.mark.parametrize("name", LIFELIKE)
def test_the_face_is_still_found_where_it_was(
    name: str, rendering: Rendering, styled: dict[str, Picture]
) -> None:
    figure = rendering.figure
    (found,) = faces.find((styled[name] * 255).round().astype(np.uint8))
    moved = np.linalg.norm(found.landmarks[:, :2] - figure.landmarks[:, :2], axis=1)
    assert float(moved.mean()) < 0.06 * figure.face_height


@pytest.mark.parametrize("name", NAMES)
def test_the_features_of_the_face_keep_their_pattern_of_light(
    name: str, rendering: Rendering, styled: dict[str, Picture]
) -> None:
    seen = rendering.figure.face > 0.6
    before = luminance(rendering.picture)[seen]
    after = luminance(styled[name])[seen]
    least = 0.3 if name == "Line art" else 0.75
    assert np.corrcoef(before, after)[0, 1] > least


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("h", "w"), [(168, 72), (72, 168), (40, 40)])
def test_a_style_works_at_every_proportion_and_without_a_person(name: str, h: int, w: int) -> None:
    picture = np.random.default_rng(4).random((h, w, 3), dtype=np.float32)
    result = styles.apply(name, picture, None, np.random.default_rng(1))
    assert result.shape == (h, w, 3) and np.isfinite(result).all()


def test_strength_blends_between_photograph_and_style(
    rendering: Rendering, styled: dict[str, Picture]
) -> None:
    def distance(strength: float) -> float:
        mild = styles.apply(
            "Neonpunk", rendering.picture, rendering.figure, np.random.default_rng(1), strength
        )
        return float(np.abs(mild - rendering.picture).mean())

    assert distance(0.0) == pytest.approx(0, abs=1e-6)
    assert distance(0.5) == pytest.approx(distance(1.0) / 2, rel=0.02)


def in_a_black_suit() -> tuple[Picture, Figure]:
    """A picture whose lower half is a nearly black suit with two lapels, and its figure."""
    rng = np.random.default_rng(9)
    suit = np.full((320, 256, 3), 0.045, np.float32)
    suit += rng.normal(0, 0.004, suit.shape).astype(np.float32)
    for x in (90, 166):
        cv2.line(suit, (x, 120), (128, 300), (0.11, 0.11, 0.11), 3)
    suit[:110] = 0.75
    matte: NDArray[np.float32] = np.ones((320, 256), np.float32)
    figure = Figure(suit, matte, np.zeros_like(matte), np.full((468, 3), -50, np.float32), 90.0)
    return np.clip(suit, 0, 1), figure


def test_line_art_does_not_fill_a_black_suit() -> None:
    picture, figure = in_a_black_suit()
    drawing = luminance(styles.apply("Line art", picture, figure, np.random.default_rng(1)))
    suit, wall = drawing[130:], drawing[20:90]
    assert float((suit < 0.35).mean()) < 0.35
    assert 0.35 < float(suit.mean()) < 0.97
    assert float(wall.mean()) > 0.9


def test_oil_does_not_emboss_flat_cloth() -> None:
    cloth = np.full((320, 256, 3), (0.2, 0.25, 0.5), np.float32)
    figure = in_a_black_suit()[1]
    painted = luminance(styles.apply("Oil painting", cloth, figure, np.random.default_rng(1)))
    assert float(painted.std()) < 0.03


def test_fantasy_changes_the_place_and_not_only_its_colours(
    rendering: Rendering, styled: dict[str, Picture]
) -> None:
    away = rendering.figure.matte < 0.05
    before = luminance(saturate(rendering.picture, 1.0))[away]
    after = luminance(styled["Fantasy art"])[away]
    assert np.corrcoef(before, after)[0, 1] < 0.8


def test_neonpunk_lights_the_person_from_two_sides(styled: dict[str, Picture]) -> None:
    picture = styled["Neonpunk"]
    blue, green, red = (picture[..., i] for i in range(3))
    left, right = np.s_[:, :130], np.s_[:, 270:]
    assert float((red - green)[left].mean()) > float((red - green)[right].mean()) + 0.05
    assert float(blue.mean()) > float(red.mean())


def test_lowpoly_is_flat_within_its_facets(
    rendering: Rendering, styled: dict[str, Picture]
) -> None:
    def flat_share(picture: Picture) -> float:
        tone = luminance(picture)
        steps = np.abs(np.diff(tone, axis=1))
        return float((steps < 1e-4).mean())

    assert flat_share(styled["Lowpoly"]) > 0.5
    assert flat_share(rendering.picture) < 0.2
