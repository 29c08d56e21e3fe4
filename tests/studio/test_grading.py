"""Films and grain."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from prompts.engines.studio import grading
from prompts.engines.studio.arrays import Picture, luminance

from .people import sample_pixels


@pytest.fixture(scope="module")
def photo() -> Picture:
    return (sample_pixels()[:320, :320] / 255).astype(np.float32)


def saturation(picture: Picture) -> float:
    return float((picture.max(axis=2) - picture.min(axis=2)).mean())


def contrast(picture: Picture) -> float:
    return float(luminance(picture).std())


def fine_energy(picture: Picture) -> float:
    tone = luminance(picture)
    return float(np.square(tone - cv2.GaussianBlur(tone, (0, 0), 1.5)).mean())


@pytest.mark.parametrize("name", ["Film Velvia", "Film Portra", "Ektar"])
def test_a_film_answers_a_finite_picture_and_leaves_the_original(name: str, photo: Picture) -> None:
    before = photo.copy()
    graded = grading.film(photo, name)
    assert graded.shape == photo.shape and graded.dtype == np.float32
    assert np.isfinite(graded).all() and graded.min() >= 0 and graded.max() <= 1
    assert np.array_equal(before, photo)


def test_portra_is_softer_than_ektar_and_ektar_than_velvia(photo: Picture) -> None:
    velvia, ektar, portra = (
        grading.film(photo, name) for name in ("Film Velvia", "Ektar", "Film Portra")
    )
    assert saturation(portra) < saturation(photo) < saturation(ektar) < saturation(velvia)
    assert contrast(portra) < contrast(photo) < contrast(velvia)
    assert contrast(portra) < contrast(ektar)


def test_portra_opens_the_blacks_and_velvia_keeps_them() -> None:
    black = np.zeros((8, 8, 3), np.float32)
    assert float(luminance(grading.film(black, "Film Portra")).mean()) > 0.03
    assert float(luminance(grading.film(black, "Film Velvia")).mean()) < 0.01


@pytest.mark.parametrize("name", ["Film Velvia", "Film Portra", "Ektar"])
def test_a_film_keeps_the_order_of_greys_and_tints_them_little(name: str) -> None:
    ramp = np.repeat(np.linspace(0, 1, 64, dtype=np.float32)[None, :, None], 3, axis=2)
    graded = grading.film(ramp, name)[0]
    assert (np.diff(graded.mean(axis=1)) > -1e-4).all()
    assert float((graded.max(axis=1) - graded.min(axis=1)).max()) < 0.08


def test_an_unknown_film_is_refused(photo: Picture) -> None:
    with pytest.raises(KeyError):
        grading.film(photo, "Kodachrome")


def test_grain_adds_fine_energy_in_proportion_and_keeps_the_tone(photo: Picture) -> None:
    slight = grading.grain(photo, np.random.default_rng(1), strength=0.5)
    usual = grading.grain(photo, np.random.default_rng(1))
    assert fine_energy(photo) < fine_energy(slight) < fine_energy(usual)
    assert float(usual.mean()) == pytest.approx(float(photo.mean()), abs=0.004)
    assert np.isfinite(usual).all() and usual.min() >= 0 and usual.max() <= 1


def test_grain_is_repeated_by_its_seed_alone(photo: Picture) -> None:
    first, again, other = (grading.grain(photo, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_grain_shows_most_in_the_middle_tones() -> None:
    def spread(tone: float) -> float:
        flat = np.full((200, 200, 3), tone, np.float32)
        return float(luminance(grading.grain(flat, np.random.default_rng(1)) - flat).std())

    assert spread(0.5) > 1.5 * spread(0.03)
    assert spread(0.5) > 1.5 * spread(0.97)


def test_grain_grows_with_the_picture() -> None:
    def correlation(size: int) -> float:
        flat = np.full((size, size, 3), 0.5, np.float32)
        grain = luminance(grading.grain(flat, np.random.default_rng(1)) - flat)
        return float(np.corrcoef(grain[:, :-1].ravel(), grain[:, 1:].ravel())[0, 1])

    assert correlation(2048) > correlation(512) + 0.2


@pytest.mark.parametrize(("h", "w"), [(8, 8), (8, 200), (200, 8)])
def test_tiny_pictures_are_graded_and_grained(h: int, w: int) -> None:
    picture = np.full((h, w, 3), 0.4, np.float32)
    grained = grading.grain(grading.film(picture, "Ektar"), np.random.default_rng(1))
    assert grained.shape == (h, w, 3)
