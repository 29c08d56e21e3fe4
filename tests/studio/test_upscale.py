"""Fourfold enlargement: true to the source, crisp, without rings."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from prompts.engines.studio import upscale

from .people import Pixels, sample_pixels


@pytest.fixture(scope="module")
def photo() -> Pixels:
    return sample_pixels()[40:200, 150:310]


@pytest.fixture(scope="module")
def enlarged(photo: Pixels) -> Pixels:
    return upscale.times_four(photo)


def reduced(pixels: Pixels) -> Pixels:
    return cv2.resize(pixels, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)


def sharpness(pixels: Pixels) -> float:
    return float(cv2.Laplacian(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), cv2.CV_32F).var())


def test_it_is_four_times_as_large_and_8_bit(photo: Pixels, enlarged: Pixels) -> None:
    assert enlarged.shape == (640, 640, 3) and enlarged.dtype == np.uint8


def test_it_keeps_the_mean_colour(photo: Pixels, enlarged: Pixels) -> None:
    assert np.abs(photo.mean(axis=(0, 1)) - enlarged.mean(axis=(0, 1))).max() < 0.4


def test_reducing_it_gives_the_source_again(photo: Pixels, enlarged: Pixels) -> None:
    error = np.abs(reduced(enlarged).astype(float) - photo)
    assert error.mean() < 0.8
    plain = cv2.resize(photo, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    assert error.mean() < np.abs(reduced(plain).astype(float) - photo).mean()


def test_edges_are_crisper_than_cubic_interpolation(photo: Pixels, enlarged: Pixels) -> None:
    plain = cv2.resize(photo, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    assert sharpness(enlarged) > 1.3 * sharpness(plain)


def test_a_hard_edge_does_not_ring() -> None:
    edge = np.full((40, 40, 3), 60, np.uint8)
    edge[:, 20:] = 180
    large = upscale.times_four(edge)
    assert large.min() >= 60 - 12 and large.max() <= 180 + 12


def test_a_flat_colour_stays_that_colour() -> None:
    flat = np.full((24, 32, 3), (40, 120, 200), np.uint8)
    assert np.abs(upscale.times_four(flat).astype(int) - (40, 120, 200)).max() <= 1


def test_no_seam_shows_between_the_strips_it_works_in() -> None:
    tall = np.random.default_rng(3).integers(0, 255, (230, 24, 3), dtype=np.uint8)
    tall = cv2.GaussianBlur(tall, (0, 0), 1.5)
    whole = upscale.times_four(tall)
    shifted = upscale.times_four(tall[30:])
    overlap = np.abs(whole[200:].astype(int) - shifted[80:])
    assert overlap.max() <= 2


@pytest.mark.parametrize(("h", "w"), [(1, 1), (3, 50), (97, 5)])
def test_any_size_is_enlarged(h: int, w: int) -> None:
    assert upscale.times_four(np.full((h, w, 3), 90, np.uint8)).shape == (4 * h, 4 * w, 3)
