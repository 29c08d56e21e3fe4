from __future__ import annotations

import pytest

from prompts.engines.studio.sizes import base_size, output_size
from prompts.parameters import ASPECT_RATIOS


def test_default_is_four_by_five() -> None:
    assert base_size({}) == (1024, 1280)


@pytest.mark.parametrize("ratio", ASPECT_RATIOS)
def test_ratios_keep_area_and_multiples_of_eight(ratio: str) -> None:
    width, height = base_size({"aspect_ratio": ratio})
    across, down = map(int, ratio.split(":"))
    assert width % 8 == height % 8 == 0
    assert width / height == pytest.approx(across / down, rel=0.02)
    assert width * height == pytest.approx(1024 * 1280, rel=0.03)


def test_explicit_sides_win_over_ratio_over_legacy() -> None:
    both = {"w": 640, "h": 512, "aspect_ratio": "9:16", "ar": "16:9"}
    assert base_size(both) == (640, 512)
    assert base_size({"aspect_ratio": "1:1", "ar": "landscape"}) == base_size({"ar": "1:1"})
    assert base_size({"ar": "landscape"}) == (1280, 1024)


def test_a_lone_side_takes_the_other_from_the_ratio() -> None:
    assert base_size({"w": 512}) == (512, 640)
    assert base_size({"h": 640}) == (512, 640)
    assert base_size({"w": 640, "aspect_ratio": "16:9"}) == (640, 360)


def test_resolution_enlarges_within_the_longest_side() -> None:
    assert base_size({"resolution": "2K"}) == (1536, 1920)
    assert max(base_size({"resolution": "4K", "aspect_ratio": "21:9"})) <= 2048


def test_super_resolution_quadruples() -> None:
    assert output_size({"w": 512, "h": 640, "super_resolution": True}) == (2048, 2560)
