"""Limits that hold across processes: so many in so many seconds, exactly.

The generic cell rate algorithm (ITU-T I.371): `limit` at once, then one more every
`period / limit` seconds. Looking and counting are one statement, so that no two processes can
take the same place; a refused one changes nothing. All times are the database's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.db import connection

from prompts.models import RateLimit

#: The present moment in seconds, and the greater of two numbers, in the databases' dialects.
_NOW = {
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
    "postgresql": "extract(epoch from clock_timestamp())::float8",
}
_GREATER = {"sqlite": "max", "postgresql": "greatest"}

_TAKE = """
INSERT INTO {table} AS bucket (name, empty_at) VALUES (%(name)s, {now} + %(step)s)
ON CONFLICT (name) DO UPDATE SET empty_at = {greater}(bucket.empty_at, {now}) + %(step)s
WHERE {greater}(bucket.empty_at, {now}) + %(step)s <= {now} + %(room)s
RETURNING empty_at - {now}
"""
_GIVE_BACK = "UPDATE {table} SET empty_at = empty_at - %(step)s WHERE name = %(name)s"
_LOOK = "SELECT empty_at - {now} FROM {table} WHERE name = %(name)s"
_PRUNE = "DELETE FROM {table} WHERE empty_at <= {now}"


@dataclass(frozen=True)
class Take:
    """Whether there was a place.

    `remaining` are those left now, `wait` the whole seconds until there is one again (0 when one
    was given), `reset` the whole seconds until all of them are back.
    """

    allowed: bool
    remaining: int
    wait: int
    reset: int


def take(name: str, limit: int, period: float) -> Take:
    """Takes one of `limit` places that come back evenly within `period` seconds."""
    step = period / limit
    with connection.cursor() as cursor:
        # A thousandth of a step forgives what adding up steps loses in the last digits.
        room = period + step / 1000
        values: dict[str, str | float] = {"name": name, "step": step, "room": room}
        cursor.execute(_sql(_TAKE), values)
        row = cursor.fetchone()
        if row:
            return _taken(row[0], step, period)
        cursor.execute(_sql(_LOOK), values)
        row = cursor.fetchone()
    # Without a row it ran out, and was cleared away, since it refused.
    used = row[0] if row else period
    return Take(False, 0, max(1, math.ceil(used + step - period)), max(1, math.ceil(used)))


def give_back(name: str, limit: int, period: float) -> None:
    """Gives a place back that was taken for something that need not be limited after all."""
    with connection.cursor() as cursor:
        cursor.execute(_sql(_GIVE_BACK), {"name": name, "step": period / limit})


def _taken(used: float, step: float, period: float) -> Take:
    # A thousandth of a step forgives what the clock's last digits lose.
    remaining = max(0, math.floor((period - used) / step + 1e-3))
    return Take(True, remaining, 0, max(0, math.ceil(used)))


def prune() -> int:
    """Deletes what no longer limits anything; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_sql(_PRUNE))
        return cursor.rowcount


def _sql(text: str) -> str:
    return text.format(
        now=_NOW[connection.vendor],
        greater=_GREATER[connection.vendor],
        table=connection.ops.quote_name(RateLimit._meta.db_table),
    )
