"""Checks the model files, and re-creates them from a copy of MediaPipe."""

from __future__ import annotations

import argparse
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from . import DIGESTS, DIRECTORY, damaged, digest


def candidates(source: Path) -> Iterator[tuple[str, bytes]]:
    """File name and content of every net found in a wheel (zip) or below a directory."""
    if source.is_dir():
        for file in sorted(source.rglob("*.tflite")):
            yield file.name, file.read_bytes()
        return
    with zipfile.ZipFile(source) as archive:
        for entry in archive.namelist():
            if entry.endswith(".tflite"):
                yield PurePosixPath(entry).name, archive.read(entry)


def recreate(source: Path) -> None:
    """Writes every known net found in `source` whose digest is the expected one."""
    for name, data in candidates(source):
        if DIGESTS.get(name) == digest(data):
            (DIRECTORY / name).write_bytes(data)


def main(arguments: list[str] | None = None) -> int:
    """Prints one line a file; exit status 1 if any is damaged."""
    parser = argparse.ArgumentParser(
        prog="python -m prompts.engines.studio.models", description=__doc__
    )
    parser.add_argument("--from", dest="source", type=Path, help="a MediaPipe wheel or directory")
    source = parser.parse_args(arguments).source
    if source:
        recreate(source)
    bad = damaged()
    for name in DIGESTS:
        sys.stdout.write(f"{'DAMAGED' if name in bad else 'ok':8}{name}\n")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
