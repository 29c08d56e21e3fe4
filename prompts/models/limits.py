"""How much of a limit has been used; see `prompts.limits`."""

from __future__ import annotations

from django.db import models


class RateLimit(models.Model):
    """One limited thing: a key's writes, the guesses at a password.

    A bucket that leaks evenly, kept as one number: when it will be empty again, in seconds since
    1970 by the database's clock. A row whose time has passed says nothing and may go.
    """

    name = models.CharField(max_length=200, primary_key=True)
    empty_at = models.FloatField(db_index=True)

    def __str__(self) -> str:
        return self.name
