"""From Astria's JSON to values.

Readers are tolerant where versions of the API differ (both shapes of `images`, `status` present
or absent, numbers as strings) and strict where guessing would lose something: a missing id or a
list that is none raises `Malformed`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from .types import RemoteAccount, RemoteImage, RemoteOrder, RemotePack, RemotePrompt, RemoteTune


class Malformed(ValueError):
    """The answer is JSON, but not what it should be."""


def read_tune(data: Any) -> RemoteTune:
    """A tune from JSON, bare or as `{"tune": {…}}`; raises Malformed."""
    fields = _entity(data, "tune")
    characteristics = fields.get("characteristics")
    return RemoteTune(
        id=_id(fields),
        title=_text(fields, "title"),
        name=_text(fields, "name"),
        token=_text(fields, "token"),
        branch=_text(fields, "branch"),
        model_type=_text(fields, "model_type"),
        callback=_text(fields, "callback"),
        status=_text(fields, "status"),
        user_error=_words(fields.get("user_error")),
        eta=_eta(fields.get("eta")),
        created_at=_time(fields.get("created_at")),
        started_training_at=_time(fields.get("started_training_at")),
        trained_at=_time(fields.get("trained_at")),
        expires_at=_time(fields.get("expires_at")),
        characteristics=characteristics if isinstance(characteristics, dict) else {},
    )


def read_prompt(data: Any) -> RemotePrompt:
    """A prompt from JSON, bare or as `{"prompt": {…}}`; raises Malformed."""
    fields = _entity(data, "prompt")
    return RemotePrompt(
        id=_id(fields),
        tune_id=_number(fields, "tune_id"),
        text=_text(fields, "text"),
        callback=_text(fields, "callback"),
        status=_text(fields, "status"),
        user_error=_words(fields.get("user_error")),
        num_images=_number(fields, "num_images"),
        seed=_number(fields, "seed"),
        liked=fields.get("liked") is True,
        created_at=_time(fields.get("created_at")),
        started_training_at=_time(fields.get("started_training_at")),
        trained_at=_time(fields.get("trained_at")),
        images=_images(fields.get("images")),
    )


def read_pack(data: Any) -> RemotePack:
    """A pack from JSON; raises Malformed."""
    fields = _entity(data, "pack")
    costs = fields.get("costs")
    return RemotePack(
        id=_id(fields),
        slug=_text(fields, "slug"),
        title=_text(fields, "title"),
        main_class_name=_text(fields, "main_class_name"),
        cover_url=_text(fields, "cover_url"),
        costs=costs if isinstance(costs, dict) else {},
    )


def read_account(data: Any) -> RemoteAccount:
    """The account from JSON, bare or the only entry of a list; raises Malformed."""
    if isinstance(data, list) and data:
        data = data[0]
    fields = _entity(data, "user")
    return RemoteAccount(
        id=_id(fields),
        name=_text(fields, "name"),
        email=_text(fields, "email"),
        balance_mc=_number(fields, "usd_balance_mc"),
    )


def read_order(data: Any) -> RemoteOrder:
    """The answer to running a pack; raises Malformed."""
    fields = _entity(data, "tune")
    order = fields.get("order")
    prompt_ids = fields.get("prompt_ids")
    return RemoteOrder(
        tune=read_tune(fields) if "id" in fields else None,
        order_id=_id(order) if isinstance(order, dict) else None,
        prompt_ids=tuple(_whole(number) for number in prompt_ids)
        if isinstance(prompt_ids, list)
        else (),
    )


def read_list(data: Any) -> list[Any]:
    """A list from JSON; raises Malformed."""
    if not isinstance(data, list):
        raise Malformed("A list was expected")
    return data


def _entity(data: Any, name: str) -> dict[str, Any]:
    if isinstance(data, dict) and isinstance(data.get(name), dict):
        data = data[name]
    if not isinstance(data, dict):
        raise Malformed(f"A {name} was expected")
    return data


def _id(fields: Mapping[str, Any]) -> int:
    number = _whole(fields.get("id"))
    if number <= 0:
        raise Malformed("An id must be positive")
    return number


def _number(fields: Mapping[str, Any], name: str) -> int | None:
    value = fields.get(name)
    return None if value in (None, "") else _whole(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str | float):
        raise Malformed("A number was expected")
    try:
        return int(value)
    except (ValueError, OverflowError) as error:
        raise Malformed("A number was expected") from error


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _words(value: Any) -> str:
    """An error message, however it is wrapped."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_words, value)))
    return value.strip() if isinstance(value, str) else "" if value in (None, False) else str(value)


def _time(value: Any) -> dt.datetime | None:
    """An ISO 8601 time; without a zone it is UTC. Anything else counts as not told."""
    if not isinstance(value, str):
        return None
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _eta(value: Any) -> dt.datetime | None:
    """A time, or seconds since 1970."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _time(value)
    try:
        return dt.datetime.fromtimestamp(value, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _images(value: Any) -> tuple[RemoteImage, ...]:
    """A list of addresses, or of objects that hold one."""
    return tuple(_image(entry) for entry in read_list(value or []))


def _image(entry: Any) -> RemoteImage:
    url = entry.get("url") if isinstance(entry, dict) else entry
    if not isinstance(url, str) or not url:
        raise Malformed("An image without an address")
    number = entry.get("id") if isinstance(entry, dict) else None
    return RemoteImage(url, number if isinstance(number, int) else None)
