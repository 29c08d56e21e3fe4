"""Exposure and cast: dark photos are lifted, coloured light goes, complexions stay."""

from __future__ import annotations

import numpy as np
import pytest

from prompts.engines.studio import tone
from prompts.engines.studio.arrays import Floats

from .people import Pixels


def face_like(median: tuple[int, int, int], highlight: float) -> Pixels:
    """A patch of skin: BGR `median`, its brightest tenth `highlight` times as bright."""
    patch = np.tile(np.array(median, np.float32), (40, 40, 1))
    patch[:4] *= highlight
    return np.clip(patch, 0, 255).astype(np.uint8)


def corrected(patch: Pixels) -> Floats:
    everywhere = np.ones(patch.shape[:2], np.float32)
    return np.median(tone.correction(patch, everywhere).apply(patch).reshape(-1, 3), 0)


def test_well_lit_skin_stays_as_it_is() -> None:
    before = np.array((140, 165, 205)) / 255
    assert np.abs(corrected(face_like((140, 165, 205), 1.2)) - before).max() < 0.03


def test_dark_skin_in_good_light_is_not_lightened() -> None:
    before = np.array((48, 64, 95)) / 255
    assert corrected(face_like((48, 64, 95), 2.4)).mean() < before.mean() * 1.12


def test_under_exposed_skin_is_lifted_and_black_stays_black() -> None:
    dark = face_like((30, 36, 45), 1.2)
    found = tone.correction(dark, np.ones(dark.shape[:2], np.float32))
    assert corrected(dark).mean() > 1.8 * dark.mean() / 255
    assert found.table[0, 0].max() < 0.01
    assert np.all(np.diff(found.table[0], axis=0) >= 0)


@pytest.mark.parametrize("light", [(1.6, 1.0, 0.75), (0.5, 0.9, 1.1), (0.8, 1.25, 0.8)])
def test_coloured_light_is_mostly_taken_out(light: tuple[float, float, float]) -> None:
    def hue(colour: Floats) -> Floats:
        return np.log(colour / colour.mean())

    natural = np.array((115, 138, 175), np.float32)
    tinted = natural * np.array(light, np.float32)
    result = corrected(face_like(tuple(tinted.astype(int)), 1.2))
    assert np.abs(hue(result) - hue(natural)).max() < 0.6 * np.abs(hue(tinted) - hue(natural)).max()


def test_without_a_face_nothing_changes() -> None:
    patch = face_like((10, 20, 30), 1.0)
    found = tone.correction(patch, np.zeros(patch.shape[:2], np.float32))
    assert np.allclose(found.apply(patch) * 255, patch, atol=0.01)
