"""Teams and who belongs to them."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from .base import PublicModel


class Role(models.TextChoices):
    """What a member may do; see `prompts.access` for the rules."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"
    VIEWER = "viewer", "Viewer"


ADMIN_ROLES = frozenset({Role.OWNER, Role.ADMIN})
MAKER_ROLES = frozenset({Role.OWNER, Role.ADMIN, Role.MEMBER})


class Team(PublicModel):
    """A team owns everything else; nothing crosses from one team to another."""

    name = models.CharField(max_length=120)
    engine = models.CharField(max_length=20, default="studio")
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="teams"
    )

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A user's place in a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_place_in_a_team")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team} ({self.role})"

    @property
    def is_admin(self) -> bool:
        """Owners and admins: people, settings, everyone's tunes."""
        return self.role in ADMIN_ROLES

    @property
    def may_make(self) -> bool:
        """Whether this member makes tunes and prompts at all."""
        return self.role in MAKER_ROLES
