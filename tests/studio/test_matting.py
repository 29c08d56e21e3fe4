"""The matte: soft at hair, decided elsewhere, and honest about its own quality."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from prompts.engines.studio import cutout, faces, fusion, matting
from prompts.engines.studio.album import SURE_MATTE
from prompts.engines.studio.cutout import CutOutError
from prompts.engines.studio.recipe import Recipe
from prompts.engines.studio.render import render

from .people import Pixels, sample_pixels


def camouflaged() -> Pixels:
    """The sample person before a wall of her own hair: nobody could cut her out."""
    pixels = sample_pixels()
    face = faces.find(pixels)[0]
    matte = matting.cut_out(pixels, face).alpha[..., None]
    hair = pixels[20:60, 180:280]
    wall = np.tile(hair, (13, 6, 1))[:512, :512].astype(np.float32)
    return (pixels * matte + wall * (1 - matte)).astype(np.uint8)


def test_sure_inside_and_outside_with_a_narrow_edge() -> None:
    pixels = sample_pixels()
    face = faces.find(pixels)[0]
    matte = matting.cut_out(pixels, face)
    middle = face.landmarks[1, :2].astype(int)
    assert matte.alpha[middle[1], middle[0]] > 0.99
    assert matte.alpha[:100, :60].max() < 0.01
    assert ((matte.alpha > 0.1) & (matte.alpha < 0.9)).mean() < 0.03
    assert matte.confidence > SURE_MATTE


def test_confidence_falls_where_hair_and_wall_are_alike() -> None:
    def confidence(pixels: Pixels) -> float:
        return matting.cut_out(pixels, faces.find(pixels)[0]).confidence

    assert confidence(camouflaged()) < confidence(sample_pixels())


def test_a_doubtful_cut_out_keeps_the_photos_own_background() -> None:
    pixels = sample_pixels()
    pixels[:, :90] = (40, 160, 40)
    made = cutout.make(pixels, faces.find(pixels)[0])
    doubtful = replace(made, confidence=0.1)
    recipe = Recipe(scene="black", shot="half")
    sure = render(made, recipe, 256, 320, seed=1, index=0)
    unsure = render(doubtful, recipe, 256, 320, seed=1, index=0)
    assert unsure.own_background
    assert not sure.own_background
    assert sure.picture[:60, :60].mean() < 0.2
    assert unsure.picture[:60, :60].mean() > 0.3


def test_colours_under_the_edge_are_the_persons() -> None:
    """A red disc on green, its edge blurred: no green may remain in what is left of the edge."""
    disc = np.zeros((200, 200), np.float32)
    cv2.circle(disc, (100, 100), 60, 1.0, -1)
    alpha = cv2.GaussianBlur(disc, (0, 0), 3)
    red, green = np.float32((40, 40, 220)), np.float32((40, 200, 40))
    pixels = (red * alpha[..., None] + green * (1 - alpha[..., None])).astype(np.uint8)
    colours = fusion.foreground(pixels, alpha, 60.0)
    edge = (alpha > 0.2) & (alpha < 0.8)
    assert colours[edge][:, 1].max() < 0.42  # the photo has up to 0.65 there
    assert np.median(colours[edge][:, 2]) > 0.7


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 nonsense", b"\x93NUMPY"])
def test_what_is_no_cut_out_is_refused(data: bytes) -> None:
    with pytest.raises(CutOutError):
        cutout.unpack(data)
