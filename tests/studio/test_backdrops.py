"""Backdrops: every scene paints at every size, repeatably, and means what it says."""

import cv2
import numpy as np
import pytest

from prompts.engines.studio import backdrops
from prompts.engines.studio.arrays import luminance

NAMES = sorted(backdrops.SCENES)
FAMILIES = {"studio", "surface", "interior", "city", "nature", "stage", "action"}


def painted(name, h=200, w=160, seed=1, **wishes):
    return backdrops.paint(name, h, w, np.random.default_rng(seed), **wishes)


def fine_detail(picture):
    """Energy of what a blur of two px takes away."""
    grey = luminance(picture)
    return float(np.square(grey - cv2.GaussianBlur(grey, (0, 0), 2)).mean())


def test_there_are_enough_scenes_in_every_family():
    assert len(NAMES) >= 24
    assert {scene.family for scene in backdrops.SCENES.values()} == FAMILIES


def test_no_two_scenes_answer_to_the_same_word():
    words = [word for scene in backdrops.SCENES.values() for word in scene.words]
    assert len(words) == len(set(words))
    assert all(word == word.lower().strip() for word in words)


def test_the_light_of_every_scene_is_within_its_ranges():
    for scene in backdrops.SCENES.values():
        light = scene.light
        assert 0 < light.ambient <= 1 and 0 <= light.strength <= 1, scene.name
        assert light.key[2] > 0, f"{scene.name}: the key light stands behind the person"
        assert all(rim.side in (-1, 1) and max(rim.colour) <= 1 for rim in light.rims), scene.name


@pytest.mark.parametrize("name", NAMES)
def test_a_scene_is_a_finite_picture_that_its_seed_repeats_and_another_changes(name):
    first, again, other = painted(name), painted(name), painted(name, seed=2)
    assert first.shape == (200, 160, 3) and first.dtype == np.float32
    assert np.isfinite(first).all() and first.min() >= 0 and first.max() <= 1
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("h", "w"), [(504, 216), (216, 504), (168, 136), (8, 8)])
def test_a_scene_fills_frames_of_every_proportion(name, h, w):
    picture = painted(name, h, w)
    assert picture.shape == (h, w, 3)
    assert np.isfinite(picture).all()


@pytest.mark.parametrize("name", ["office", "city", "forest", "library", "canvas"])
def test_one_thread_paints_the_same_bytes_as_two(name):
    threads = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        alone = painted(name, 640, 512)
        cv2.setNumThreads(2)
        together = painted(name, 640, 512)
    finally:
        cv2.setNumThreads(threads)
    assert np.array_equal(alone, together)


@pytest.mark.parametrize("name", ["office", "dusk", "beach", "gels", "mountains", "smoke"])
def test_a_preview_shows_the_layout_of_the_large_picture(name):
    large = painted(name, 800, 640)
    preview = painted(name, 200, 160)
    shrunk = cv2.resize(large, (40, 50), interpolation=cv2.INTER_AREA)
    small = cv2.resize(preview, (40, 50), interpolation=cv2.INTER_AREA)
    likeness = np.corrcoef(luminance(shrunk).ravel(), luminance(small).ravel())[0, 1]
    assert likeness > 0.85


def test_scenes_differ_from_each_other():
    thumbs = {
        name: cv2.resize(painted(name), (8, 10), interpolation=cv2.INTER_AREA) for name in NAMES
    }
    for i, name in enumerate(NAMES):
        for other in NAMES[i + 1 :]:
            difference = float(np.abs(thumbs[name] - thumbs[other]).mean())
            assert difference > 0.015, f"{name} and {other} look alike"


@pytest.mark.parametrize("name", ["office", "library", "street", "forest"])
def test_places_are_out_of_focus_and_softness_decides_how_far(name):
    sharp = painted(name, 640, 512, softness=0.15)
    usual = painted(name, 640, 512)
    soft = painted(name, 640, 512, softness=1.8)
    assert fine_detail(sharp) > 1.5 * fine_detail(usual) > 1.5 * fine_detail(soft)


def test_the_moods_of_light_are_kept():
    def brightness(name):
        return float(luminance(painted(name)).mean())

    assert brightness("white") > 0.9
    assert brightness("black") < 0.12
    assert brightness("city") < brightness("dusk") < brightness("street")


@pytest.mark.parametrize(
    ("name", "channel"), [("blue", 0), ("teal", 1), ("burgundy", 2), ("fire", 2), ("park", 1)]
)
def test_a_scene_has_the_colour_its_name_promises(name, channel):
    mean = painted(name).reshape(-1, 3).mean(axis=0)
    assert int(mean.argmax()) in ({channel} if name != "teal" else {0, 1})


def test_a_colour_wish_repaints_a_studio():
    red = painted("grey", colour=(0.1, 0.1, 0.7)).reshape(-1, 3).mean(axis=0)
    assert red[2] > 2 * red[0]


def test_a_brand_backdrop_meets_the_brand_colour_behind_the_person():
    brand = (0.55, 0.35, 0.12)
    picture = backdrops.plain(brand, 250, 200, np.random.default_rng(5))
    middle = picture[60:140, 60:140].reshape(-1, 3).mean(axis=0)
    assert np.abs(middle - brand).max() < 0.03
    corners = np.concatenate([picture[:12, :12], picture[-12:, -12:]]).reshape(-1, 3).mean(axis=0)
    assert np.abs(corners - brand).max() < 0.12


@pytest.mark.parametrize(("h", "w"), [(300, 100), (100, 300), (64, 64), (601, 457)])
def test_a_brand_picture_covers_the_frame_without_distortion(h, w):
    source = np.zeros((120, 160, 3), np.float32)
    cv2.circle(source, (80, 60), 15, (1.0, 1.0, 1.0), -1)
    covered = backdrops.from_picture(source, h, w)
    assert covered.shape == (h, w, 3)
    ys, xs = np.nonzero(covered[..., 0] > 0.5)
    assert np.ptp(ys) / np.ptp(xs) == pytest.approx(1, abs=0.12)
    assert ys.mean() / h == pytest.approx(0.5, abs=0.012)
    assert xs.mean() / w == pytest.approx(0.5, abs=0.012)


def test_a_brand_picture_without_pixels_is_refused():
    with pytest.raises(ValueError, match="no pixels"):
        backdrops.from_picture(np.zeros((0, 4, 3), np.float32), 10, 10)
