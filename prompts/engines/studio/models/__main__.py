"""Checks the model files, and re-creates them from packages that carry copies (see NOTICE)."""

from __future__ import annotations

import argparse
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from . import DIGESTS, DIRECTORY, damaged, digest

_SUFFIX = ".tflite"


def candidates(source: Path) -> Iterator[bytes]:
    """The content of every net in a wheel, a zip or tar archive, or below a directory."""
    if source.is_dir():
        yield from (file.read_bytes() for file in sorted(source.rglob(f"*{_SUFFIX}")))
    elif zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as wheel:
            yield from (wheel.read(name) for name in wheel.namelist() if name.endswith(_SUFFIX))
    else:
        with tarfile.open(source) as archive:
            for entry in archive:
                content = archive.extractfile(entry) if entry.name.endswith(_SUFFIX) else None
                if content is not None:
                    yield content.read()


def recreate(source: Path) -> None:
    """Writes every known net found in `source`; files are known by digest, not by name."""
    names = {expected: name for name, expected in DIGESTS.items()}
    for data in candidates(source):
        name = names.get(digest(data))
        if name is not None:
            (DIRECTORY / name).write_bytes(data)


def main(arguments: list[str] | None = None) -> int:
    """Prints one line a file; exit status 1 if any is damaged."""
    parser = argparse.ArgumentParser(
        prog="python -m prompts.engines.studio.models", description=__doc__
    )
    parser.add_argument(
        "--from",
        dest="sources",
        type=Path,
        nargs="+",
        default=[],
        help="wheels, archives or directories to take the nets from",
    )
    for source in parser.parse_args(arguments).sources:
        recreate(source)
    bad = damaged()
    for name in DIGESTS:
        sys.stdout.write(f"{'DAMAGED' if name in bad else 'ok':8}{name}\n")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
