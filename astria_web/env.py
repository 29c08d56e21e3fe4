"""Reads settings from the environment.

Every secret may also be given as a file: `NAME_FILE` names a file that holds the value.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def text(name: str, default: str = "") -> str:
    """The value of NAME, else the content of the file that NAME_FILE names, else `default`."""
    if name in os.environ:
        return os.environ[name]
    if file := os.environ.get(f"{name}_FILE"):
        return Path(file).read_text().strip()
    return default


def flag(name: str, *, default: bool = False) -> bool:
    """Whether NAME says yes: 1, true, yes or on."""
    value = text(name)
    return value.lower() in {"1", "true", "yes", "on"} if value else default


def number(name: str, default: int) -> int:
    """NAME as a whole number; anything else stops the start with a ValueError naming it."""
    value = text(name)
    try:
        return int(value) if value else default
    except ValueError as error:
        raise ValueError(f"{name} must be a whole number, not {value!r}") from error


def words(name: str, default: str = "") -> list[str]:
    """NAME split at commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def secret_key(folder: Path) -> str:
    """SECRET_KEY if given; else one that is made once and kept in `folder`, readable by us alone.

    Two processes that start at once agree, because only the first can create the file.
    """
    if given := text("SECRET_KEY"):
        return given
    file = folder / "secret_key"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64))
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text().strip()
