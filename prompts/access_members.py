"""Who may see and change the members of a team.

Owners are above admins, admins above members and viewers. Admins neither touch owners nor make
any; whether an owner may go is decided under the team's lock, in `prompts.flows.members`.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower
from django.http import Http404

from prompts.access import MemberRequest, membership_in
from prompts.models import Invitation, InviteLink, Membership, Role, Tune

_BELOW_OWNER = (Role.ADMIN, Role.MEMBER, Role.VIEWER)


def assignable_roles(actor: Membership) -> tuple[Role, ...]:
    """The roles this member may give to others, highest first."""
    if actor.role == Role.OWNER:
        return (Role.OWNER, *_BELOW_OWNER)
    return _BELOW_OWNER if actor.is_admin else ()


def may_manage(actor: Membership, target: Membership) -> bool:
    """Whether this member may change or remove that one."""
    if actor.team_id != target.team_id or not actor.is_admin:
        return False
    return actor.role == Role.OWNER or target.role != Role.OWNER


def require_management(actor: Membership, target: Membership, role: str | None = None) -> None:
    """403 unless `actor` may manage `target`, and give that role."""
    if not may_manage(actor, target) or (role and role not in assignable_roles(actor)):
        raise PermissionDenied("Your role does not allow that.")


def get_managed(request: MemberRequest, public_id: str) -> tuple[Membership, Membership]:
    """The asking and the named member of one team; 404 for outsiders, 403 without the right."""
    target = Membership.objects.select_related("team", "user").filter(public_id=public_id).first()
    if target is None:
        raise Http404
    actor = membership_in(request, target.team_id)
    require_management(actor, target)
    return actor, target


def get_limited(request: MemberRequest, public_id: str) -> Membership:
    """The member whose limits admins of the team set; 404 for outsiders, 403 for the others."""
    target = Membership.objects.select_related("team", "user").filter(public_id=public_id).first()
    if target is None:
        raise Http404
    if not membership_in(request, target.team_id).is_admin:
        raise PermissionDenied("Only the admins of your team may change this.")
    return target


def usage_subject(request: MemberRequest, public_id: str) -> Membership | None:
    """Whose use the page shows: admins choose a member, or see the whole team (None).

    Others see their own, and 403 for that of somebody else; 404 for whoever is not in the team.
    """
    place = request.membership
    if not public_id:
        return None if place.is_admin else place
    rows = Membership.objects.select_related("team", "user")
    target = rows.filter(team_id=place.team_id, public_id=public_id).first()
    if target is None:
        raise Http404
    if target.pk != place.pk and not place.is_admin:
        raise PermissionDenied("Only the admins of your team see what others use.")
    return target


def visible_members(request: MemberRequest, words: str = "") -> QuerySet[Membership]:
    """The present team's members whose name or address holds `words`, owners first.

    Each with `tune_count`: of those people of theirs that this request may see.
    """
    place = request.membership
    owned = Tune.objects.visible_to(place).filter(owner_id=OuterRef("user_id")).order_by()
    counted = owned.values("owner_id").annotate(number=Count("pk")).values("number")
    ranks = [When(role=role, then=Value(rank)) for rank, role in enumerate(Role)]
    rows = Membership.objects.filter(team_id=place.team_id).select_related(
        "user", "team", "picture"
    )
    if words:
        rows = rows.filter(Q(user__name__icontains=words) | Q(user__email__icontains=words))
    return rows.annotate(
        tune_count=Coalesce(Subquery(counted, output_field=IntegerField()), 0)
    ).order_by(
        Case(*ranks, output_field=models.IntegerField()),
        Lower(Coalesce(models.functions.NullIf("user__name", Value("")), "user__email")),
        "pk",
    )


def heirs(leaving: Membership) -> list[Membership]:
    """Who may take over from somebody that goes: owners first, then by name."""
    rows = Membership.objects.filter(team_id=leaving.team_id, user__is_active=True)
    places = [place for place in rows.select_related("user") if place.may_make]
    order = list(Role)
    return sorted(
        (place for place in places if place.pk != leaving.pk),
        key=lambda place: (order.index(Role(place.role)), str(place.user).casefold()),
    )


def get_invitation(request: MemberRequest, public_id: str) -> tuple[Membership, Invitation]:
    """The asking admin and an invitation of one team; 404 for outsiders, 403 for others."""
    rows = Invitation.objects.filter(link=None).select_related("team", "author")
    return _opened_by_admins(request, rows, public_id)


def get_invite_link(request: MemberRequest, public_id: str) -> tuple[Membership, InviteLink]:
    """The asking admin and a link of one team; as `get_invitation`."""
    rows = InviteLink.objects.select_related("team", "author")
    return _opened_by_admins(request, rows, public_id)


def _opened_by_admins(
    request: MemberRequest, rows: QuerySet[Any], public_id: str
) -> tuple[Membership, Any]:
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    actor = membership_in(request, found.team_id)
    if not actor.is_admin:
        raise PermissionDenied("Only the admins of your team invite people.")
    return actor, found
