"""The contact sheet command."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from prompts.engines.studio import contact_sheet
from prompts.sample import sample_photos


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "person.jpg"
    path.write_bytes(sample_photos()[0][1])
    return path


def test_it_lays_out_a_captioned_picture_for_every_scene_style_and_film(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sheet.png"
    contact_sheet.main(
        [str(photo), "--scenes", "grey,city", "--styles", "Line art", "--films", "Ektar",
         "--size", "96x120", "--columns", "3", "--out", str(out)]
    )  # fmt: skip
    sheet = cv2.imread(str(out))
    height = 120 + contact_sheet.CAPTION_HEIGHT
    assert sheet.shape == (2 * height, 3 * 96, 3)
    assert "4 pictures" in capsys.readouterr().out
    pictures = [sheet[:120, :96], sheet[:120, 96:192], sheet[:120, 192:], sheet[height:-22, :96]]
    assert all(picture.std() > 10 for picture in pictures)
    assert np.ptp(sheet[height:, 96:]) == 0


@pytest.mark.parametrize(
    ("option", "value", "complaint"),
    [("--scenes", "moon", "unknown scene: moon"), ("--styles", "Cubism", "unknown style: Cubism")],
)
def test_unknown_names_are_refused(photo: Path, option: str, value: str, complaint: str) -> None:
    with pytest.raises(SystemExit, match=complaint):
        contact_sheet.main([str(photo), option, value])


def test_a_photo_without_a_face_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wall.png"
    cv2.imwrite(str(path), np.full((200, 200, 3), 128, np.uint8))
    with pytest.raises(SystemExit, match="no face found"):
        contact_sheet.main([str(path), "--out", str(tmp_path / "sheet.png")])
