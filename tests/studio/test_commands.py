"""The engine's commands: checking its nets and measuring itself."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from prompts.engines.studio import models
from prompts.engines.studio.models.__main__ import main as check_models


def test_shipped_nets_are_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert models.damaged() == []
    assert check_models([]) == 0
    assert "DAMAGED" not in capsys.readouterr().out


def test_a_damaged_net_is_told_and_taken_again_from_a_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in models.DIGESTS:
        shutil.copy(models.DIRECTORY / name, tmp_path)
    wheel = tmp_path / "mediapipe.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in models.DIGESTS:
            archive.write(models.DIRECTORY / name, f"mediapipe/modules/{name}")
    monkeypatch.setattr(models, "DIRECTORY", tmp_path)
    monkeypatch.setattr("prompts.engines.studio.models.__main__.DIRECTORY", tmp_path)
    victim = next(iter(models.DIGESTS))
    (tmp_path / victim).write_bytes(b"damaged")
    assert check_models([]) == 1
    assert f"DAMAGED {victim}" in capsys.readouterr().out
    assert check_models(["--from", str(wheel)]) == 0


@pytest.mark.parametrize("part", ["cold", "warm"])
def test_the_benchmark_needs_no_django(part: str) -> None:
    command = [sys.executable, "-m", "prompts.engines.studio.bench", "--part", part]
    command += ["--repeat", "1", "--threads", "2"]
    root = Path(__file__).parents[2]
    environment = {"PATH": "", "PYTHONPATH": str(root)}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, check=True)
    found = json.loads(done.stdout)
    expected = {"cold": {"cold_s"}, "warm": {"warm_s", "four_images_s", "preview_s"}}[part]
    assert expected <= set(found)
    assert found["peak_mb"] < 700
