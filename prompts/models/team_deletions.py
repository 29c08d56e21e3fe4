"""Teams that are gone for everybody and are being deleted."""

from __future__ import annotations

from django.db import models

from .erasures import Erasure
from .jobs import Job, JobQuerySet
from .teams import Team


class TeamDeletion(Job):
    """The job of deleting a team: its rows, its files, and with its key the copies at a service.

    Nobody is in the team any more. The job is begun anew until nothing is left, and ends with the
    team's own row, which takes this one along. `progress` is 1 once nothing is left here.
    """

    WAITING = "waiting"
    RUNNING = "deleting"
    FAILED = "stuck"

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="deletion")
    receipt = models.ForeignKey(Erasure, on_delete=models.CASCADE, related_name="team_deletions")
    status = models.CharField(max_length=10, default=WAITING)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = JobQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Deletion of team {self.team_id}"
