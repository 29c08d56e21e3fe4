"""A contact sheet for looking: every scene and style on given photos, in one picture.

python -m prompts.engines.studio.contact_sheet PHOTO… --scenes all --styles all --out sheet.png
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from . import cutout, decoding, faces, grading, styles
from .arrays import Pixels
from .backdrops import SCENES
from .cutout import CutOut
from .finishing import to_eight_bit
from .framing import SHOTS
from .recipe import Recipe
from .render import render

CAPTION_HEIGHT = 22
PAPER = (245, 245, 245)
INK = (40, 40, 40)
#: The scene in which a style is shown, where another than the first one asked for suits it better.
_SUITABLE = {
    "Cinematic": "city",
    "Neonpunk": "city",
    "Fantasy art": "forest",
    "Oil painting": "umber",
    "Impasto": "outdoor",
    "Lowpoly": "outdoor",
    "Animated": "park",
    "Digital Art": "dark",
    "Comic book": "blue",
}


@dataclass(frozen=True)
class Cell:
    """One picture of the sheet: how it is made and what is written beneath it."""

    scene: str
    style: str = ""
    film: str = ""

    @property
    def caption(self) -> str:
        return " / ".join(part for part in (self.style, self.film, self.scene) if part)


def cells(scenes: Sequence[str], style_names: Sequence[str], films: Sequence[str]) -> list[Cell]:
    """All scenes as photographs, then every style and film in a scene that suits it."""
    first = scenes[0] if scenes else "grey"
    return (
        [Cell(scene) for scene in scenes]
        + [Cell(_SUITABLE.get(style, first), style=style) for style in style_names]
        + [Cell("outdoor", film=film) for film in films]
    )


def picture(person: CutOut, cell: Cell, shot: str, size: tuple[int, int], seed: int) -> Pixels:
    """Renders one cell as 8-bit BGR of `size` (width, height)."""
    rendering = render(person, Recipe(scene=cell.scene, shot=shot), *size, seed=seed, index=0)
    made = rendering.picture
    if cell.style:
        rng = np.random.default_rng([seed, 11])
        made = styles.apply(cell.style, made, rendering.figure, rng)
    if cell.film:
        made = grading.film(made, cell.film)
    return to_eight_bit(made, seed)


def sheet(
    people: Sequence[CutOut],
    wanted: Sequence[Cell],
    *,
    shot: str = "headshot",
    size: tuple[int, int] = (256, 320),
    columns: int = 8,
    seed: int = 1,
) -> Pixels:
    """All cells for all people as one 8-bit BGR picture, `columns` cells wide."""
    tiles = [
        _captioned(picture(person, cell, shot, size, seed), cell.caption)
        for person in people
        for cell in wanted
    ]
    return np.vstack([np.hstack(row) for row in _rows(tiles, columns)])


def _rows(tiles: list[Pixels], columns: int) -> Iterator[list[Pixels]]:
    columns = min(columns, len(tiles))
    for start in range(0, len(tiles), columns):
        row = tiles[start : start + columns]
        blank = np.full_like(tiles[0], PAPER[0])
        yield row + [blank] * (columns - len(row))


def _captioned(pixels: Pixels, caption: str) -> Pixels:
    strip = np.full((CAPTION_HEIGHT, pixels.shape[1], 3), PAPER, np.uint8)
    cv2.putText(
        strip, caption, (4, CAPTION_HEIGHT - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.42, INK, 1, cv2.LINE_AA
    )
    return np.vstack([pixels, strip])


def _cut_out(path: Path) -> CutOut:
    pixels = decoding.decode(path.read_bytes())
    found = faces.find(pixels)
    if not found:
        raise SystemExit(f"{path}: no face found")
    return cutout.make(pixels, found[0])


def _names(value: str, known: Sequence[str], kind: str) -> list[str]:
    """The names of a comma-separated list; "all" and "none" are understood."""
    if value in ("all", "none"):
        return list(known) if value == "all" else []
    names = [name.strip() for name in value.split(",")]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"unknown {kind}: {', '.join(unknown)} (known: {', '.join(known)})")
    return names


def _size(value: str) -> tuple[int, int]:
    width, _, height = value.partition("x")
    return int(width), int(height)


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line, writes the sheet and says what it took."""
    parser = argparse.ArgumentParser(prog="python -m prompts.engines.studio.contact_sheet")
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--scenes", default="all", help='names, "all" or "none"')
    parser.add_argument("--styles", default="all", help='names, "all" or "none"')
    parser.add_argument("--films", default="none", help='names, "all" or "none"')
    parser.add_argument("--shot", default="headshot", choices=sorted(SHOTS))
    parser.add_argument("--size", default="256x320", type=_size, help="of one picture, in px")
    parser.add_argument("--columns", default=8, type=int)
    parser.add_argument("--seed", default=1, type=int)
    parser.add_argument("--out", default=Path("sheet.png"), type=Path)
    options = parser.parse_args(arguments)
    wanted = cells(
        _names(options.scenes, list(SCENES), "scene"),
        _names(options.styles, list(styles.STYLES), "style"),
        _names(options.films, list(grading.FILMS), "film"),
    )
    if not wanted:
        raise SystemExit("nothing to show: name scenes, styles or films")
    people = [_cut_out(path) for path in options.photos]
    started = time.perf_counter()
    made = sheet(
        people,
        wanted,
        shot=options.shot,
        size=options.size,
        columns=options.columns,
        seed=options.seed,
    )
    if not cv2.imwrite(str(options.out), made):
        raise SystemExit(f"{options.out}: cannot be written")
    count = len(wanted) * len(people)
    seconds = time.perf_counter() - started
    sys.stdout.write(f"{options.out}: {count} pictures in {seconds:.1f} s\n")


if __name__ == "__main__":
    main()
