"""Members: joining, changing roles, leaving, and what becomes of what a member made.

Whoever changes a team's members holds its lock and looks at the rows anew: rights and roles that a
page showed may be gone by the time its form arrives.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from prompts import live
from prompts.access_members import require_management
from prompts.audit import record
from prompts.flows.api_keys import revoke_api_key
from prompts.flows.tunes import delete_tune, publish_tune
from prompts.models import Album, ApiKey, Membership, Role, Team, TeamDeletion, Tune, User

NO_LONGER_IN = "You are no longer in this team."
LAST_OWNER = "A team needs an owner. Make somebody else an owner first."


class MemberConflict(Exception):
    """The team is another by now; the message is for people."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def lock_members(team_id: int) -> None:
    """Until the present transaction ends, nobody else changes this team's members.

    Rows that only refer to the team can still be written. Raises MemberConflict for a team that is
    deleted.
    """
    team = Team.objects.select_for_update(no_key=True).filter(pk=team_id).first()
    # Asked once the lock is there: whoever held it may have deleted the team.
    if team is None or TeamDeletion.objects.filter(team=team).exists():
        raise MemberConflict(NO_LONGER_IN)


def locked_place(place: Membership) -> Membership:
    """The place as it is under its team's lock; in a transaction. Raises MemberConflict."""
    lock_members(place.team_id)
    found = _places().filter(pk=place.pk).first()
    if found is None:
        raise MemberConflict(NO_LONGER_IN)
    return found


def _places() -> QuerySet[Membership]:
    return Membership.objects.select_related("team", "user")


def join_team(team: Team, user: User, role: str, invited_by: User | None) -> Membership | None:
    """A new place in the team; None when the user has one already. In a transaction."""
    lock_members(team.pk)
    place, made = Membership.objects.get_or_create(team=team, user=user, defaults={"role": role})
    if not made:
        return None
    record(team, "member_joined", actor=user, role=role, invited_by=str(invited_by or ""))
    return place


def change_role(actor: Membership, target: Membership, *, seen: str, role: str) -> None:
    """Gives `target` another role, if it still has the one that was seen.

    Raises MemberConflict, and PermissionDenied when `actor` may not (any more).
    """
    with _both(actor, target) as (actor, target):
        require_management(actor, target, role)
        _expect(target, seen)
        if not target.change_role(seen, role):
            raise MemberConflict(LAST_OWNER)
        live.publish_access_of(target.user_id)
        _note(actor, "role_changed", target, was=seen, now=role)


def transfer_ownership(actor: Membership, target: Membership, *, seen: str) -> None:
    """Makes `target` an owner and the present owner an admin; raises as `change_role`."""
    with _both(actor, target) as (actor, target):
        require_management(actor, target, Role.OWNER)
        _expect(target, seen)
        target.change_role(seen, Role.OWNER)
        if actor.pk == target.pk or not actor.change_role(Role.OWNER, Role.ADMIN):
            raise MemberConflict("You are an owner already.")
        for place in (actor, target):
            live.publish_access_of(place.user_id)
        _note(actor, "ownership_transferred", target, was=seen, now=Role.OWNER.value)


def remove_member(
    actor: Membership,
    target: Membership,
    *,
    seen: str,
    heir: Membership | None,
    delete: bool = False,
) -> None:
    """Takes `target` out of the team; with `actor` the same, that is leaving.

    Their people and albums go to `heir`, or with `delete` are deleted with all pictures. Their keys
    in this team are revoked at once; their shares open nothing any more. Raises MemberConflict,
    also when there is nobody to take over, and PermissionDenied.
    """
    with _both(actor, target) as (actor, target):
        is_leaving = actor.pk == target.pk
        if not is_leaving:
            require_management(actor, target)
        _expect(target, seen)
        if delete:
            _delete_what_is_of(target)
            handed: dict[str, Any] = {}
        else:
            handed = _hand_over(target, heir)
        keys = ApiKey.objects.filter(team_id=target.team_id, user_id=target.user_id)
        for key in keys.filter(revoked_at=None).select_related("team"):
            revoke_api_key(key)
        _note(actor, "member_left" if is_leaving else "member_removed", target, role=seen, **handed)
        if not target.end(seen):
            raise MemberConflict(LAST_OWNER)


@contextmanager
def _both(actor: Membership, target: Membership) -> Iterator[tuple[Membership, Membership]]:
    """The two as they are under the team's lock."""
    with transaction.atomic():
        present = locked_place(actor)
        found = _places().filter(pk=target.pk).first()
        if found is None:
            raise MemberConflict(f"{target.user} is no longer in the team.")
        yield present, found


def _expect(target: Membership, seen: str) -> None:
    if target.role != seen:
        role = Role(target.role)
        article = "an" if role in (Role.OWNER, Role.ADMIN) else "a"
        raise MemberConflict(f"{target.user} is {article} {role.label.lower()} now. Look again.")


def _tunes_of(member: Membership) -> list[Tune]:
    rows = Tune.objects.filter(team_id=member.team_id, owner_id=member.user_id)
    return list(rows.select_related("team", "owner").order_by("pk"))


def _delete_what_is_of(member: Membership) -> None:
    for tune in _tunes_of(member):
        delete_tune(tune)
    Album.objects.filter(team_id=member.team_id, owner_id=member.user_id).delete()


def _hand_over(member: Membership, heir: Membership | None) -> dict[str, Any]:
    """What the log tells of it."""
    tunes = _tunes_of(member)
    albums = Album.objects.filter(team_id=member.team_id, owner_id=member.user_id)
    if not tunes and not albums.exists():
        return {}
    rows = Membership.objects.select_related("user")
    place = rows.filter(pk=heir.pk).first() if heir else None
    if place is None or not place.may_make or place.team_id != member.team_id:
        raise MemberConflict("Choose who takes over their people.")
    albums.update(owner_id=place.user_id)
    for tune in tunes:
        # Told before and after, since who hears of a private one changes with its owner.
        publish_tune(tune)
        # Whoever was warned of a deletion is no longer the one who decides about it.
        Tune.objects.filter(pk=tune.pk).update(owner_id=place.user_id, warned_at=None)
        publish_tune(tune)
    return {"handed_to": str(place.user), "tunes": len(tunes)}


def _note(actor: Membership, action: str, target: Membership, **details: Any) -> None:
    about = None if actor.pk == target.pk else target.user
    record(actor.team, action, actor=actor.user, target=about, **details)
