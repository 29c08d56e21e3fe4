"""Teams and who belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from .base import PUBLIC_ID_LENGTH, PublicModel, new_public_id

if TYPE_CHECKING:
    from .images import Image


class Role(models.TextChoices):
    """What a member may do; see the modules `prompts.access*` for the rules."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"
    VIEWER = "viewer", "Viewer"


#: What pages say each role is for.
ROLE_WORDS = {
    Role.OWNER: "Everything, also the engine, its key, and who owns the team.",
    Role.ADMIN: "Members, settings and everybody’s people.",
    Role.MEMBER: "Makes people and pictures of their own.",
    Role.VIEWER: "Looks at what the team shows.",
}
ADMIN_ROLES = frozenset({Role.OWNER, Role.ADMIN})
MAKER_ROLES = frozenset({Role.OWNER, Role.ADMIN, Role.MEMBER})


class Team(PublicModel):
    """A team owns everything else; nothing crosses from one team to another."""

    name = models.CharField(max_length=120)
    engine = models.CharField(max_length=20, default="studio")
    #: Whether an equal title or prompt sent through the gateway gets the object there already is.
    api_idempotency = models.BooleanField(default=False)
    #: Days until what is old is deleted, see `prompts.retention`; empty: it is kept.
    photos_kept_days = models.PositiveIntegerField(null=True, blank=True)
    people_kept_days = models.PositiveIntegerField(null=True, blank=True)
    pictures_kept_days = models.PositiveIntegerField(null=True, blank=True)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="teams"
    )

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A user's place in a team.

    Every change takes the team's lock first (`prompts.flows.members`), so that a team never loses
    its last owner to two changes at once.
    """

    public_id = models.CharField(
        max_length=PUBLIC_ID_LENGTH, unique=True, default=new_public_id, editable=False
    )
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    joined_at = models.DateTimeField(auto_now_add=True)
    #: When the member was last reminded of the team headshots.
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: The headshot of this team that stands for the member in its pages.
    picture = models.ForeignKey(
        "prompts.Image", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_place_in_a_team")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team} ({self.role})"

    @property
    def shown_picture(self) -> Image | None:
        """The chosen picture while it is not in the trash; `picture` must be loaded."""
        picture = self.picture
        return picture if picture and picture.trashed_at is None else None

    @property
    def is_admin(self) -> bool:
        """Owners and admins: people, settings, everyone's tunes."""
        return self.role in ADMIN_ROLES

    @property
    def may_make(self) -> bool:
        """Whether this member makes tunes and prompts at all."""
        return self.role in MAKER_ROLES

    def change_role(self, seen: str, role: str) -> bool:
        """From the role somebody saw to another one.

        False when it is another by now, or when the team would be left without an owner.
        """
        rows = self._if_still(seen, stays_owner=role == Role.OWNER)
        return bool(rows.update(role=role))

    def end(self, seen: str) -> bool:
        """Out of the team; False as for `change_role`."""
        return bool(self._if_still(seen, stays_owner=False).delete()[0])

    def _if_still(self, seen: str, *, stays_owner: bool) -> models.QuerySet[Membership]:
        rows = Membership.objects.filter(pk=self.pk, role=seen)
        if seen != Role.OWNER or stays_owner:
            return rows
        # Somebody who cannot sign in owns nothing that could be acted on.
        others = Membership.objects.filter(
            team_id=self.team_id, role=Role.OWNER, user__is_active=True
        ).exclude(pk=self.pk)
        return rows.filter(models.Exists(others))
