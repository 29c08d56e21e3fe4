"""What every status of an answer means, and what Astria says about it in its own words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from .errors import (
    AstriaError,
    KeyRefused,
    NotThere,
    OutcomeUnknown,
    PaymentNeeded,
    Refused,
    ServerFault,
    TooManyRequests,
    read_retry_after,
)

#: How much of an unexpected answer is kept for the log, in characters.
EXCERPT_CHARS = 500
#: Longest message taken over from Astria, in characters.
MESSAGE_CHARS = 300

#: What gateways say when whoever is behind them did not answer in time; 408 is its opposite
#: number for the request, 409 means that the very same request is still being worked on.
_OUTCOME_UNKNOWN = frozenset({408, 409, 504, 520, 524})
_REFUSALS: Mapping[int, type[Refused]] = {
    401: KeyRefused,
    403: KeyRefused,
    402: PaymentNeeded,
    404: NotThere,
    410: NotThere,
}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def error_for(status: int, headers: Mapping[str, str], text: str) -> AstriaError:
    """The error that an answer without success is; `text` is its body without secrets."""
    excerpt = text[:EXCERPT_CHARS]
    line = f"Astria answered {_line(status)}."
    wait = read_retry_after(headers.get("retry-after"))
    if status in _OUTCOME_UNKNOWN:
        return OutcomeUnknown(line, status=status, excerpt=excerpt, retry_after=wait)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = read_retry_after(headers.get("retry-after", ""))
        message = "Astria asks us to slow down."
        return TooManyRequests(message, status=status, excerpt=excerpt, retry_after=wait)
    if 400 <= status < 500:
        words, fields = read_error(text)
        kind = _REFUSALS.get(status, Refused)
        message = _refusal(kind, status, words)
        return kind(message, status=status, excerpt=excerpt, fields=fields)
    if status in _REDIRECTS:
        line = "The engine's address redirects elsewhere, and the key is not sent there."
    return ServerFault(line, status=status, excerpt=excerpt, retry_after=wait)


def read_error(body: str) -> tuple[str, dict[str, tuple[str, ...]]]:
    """Astria's own words and, where it names fields, what is wrong with each.

    Knows `{"field": ["message"]}`, `{"base": …}`, `{"error": …}` and `{"errors": …}`; anything
    else says nothing.
    """
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return "", {}
    if isinstance(data, dict) and isinstance(data.get("errors"), dict | list | str):
        data = data["errors"]
    if isinstance(data, str | list):
        data = {"base": data}
    if not isinstance(data, dict):
        return "", {}
    fields = {str(name): found for name, value in data.items() if (found := _messages(value))}
    sentences = [
        message if name in ("base", "error", "message") else _sentence(name, message)
        for name, messages in fields.items()
        for message in messages
    ]
    return "; ".join(sentences)[:MESSAGE_CHARS], fields


def _messages(value: Any) -> tuple[str, ...]:
    entries = value if isinstance(value, list) else [value]
    return tuple(entry.strip() for entry in entries if isinstance(entry, str) and entry.strip())


def _sentence(name: str, message: str) -> str:
    """Rails' "can't be blank" with its field, unless the message names it already."""
    field = name.rpartition(".")[2].replace("_", " ").strip().capitalize()
    return message if message.lower().startswith(field.lower()) else f"{field} {message}"


def _refusal(kind: type[Refused], status: int, words: str) -> str:
    begin = {
        KeyRefused: "Astria does not accept the key",
        PaymentNeeded: "Astria wants to be paid first",
        NotThere: "Astria does not have this, or no longer",
    }.get(kind, f"Astria refused the request ({status})")
    return f"{begin}: {words.rstrip('.')}." if words else f"{begin}."


def _line(status: int) -> str:
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)
