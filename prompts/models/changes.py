"""The small table of changes that live pages are fed from."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from .teams import Team


class Change(models.Model):
    """Something a page may show has changed; names ids only, never content.

    Written in the transaction that makes the change and pruned after an hour. With a `team` it
    concerns that team's members, of whom only `only_for` and the admins hear of it if that is
    set. Without a team it concerns the user `only_for` alone: their access has changed.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    only_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    topics = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.topics
