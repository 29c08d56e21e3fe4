"""Invitations: sending, sending again, and links."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from prompts import limits
from prompts.audit import record
from prompts.forms.address_lists import Entry
from prompts.mails import queue_mail
from prompts.models import (
    CONFIRMATION_LIFETIME,
    INVITATION_LIFETIME,
    Invitation,
    InviteLink,
    Membership,
    Team,
    User,
)
from prompts.models.invitations import digest_of, new_token

#: So many mails that invite a team sends in a day, and so many one member in all their teams.
MAILS_A_DAY, DAY = 500, 24 * 60 * 60
#: So many mails a link sends to one address in an hour.
CONFIRMATIONS, HOUR = 3, 60 * 60


@dataclass
class Outcome:
    """What came of a list: addresses by what happened to them."""

    invited: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    limited: list[str] = field(default_factory=list)

    def words(self) -> str:
        """For people."""
        parts = [f"{_people(self.invited)} invited."]
        if self.members:
            parts.append(f"Already in the team: {_listed(self.members)}.")
        if self.waiting:
            parts.append(f"Already invited: {_listed(self.waiting)}.")
        if self.limited:
            parts.append(
                f"{MAILS_A_DAY} invitations are the most in a day. Not sent: "
                f"{_listed(self.limited)}."
            )
        return " ".join(parts)


def _people(emails: list[str]) -> str:
    return "Nobody was" if not emails else f"{len(emails)} {'is' if len(emails) == 1 else 'are'}"


def _listed(emails: list[str]) -> str:
    shown = ", ".join(emails[:5])
    return shown if len(emails) <= 5 else f"{shown} and {len(emails) - 5} more"


def invite(author: Membership, entries: Iterable[Entry]) -> Outcome:
    """Invites everybody who is neither in the team nor invited; each mail counts for its limit."""
    outcome = Outcome()
    team = author.team
    members = set(team.members.values_list("email", flat=True))
    open_rows = Invitation.objects.filter(team=team, link=None, accepted_at=None, revoked_at=None)
    waiting = set(open_rows.values_list("email", flat=True))
    for entry in entries:
        if entry.email in members:
            outcome.members.append(entry.email)
        elif entry.email in waiting:
            outcome.waiting.append(entry.email)
        elif not _may_mail(team, author.user):
            outcome.limited.append(entry.email)
        elif _invite(author, entry):
            outcome.invited.append(entry.email)
        else:
            outcome.waiting.append(entry.email)
    return outcome


def _invite(author: Membership, entry: Entry) -> bool:
    """False when somebody else has just invited the same address."""
    token = new_token()
    row = Invitation(
        team=author.team,
        author=author.user,
        email=entry.email,
        name=entry.name,
        role=entry.role,
        token_sha256=digest_of(token),
        expires_at=timezone.now() + INVITATION_LIFETIME,
    )
    with transaction.atomic():
        Invitation.objects.bulk_create([row], ignore_conflicts=True)
        saved = Invitation.objects.filter(token_sha256=row.token_sha256).first()
        if saved is not None:
            _mail(saved, token)
            record(
                saved.team,
                "invitation_sent",
                actor=author.user,
                target=saved,
                role=saved.role,
            )
    return saved is not None


def resend(author: Membership, invitation: Invitation) -> bool:
    """A new mail with a new token; the old one is dead. False when it is over, or too many."""
    return _send_again(author.team, invitation, "invitation", author.user)


def remind(team: Team, invitation: Invitation) -> bool:
    """A reminder, at most one a day; its token too replaces the one before."""
    return _send_again(team, invitation, "invitation_reminder", None)


def remind_all(team: Team) -> int:
    """Reminds everybody who was not sent anything for a day; returns how many."""
    rows = Invitation.objects.open().filter(team=team, link=None).select_related("team", "author")
    return sum(row.may_remind and remind(team, row) for row in rows)


def _send_again(team: Team, invitation: Invitation, template: str, author: User | None) -> bool:
    if not _may_mail(team, author or invitation.author):
        return False
    with transaction.atomic():
        is_new = author is not None
        token = invitation.renew(author, INVITATION_LIFETIME) if is_new else invitation.remind()
        if token is not None:
            invitation.refresh_from_db()
            _mail(invitation, token, template)
            action = "invitation_resent" if is_new else "invitation_reminded"
            record(team, action, target=invitation)
    return token is not None


@transaction.atomic
def revoke(door: Invitation | InviteLink) -> bool:
    """Ends it for good; False when it had ended before."""
    revoked = door.revoke()
    if revoked:
        is_link = isinstance(door, InviteLink)
        action = "invite_link_revoked" if is_link else "invitation_revoked"
        record(door.team, action, target=door)
    return revoked


@transaction.atomic
def make_link(author: Membership, **fields: Any) -> tuple[InviteLink, str]:
    """A new link and its token, which nothing else ever tells."""
    token = new_token()
    link = InviteLink.objects.create(
        team=author.team, author=author.user, token_sha256=digest_of(token), **fields
    )
    record(
        link.team,
        "invite_link_created",
        actor=author.user,
        target=link,
        role=link.role,
        domains=link.domains,
        uses=link.max_uses,
        until=link.expires_at.date().isoformat() if link.expires_at else None,
    )
    return link, token


def confirm_address(link: InviteLink, email: str) -> bool:
    """Sends a mail to an address that wants to join by a link; False when it was sent too many.

    Says nothing about whether the address is known here.
    """
    name = f"join-confirm:{link.pk}:{email}"
    if not limits.take(name, CONFIRMATIONS, HOUR).allowed or not _may_mail(link.team, link.author):
        return False
    token = new_token()
    with transaction.atomic():
        row = Invitation(
            team=link.team,
            author=link.author,
            email=email,
            role=link.role,
            link=link,
            token_sha256=digest_of(token),
            expires_at=timezone.now() + CONFIRMATION_LIFETIME,
        )
        Invitation.objects.bulk_create([row], ignore_conflicts=True)
        saved = Invitation.objects.filter(
            link=link, email=email, accepted_at=None, revoked_at=None
        ).first()
        if saved is not None and saved.token_sha256 != row.token_sha256:
            token = saved.renew(link.author, CONFIRMATION_LIFETIME) or ""
            saved.refresh_from_db()
        if saved is not None and token:
            _mail(saved, token, "join_confirmation")
    return True


def _may_mail(team: Team, author: User | None) -> bool:
    """Takes one mail of the team's and of the author's, who may make more teams."""
    names = [f"invite:{team.pk}", *([f"invite-by:{author.pk}"] if author else [])]
    return all(limits.take(name, MAILS_A_DAY, DAY).allowed for name in names)


def _mail(invitation: Invitation, token: str, template: str = "invitation") -> None:
    mail = queue_mail(
        to=invitation.email,
        template=template,
        context={"invitation": invitation, "token": token},
        team=invitation.team,
        key=f"invitation:{invitation.public_id}:{invitation.sends}",
    )
    Invitation.objects.filter(pk=invitation.pk).update(mail=mail)
