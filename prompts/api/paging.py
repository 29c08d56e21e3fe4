"""Lists, newest first: `limit`, and `before_id` (a cursor, at any depth as fast) or `offset`."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from .bodies import Params
from .errors import BadRequest

DEFAULT_LIMIT, MAX_LIMIT = 20, 120
MAX_ID = 2**63 - 1


def page_of(rows: QuerySet[Any], params: Params, *, max_offset: int) -> list[Any]:
    """The part of `rows` that was asked for, by id, the highest first.

    Raises BadRequest for numbers that are none, and for an offset above `max_offset`: there the
    database would have to walk past everything before.
    """
    limit = min(_number(params, "limit", DEFAULT_LIMIT, at_least=1), MAX_LIMIT)
    rows = rows.order_by("-id")
    if "before_id" in params:
        return list(rows.filter(pk__lt=_number(params, "before_id", MAX_ID, at_least=0))[:limit])
    offset = _number(params, "offset", 0, at_least=0)
    if offset > max_offset:
        raise BadRequest(f"offset is at most {max_offset}; go on with before_id.")
    return list(rows[offset : offset + limit])


def _number(params: Params, name: str, default: int, *, at_least: int) -> int:
    value = params.get(name, default)
    try:
        number = int(str(value))
    except ValueError as error:
        raise BadRequest(f"{name} must be a whole number.") from error
    if not at_least <= number <= MAX_ID:
        raise BadRequest(f"{name} must be {at_least} or more.")
    return number
