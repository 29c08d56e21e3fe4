"""The small table of changes that live pages are fed from."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from .teams import Team


class Change(models.Model):
    """Something a page may show has changed; names ids only, never content.

    Written in the transaction that makes the change and pruned after an hour. With a `team` it
    concerns that team's members; if it is `private`, of these only `only_for` and the admins.
    Without a team it concerns the user `only_for` alone: their access has changed.

    The keys carry no constraints, because a change outlives what it tells of.
    """

    team = models.ForeignKey(
        Team, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    only_for = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
    )
    private = models.BooleanField(default=False)
    #: Separated by spaces; none are needed when access has changed.
    topics = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="change_by_age")]

    def __str__(self) -> str:
        return self.topics
