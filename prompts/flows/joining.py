"""Joining a team by an invitation or a link.

Looking never uses anything up. Coming in is one conditional update within the transaction that
makes the account and the membership, so of many who come at once no more get in than may.
"""

from __future__ import annotations

from enum import Enum

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from prompts import limits
from prompts.flows.members import MemberConflict, join_team
from prompts.models import Invitation, InviteLink, Membership, User

#: So many tries to join by one invitation or link in an hour; links serve many people.
TRIES = {Invitation: 30, InviteLink: 300}
HOUR = 60 * 60

Door = Invitation | InviteLink


class Problem(Enum):
    """Why nobody comes in: the name of a page, and its status."""

    UNKNOWN = "unknown", 404
    REVOKED = "revoked", 410
    EXPIRED = "expired", 410
    USED = "used", 410
    EXHAUSTED = "exhausted", 410
    WRONG_ACCOUNT = "wrong_account", 403
    DOMAIN = "domain", 403
    SIGN_IN = "sign_in", 403
    MEMBER = "member", 409
    TOO_MANY = "too_many", 429

    @property
    def page(self) -> str:
        return str(self.value[0])

    @property
    def status(self) -> int:
        return int(self.value[1])


class JoinRefused(Exception):
    """Nothing was changed, for this problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.page)
        self.problem = problem


def find_door(digest: str) -> Door | None:
    """What a token's digest opens, or opened."""
    for rows in (Invitation.objects.select_related("link"), InviteLink.objects.all()):
        row = rows.select_related("team", "author").filter(token_sha256=digest).first()
        if row is not None:
            return row
    return None


def problem_of(door: Door, user: User | None) -> Problem | None:
    """What keeps this user, or somebody without an account, from joining now."""
    if user is not None and Membership.objects.filter(team_id=door.team_id, user=user).exists():
        return Problem.MEMBER
    if isinstance(door, Invitation) and door.is_accepted:
        return Problem.USED
    if door.is_revoked or not type(door).objects.filter(pk=door.pk).backed().exists():
        return Problem.REVOKED
    if door.is_expired:
        return Problem.EXPIRED
    if isinstance(door, InviteLink):
        return Problem.EXHAUSTED if door.is_used_up else None
    if user is not None and user.email != door.email:
        return Problem.WRONG_ACCOUNT
    return problem_of(door.link, None) if door.link else None


def take_try(door: Door) -> None:
    """Counts an attempt; raises JoinRefused when there were too many."""
    name = f"join:{type(door).__name__}:{door.pk}"
    if not limits.take(name, TRIES[type(door)], HOUR).allowed:
        raise JoinRefused(Problem.TOO_MANY)


def join(door: Door, user: User) -> Membership:
    """Lets a user in; raises JoinRefused."""
    if isinstance(door, InviteLink) and door.domains:
        # Only an invitation that came to the address proves that it is theirs.
        raise JoinRefused(Problem.DOMAIN)
    with transaction.atomic():
        if problem := problem_of(door, user):
            raise JoinRefused(problem)
        try:
            place = join_team(door.team, user, door.role, door.author)
        except MemberConflict as gone:
            raise JoinRefused(Problem.REVOKED) from gone
        if place is None:
            raise JoinRefused(Problem.MEMBER)
        if not _consume(door, user):
            door.refresh_from_db()
            raise JoinRefused(_why_not(door))
        if isinstance(door, Invitation):
            _confirm_address(user)
    return place


def sign_up(door: Door, *, email: str, name: str, password: str) -> Membership:
    """Makes an account for `email` and lets it in; raises JoinRefused."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, password, name=name)
            return join(door, user)
    except IntegrityError:
        raise JoinRefused(Problem.SIGN_IN) from None


def _consume(door: Door, user: User) -> bool:
    if isinstance(door, InviteLink):
        return door.consume()
    return door.consume(user) and (door.link is None or door.link.consume())


def _why_not(door: Door) -> Problem:
    """Asked after somebody else was faster."""
    if isinstance(door, Invitation) and door.link and not door.is_accepted:
        door.link.refresh_from_db()
        return problem_of(door.link, None) or Problem.UNKNOWN
    return problem_of(door, None) or Problem.UNKNOWN


def _confirm_address(user: User) -> None:
    """The token came to this address, so single sign-on may believe that it is theirs."""
    if EmailAddress.objects.filter(email=user.email, verified=True).exists():
        return
    has_primary = EmailAddress.objects.filter(user=user, primary=True).exists()
    EmailAddress.objects.update_or_create(
        user=user,
        email=user.email,
        defaults={"verified": True},
        create_defaults={"verified": True, "primary": not has_primary},
    )
