"""Reads request bodies as Rack does: the fake Astria's own reader, independent of the gateway's."""

from __future__ import annotations

import email
import email.policy
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class File:
    """An uploaded file."""

    name: str
    data: bytes
    content_type: str


def read_body(body: bytes, content_type: str) -> dict[str, Any]:
    """JSON, a form, or a multipart form as nested values."""
    if content_type.startswith("application/json"):
        data = json.loads(body or b"{}")
        return data if isinstance(data, dict) else {}
    if content_type.startswith("multipart/form-data"):
        return nest(_multipart(body, content_type))
    return nest(parse_qsl(body.decode(), keep_blank_values=True))


def _multipart(body: bytes, content_type: str) -> list[tuple[str, Any]]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = email.message_from_bytes(head + body, policy=email.policy.HTTP)
    pairs: list[tuple[str, Any]] = []
    for part in message.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        filename = part.get_filename()
        if filename is None:
            pairs.append((name, data.decode()))
        else:
            pairs.append((name, File(filename, data, part.get_content_type())))
    return pairs


def nest(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """`a[b][]` and its like as mappings and lists."""
    root: dict[str, Any] = {}
    for name, value in pairs:
        head, tail = re.match(r"([^\[]*)(.*)", name).groups()
        _store(root, [head, *re.findall(r"\[([^\]]*)\]", tail)], value)
    return root


def _store(node: dict[str, Any], path: list[str], value: Any) -> None:
    head, *rest = path
    if not rest:
        node[head] = value
    elif rest[0] == "":
        entries = node.setdefault(head, [])
        if len(rest) == 1:
            entries.append(value)
            return
        if not entries or rest[1] in entries[-1]:
            entries.append({})
        _store(entries[-1], rest[1:], value)
    else:
        _store(node.setdefault(head, {}), rest, value)
