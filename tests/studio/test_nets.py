"""Nets in several threads at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import numpy as np
import pytest

from prompts.engines.studio import nets

THREADS = 4


def test_nets_are_loaded_one_after_the_other_and_each_thread_has_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read, under_way, most = cv2.dnn.readNetFromTFLite, 0, 0
    made: list[Any] = []
    begin = threading.Barrier(THREADS)

    def slow_read(path: str) -> Any:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        time.sleep(0.05)
        made.append(read(path))
        under_way -= 1
        return made[-1]

    def use(_: int) -> np.ndarray[Any, Any]:
        begin.wait(10)
        picture = np.zeros((256, 256, 3), np.uint8)
        first, again = (
            nets.run("selfie_segmentation", picture, ("activation_10",))[0] for _ in range(2)
        )
        assert np.array_equal(first, again)
        return first

    monkeypatch.setattr(cv2.dnn, "readNetFromTFLite", slow_read)
    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(use, range(THREADS)))
    assert most == 1
    assert len(made) == THREADS
    assert all(np.array_equal(result, results[0]) for result in results)
