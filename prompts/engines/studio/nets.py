"""The neural nets, loaded once a thread: a cv2.dnn net must not be shared between threads."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import cv2
import numpy as np

from . import models
from .arrays import Floats, Pixels

_loaded = threading.local()
# Two first nets at once fill OpenCV's list of kinds of layers together, which ends the process.
_loading = threading.Lock()


def run(name: str, pixels: Pixels, outputs: Sequence[str], *, signed: bool = False) -> list[Floats]:
    """Runs a net on a picture that already has its input size.

    `signed` nets want RGB -1…1, the others 0…1. Returns the named layers' outputs.
    """
    scale, mean = (1 / 127.5, (127.5,) * 3) if signed else (1 / 255, (0.0,) * 3)
    net = _net(name)
    net.setInput(cv2.dnn.blobFromImage(pixels, scale, mean=mean, swapRB=True))
    return [np.asarray(output) for output in net.forward(list(outputs))]


def _net(name: str) -> cv2.dnn.Net:
    nets: dict[str, cv2.dnn.Net] = _loaded.__dict__.setdefault("nets", {})
    if name not in nets:
        with _loading:
            nets[name] = cv2.dnn.readNetFromTFLite(str(models.path(name)))
    return nets[name]
