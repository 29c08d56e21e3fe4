"""Rack's parameter names: `tune[prompts_attributes][][text]=…` becomes dicts and lists.

The rules are those of Rack's query parser, which Rails and so the Astria API use: `[name]` is a
key, `[]` appends to a list, and within a list of hashes a new hash begins when a key comes again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

#: Levels of brackets behind a name.
MAX_DEPTH = 8
MAX_PAIRS = 500

_HEAD = re.compile(r"[^\[\]]+")
_KEYS = re.compile(r"(?:\[[^\[\]]*\])+")
_KEY = re.compile(r"\[([^\[\]]*)\]")


class NestingError(ValueError):
    """The names contradict each other or are nested too deep; the message is for people."""


def nest(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Names and values in the order they came, as nested dicts and lists; raises NestingError."""
    nested: dict[str, Any] = {}
    for number, (name, value) in enumerate(pairs):
        if number >= MAX_PAIRS:
            raise NestingError(f"more than {MAX_PAIRS} parameters")
        _store(nested, split_name(name), value)
    return nested


def split_name(name: str) -> list[str]:
    """["tune", "images", ""] for "tune[images][]"; a name that is no such form stays whole."""
    head = _HEAD.match(name)
    if not head:
        return [name]
    rest = name[head.end() :]
    if not _KEYS.fullmatch(rest):
        return [name]
    keys = _KEY.findall(rest)
    if len(keys) > MAX_DEPTH:
        raise NestingError(f"{head[0][:40]}: nested too deep")
    return [head[0], *keys]


def _store(hash_: dict[str, Any], path: list[str], value: Any) -> None:
    key, *rest = path
    if not rest:
        hash_[key] = value
    elif rest[0] == "":
        _append(hash_, key, rest[1:], value)
    else:
        _store(_child(hash_, key, {}), rest, value)


def _append(hash_: dict[str, Any], key: str, path: list[str], value: Any) -> None:
    """Appends `value` to the list at `key`, or with a path to the list's last hash."""
    items = _child(hash_, key, [])
    if not path:
        items.append(value)
        return
    if not items or not isinstance(items[-1], dict) or _is_taken(items[-1], path):
        items.append({})
    _store(items[-1], path, value)


def _child(hash_: dict[str, Any], key: str, empty: Any) -> Any:
    """The dict or list at `key`, made if it is not there yet."""
    child = hash_.setdefault(key, empty)
    if type(child) is not type(empty):
        kind = "an object" if isinstance(empty, dict) else "an array"
        raise NestingError(f"{key[:40]}: expected {kind}")
    return child


def _is_taken(hash_: dict[str, Any], path: list[str]) -> bool:
    """Whether storing at `path` would replace something, so that another hash must begin."""
    node: Any = hash_
    for key in path:
        if key == "" or not isinstance(node, dict) or key not in node:
            return False
        node = node[key]
    return True
