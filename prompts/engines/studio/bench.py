"""How long the Studio engine takes and how much memory, without Django.

`python -m prompts.engines.studio.bench [--json] [--threads 1 2] [--repeat 5] [PHOTO]`

Every part runs in a process of its own, so that peaks of memory and the loading of nets are the
part's own. Times are seconds, medians over the repeats; cold ones include loading the nets and
cutting the person out. Pictures are 1024×1280 unless named otherwise.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from prompts.sample import sample_photos

from ..base import MemoryCache, PromptRequest, SourcePhoto, TrainingRequest
from . import (
    backdrops,
    composition,
    cutout,
    decoding,
    faces,
    finishing,
    framing,
    lighting,
    placing,
    styles,
    upscale,
)
from .album import PhotoRecord
from .engine import StudioEngine
from .recipe import Recipe
from .render import render
from .retouch import retouch

SIZE = (1024, 1280)
TEXT = "professional headshot of ohwx person, clean background, studio lighting"
PARTS = ("cold", "training", "warm", "stages", "styles", "enlarged")

JSON = dict[str, Any]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m prompts.engines.studio.bench")
    parser.add_argument("photo", nargs="?", type=Path, help="instead of the sample person's")
    parser.add_argument("--json", action="store_true", help="print one object, no table")
    parser.add_argument("--threads", type=int, nargs="+", default=[2, 1])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.part:
        cv2.setNumThreads(options.threads[0])
        result = _PARTS[options.part](_photo(options.photo), options.repeat)
        sys.stdout.write(json.dumps({**result, "peak_mb": _peak()}))
        return
    results = {threads: _measure(options, threads) for threads in options.threads}
    first, *others = options.threads
    report = {**results[first], "threads": first}
    report |= {f"threads_{count}": results[count] for count in others}
    sys.stdout.write(json.dumps(report, indent=2) + "\n" if options.json else _table(results))


def _measure(options: argparse.Namespace, threads: int) -> JSON:
    """All parts with a number of threads, each in its own process."""
    merged: JSON = {}
    peaks: dict[str, float] = {}
    for part in PARTS:
        command = [sys.executable, "-m", "prompts.engines.studio.bench", "--part", part]
        command += ["--threads", str(threads), "--repeat", str(options.repeat)]
        command += [str(options.photo)] if options.photo else []
        output = subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 - our own command
        found = json.loads(output)
        peaks[part] = found.pop("peak_mb")
        merged |= found
    merged["peak_mb"] = peaks["warm"]
    merged["peak_x4_mb"] = peaks["enlarged"]
    merged["peak_training_mb"] = peaks["training"]
    merged["peak_styles_mb"] = peaks["styles"]
    return merged


def _cold(photo: bytes, repeat: int) -> JSON:
    """The first picture of a fresh process from a photo never cut out; repeats would be warm."""
    record = PhotoRecord("photo", 1.0, 1.0, 1.0, 1.0, {}, "0")
    request = _request(photo, MemoryCache(), {"photos": [record.as_json()]})
    started = time.perf_counter()
    next(StudioEngine().generate(request, _silent))
    return {"cold_s": round(time.perf_counter() - started, 3)}


def _training(photo: bytes, repeat: int) -> JSON:
    """Training from one photo in a fresh process."""
    started = time.perf_counter()
    _trained(photo)
    return {"training_s": round(time.perf_counter() - started, 3)}


def _warm(photo: bytes, repeat: int) -> JSON:
    request = _trained(photo)
    engine = StudioEngine()
    four = replace(request, num_images=4, indexes=[0, 1, 2, 3])
    return {
        "warm_s": _median(lambda: list(engine.generate(request, _silent)), repeat),
        "four_images_s": _median(lambda: list(engine.generate(four, _silent)), repeat),
        "preview_s": _median(lambda: engine.preview(request, 320), repeat),
        "inspect_s": _median(lambda: engine.inspect(photo), repeat),
    }


def _stages(photo: bytes, repeat: int) -> JSON:
    """Every step of a picture by itself."""
    scene, recipe = backdrops.SCENES["dark"], Recipe(scene="dark", shot="headshot")
    pixels = decoding.decode(photo)
    face = faces.find(pixels)[0]
    person = cutout.make(pixels, face)
    packed = cutout.pack(person)
    place = framing.place(person, *SIZE, framing.SHOTS["headshot"])
    figure = placing.place(person, place, *SIZE)
    source = lighting.source_of(figure)
    rng = np.random.default_rng(0)
    behind = scene.paint(SIZE[1], SIZE[0], rng)
    made = render(person, recipe, *SIZE, seed=0, index=0)
    finished = finishing.to_eight_bit(made.picture, 0)
    steps: dict[str, Callable[[], object]] = {
        "decode": lambda: decoding.decode(photo),
        "find face": lambda: faces.find(pixels),
        "cut out": lambda: cutout.make(pixels, face),
        "pack": lambda: cutout.pack(person),
        "unpack": lambda: cutout.unpack(packed),
        "frame": lambda: framing.place(person, *SIZE, framing.SHOTS["headshot"]),
        "place": lambda: placing.place(person, place, *SIZE),
        "retouch": lambda: retouch(figure, 0.3),
        "relight": lambda: lighting.relit(figure, scene.light, source),
        "rim light": lambda: lighting.with_rims(figure, figure.foreground, scene.light.rims),
        "backdrop": lambda: scene.paint(SIZE[1], SIZE[0], np.random.default_rng(0)),
        "compose": lambda: composition.compose(figure, behind),
        "to 8 bit": lambda: finishing.to_eight_bit(made.picture, 0),
        "encode": lambda: decoding.encode(finished),
    }
    scenes = {
        name: _median(partial(backdrops.paint, name, SIZE[1], SIZE[0], rng), 1)
        for name in backdrops.SCENES
    }
    return {
        "stages": {name: _median(step, repeat) for name, step in steps.items()},
        "scenes": scenes,
    }


def _styles(photo: bytes, repeat: int) -> JSON:
    pixels = decoding.decode(photo)
    person = cutout.make(pixels, faces.find(pixels)[0])
    made = render(person, Recipe(scene="grey", shot="headshot"), *SIZE, seed=0, index=0)

    def timed(name: str) -> float:
        def apply() -> None:
            styles.apply(name, made.picture, made.figure, np.random.default_rng(0))

        return _median(apply, max(1, repeat // 2))

    return {"styles": {name: timed(name) for name in styles.STYLES}}


def _enlarged(photo: bytes, repeat: int) -> JSON:
    request = _trained(photo)
    small = {"w": 512, "h": 640}
    parameters = {"super_resolution": True, "hires_fix": True, **small}
    whole = replace(request, parameters=parameters)
    picture = next(StudioEngine().generate(replace(request, parameters=small), _silent))
    pixels = decoding.decode(picture.data)
    return {
        "x4_s": _median(lambda: upscale.times_four(pixels), repeat),
        "x4_picture_s": _median(lambda: list(StudioEngine().generate(whole, _silent)), repeat),
    }


_PARTS: dict[str, Callable[[bytes, int], JSON]] = {
    "cold": _cold,
    "training": _training,
    "warm": _warm,
    "stages": _stages,
    "styles": _styles,
    "enlarged": _enlarged,
}


def _trained(photo: bytes) -> PromptRequest:
    """A request for one picture of a person trained from one photo."""
    cache = MemoryCache()
    training = TrainingRequest("person", "ohwx", [SourcePhoto("photo", lambda: photo)], cache)
    return _request(photo, cache, StudioEngine().train(training, _silent).data)


def _request(photo: bytes, cache: MemoryCache, training_data: JSON) -> PromptRequest:
    return PromptRequest(
        text=TEXT,
        parameters={},
        num_images=1,
        indexes=[0],
        seed=0,
        token="ohwx",  # noqa: S106 - a trigger word, no secret
        class_name="person",
        photos=[SourcePhoto("photo", lambda: photo)],
        cache=cache,
        training_data=training_data,
    )


def _photo(path: Path | None) -> bytes:
    return path.read_bytes() if path else sample_photos()[0][1]


def _silent(fraction: float, step: str) -> None:
    """Progress nobody watches."""


def _median(step: Callable[[], object], repeat: int) -> float:
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        step()
        times.append(time.perf_counter() - started)
    return round(statistics.median(times), 4)


def _peak() -> float:
    """The most memory this process has held at once, in MiB."""
    # Not ru_maxrss on Linux: it starts with what the starting process held.
    status = Path("/proc/self/status")
    if status.exists():
        line = next(ln for ln in status.read_text().splitlines() if ln.startswith("VmHWM:"))
        return round(int(line.split()[1]) / 1024, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


def _table(results: dict[int, JSON]) -> str:
    """One row a figure, one column a number of threads."""
    lines = [f"{'':24}" + "".join(f"{f'{threads} threads':>12}" for threads in results)]
    for key, value in next(iter(results.values())).items():
        rows = [(key, value)] if not isinstance(value, dict) else []
        if isinstance(value, dict):
            lines.append(key)
            rows = [(f"  {name}", name) for name in value]
        for label, name in rows:
            cells = (r[key][name] if isinstance(value, dict) else r[key] for r in results.values())
            lines.append(f"{label:24}" + "".join(f"{cell:12.3f}" for cell in cells))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
