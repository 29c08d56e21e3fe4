"""Invitations to one address, and links with which anybody who has them may join.

Both open a team only while whoever made them is one of its admins: who is shown the door cannot
come back through a link they kept. Of tokens only the SHA-256 is stored.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from .base import PublicModel
from .mails import Mail, MailStatus
from .teams import ADMIN_ROLES, Membership, Role, Team
from .users import User

#: How long an invitation can be accepted after it was sent.
INVITATION_LIFETIME = dt.timedelta(days=14)
#: The same for one that somebody asked for by a link.
CONFIRMATION_LIFETIME = dt.timedelta(days=1)
#: The least time between two reminders.
REMINDER_PAUSE = dt.timedelta(days=1)
#: What an invitation can make of somebody; owners are made by owners.
INVITED_ROLES = (Role.ADMIN, Role.MEMBER, Role.VIEWER)


def new_token() -> str:
    """256 random bits as 43 characters that may stand in an address."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class DoorQuerySet(models.QuerySet[Any]):
    """Questions about what lets people into a team."""

    def with_backing(self) -> Self:
        """Each with `is_backed`: whether its author may still invite."""
        admins = Membership.objects.filter(
            team_id=models.OuterRef("team_id"),
            user_id=models.OuterRef("author_id"),
            user__is_active=True,
            role__in=ADMIN_ROLES,
        )
        return self.annotate(is_backed=models.Exists(admins))

    def backed(self) -> Self:
        """Those whose author may still invite."""
        return self.with_backing().filter(is_backed=True)

    def open(self) -> Self:
        """Those that would let somebody in now, by the database's clock."""
        return self.backed().filter(
            Q(expires_at=None) | Q(expires_at__gt=Now()), self.model.UNUSED, revoked_at=None
        )


class Door(PublicModel):
    """Abstract: what lets people into a team with some role."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="%(class)ss")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    role = models.CharField(
        max_length=10, choices=[(r.value, r.label) for r in INVITED_ROLES], default=Role.MEMBER
    )
    token_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = DoorQuerySet.as_manager()

    class Meta:
        abstract = True

    #: What "not used up" means.
    UNUSED: Q

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None

    def revoke(self) -> bool:
        """Ends it for good; False when it had ended before."""
        rows = type(self)._base_manager.filter(self.UNUSED, pk=self.pk, revoked_at=None)
        return bool(rows.update(revoked_at=Now()))

    def _still_open(self) -> Any:
        """This row if it is open and its token has not been replaced."""
        rows = type(self)._default_manager.filter(pk=self.pk, token_sha256=self.token_sha256)
        return rows.open()


class InviteLink(Door):
    """A link that lets several people in, of chosen domains if there are any."""

    UNUSED = Q(max_uses=None) | Q(uses__lt=F("max_uses"))

    title = models.CharField(max_length=80, blank=True)
    #: Lower case, without "@"; none: any address, which is then not confirmed.
    domains = models.JSONField(default=list, blank=True)
    max_uses = models.PositiveIntegerField(null=True, blank=True)
    uses = models.PositiveIntegerField(default=0, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["team", "-id"], name="invite_link_by_team")]
        constraints = [
            models.CheckConstraint(name="link_makes_no_owner", condition=~Q(role=Role.OWNER))
        ]

    def __str__(self) -> str:
        return self.title or f"{self.get_role_display()} link"

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def is_used_up(self) -> bool:
        return self.max_uses is not None and self.uses >= self.max_uses

    @property
    def is_open(self) -> bool:
        return not (self.is_revoked or self.is_expired or self.is_used_up)

    def admits(self, email: str) -> bool:
        """Whether an address is of its domains, themselves and not those below them."""
        return not self.domains or email.rpartition("@")[2].lower() in self.domains

    def consume(self) -> bool:
        """Counts one use; False when none is left, however many ask at once."""
        return bool(self._still_open().update(uses=F("uses") + 1))


class Invitation(Door):
    """An invitation to one address; with `link`, one that was asked for by that link."""

    UNUSED = Q(accepted_at=None)

    email = models.EmailField()
    name = models.CharField(max_length=120, blank=True)
    link = models.ForeignKey(
        InviteLink, on_delete=models.CASCADE, null=True, related_name="invitations"
    )
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(default=timezone.now)
    #: How often it was sent; each time with another token.
    sends = models.PositiveIntegerField(default=1)
    mail = models.ForeignKey(Mail, on_delete=models.SET_NULL, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["team", "-id"], name="invitation_by_team")]
        constraints = [
            models.CheckConstraint(name="invitation_makes_no_owner", condition=~Q(role=Role.OWNER)),
            models.UniqueConstraint(
                fields=["team", "email"],
                condition=Q(accepted_at=None, revoked_at=None, link=None),
                name="one_open_invitation_an_address",
            ),
            models.UniqueConstraint(
                fields=["link", "email"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="one_open_confirmation_an_address",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_accepted(self) -> bool:
        return self.accepted_at is not None

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def is_open(self) -> bool:
        return not (self.is_accepted or self.is_revoked or self.is_expired)

    @property
    def mail_failed(self) -> bool:
        return self.mail is not None and self.mail.status == MailStatus.FAILED

    @property
    def may_remind(self) -> bool:
        return self.is_open and self.sent_at <= timezone.now() - REMINDER_PAUSE

    def consume(self, user: User) -> bool:
        """Notes who came; False when it is not open any more, or its token was replaced."""
        return bool(self._still_open().update(accepted_at=Now(), accepted_by=user))

    def renew(self, author: User | None, lifetime: dt.timedelta) -> str | None:
        """A new token for a new mail, which kills the old one; None when it is over.

        Whoever has it sent again answers for it from now on.
        """
        rows = Invitation.objects.filter(accepted_at=None, revoked_at=None)
        return self._replace(rows, author=author, expires_at=Now() + lifetime)

    def remind(self) -> str | None:
        """As `renew`, until the same day as before; None within `REMINDER_PAUSE` too."""
        ripe: models.QuerySet[Invitation] = Invitation.objects.open()
        return self._replace(ripe.filter(sent_at__lte=Now() - REMINDER_PAUSE))

    def _replace(self, rows: models.QuerySet[Invitation], **fields: Any) -> str | None:
        token = new_token()
        changed = rows.filter(pk=self.pk).update(
            token_sha256=digest_of(token), sent_at=Now(), sends=F("sends") + 1, **fields
        )
        return token if changed else None
