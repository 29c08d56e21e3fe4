"""Small messages that must not be lost while the database is away, each in a file of its own."""

from __future__ import annotations

import json
import logging
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

logger = logging.getLogger(__name__)

#: More are turned away: nobody could tell yet whether they are worth keeping.
MAX_FILES = 10_000


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "spool"


def keep(message: dict[str, Any]) -> bool:
    """Returns once the message is safely on the disk; False when there are too many."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sum(1 for _ in os.scandir(folder)) >= MAX_FILES:
        return False
    name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
    draft = folder / f"{name}.part"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(message, file)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / f"{name}.json")
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return True


def waiting() -> Iterator[tuple[Path, dict[str, Any]]]:
    """The messages kept, oldest first; a damaged one is dropped."""
    folder = _folder()
    if not folder.is_dir():
        return
    for file in sorted(folder.glob("*.json")):
        try:
            message = json.loads(file.read_text())
        except FileNotFoundError:
            continue
        except ValueError:
            logger.warning("A damaged message is dropped: %s", file.name)
            drop(file)
            continue
        yield file, message


def drop(file: Path) -> None:
    """The message has been dealt with; somebody else may have been first."""
    file.unlink(missing_ok=True)
