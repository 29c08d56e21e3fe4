"""Who may see and change people's tunes, and what belongs to them: photos, prompts, packs, shoots.

What a member may see is `visible_to` on the querysets; what they may change is decided here.
"""

from __future__ import annotations

from typing import cast

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404

from prompts.access import Id, MemberRequest, load, membership_in, named
from prompts.models import Membership, Pack, Photo, Prompt, Shoot, Tune


def may_change_tune(membership: Membership, tune: Tune) -> bool:
    """Admins everyone's, members their own; viewers none."""
    if membership.team_id != tune.team_id or not membership.may_make:
        return False
    return membership.is_admin or tune.owner_id == membership.user_id


def get_tune(request: MemberRequest, id: Id, *, change: bool = False) -> Tune:
    """The tune, if this user may look at it (or, with `change`, work with it)."""
    tune, membership = load(request, Tune.objects.select_related("team", "owner"), id)
    if change and not may_change_tune(membership, tune):
        raise PermissionDenied("This person belongs to somebody else in your team.")
    return cast(Tune, tune)


def get_own_data(request: MemberRequest, id: Id) -> Tune:
    """The tune, for those who decide about its data: who may change it, and its owner in any role.

    To see one's consent, take a copy and withdraw is a right of its own, which no role takes away.
    """
    tune, membership = load(request, Tune.objects.select_related("team", "owner"), id)
    if not may_change_tune(membership, tune) and tune.owner_id != request.user.pk:
        raise PermissionDenied("This person belongs to somebody else in your team.")
    return cast(Tune, tune)


def get_photo(request: MemberRequest, id: Id, *, change: bool = False) -> Photo:
    """The photo, under its tune's rules; the original photos are for those who may change it."""
    photo = named(Photo.objects.select_related("tune__team"), id).first()
    if photo is None:
        raise Http404
    get_tune(request, photo.tune.public_id, change=change)
    return cast(Photo, photo)


def get_prompt(request: MemberRequest, id: Id, *, change: bool = False) -> Prompt:
    """The prompt, under its tune's rules."""
    rows = Prompt.objects.select_related("team", "tune__team", "author", "preset")
    prompt, membership = load(request, rows, id)
    if change and not may_change_tune(membership, prompt.tune):
        raise PermissionDenied("This prompt belongs to somebody else in your team.")
    return cast(Prompt, prompt)


def get_pack(request: MemberRequest, id: Id, *, change: bool = False) -> Pack:
    """A built-in pack, or one of the teams this request reads from; makers change their own."""
    teams = [membership.team_id for membership in request.memberships]
    packs = Pack.objects.filter(Q(team=None) | Q(team__in=teams)).select_related("team")
    pack = named(packs, id).first()
    if pack is None:
        raise Http404
    if change and (pack.team_id is None or not membership_in(request, pack.team_id).may_make):
        raise PermissionDenied("This pack cannot be changed.")
    return cast(Pack, pack)


def changeable_tunes(request: MemberRequest) -> QuerySet[Tune]:
    """The present team's people this member may work with; the rule is `may_change_tune`'s."""
    place = request.membership
    if not place.may_make:
        return Tune.objects.none()
    tunes = Tune.objects.visible_to(place)
    return tunes if place.is_admin else tunes.filter(owner_id=place.user_id)


def get_shoot(request: MemberRequest, public_id: str) -> Shoot:
    """The shoot, for who may see a prompt of it; the pictures are asked one by one."""
    return cast(Shoot, load(request, Shoot.objects.select_related("pack", "author"), public_id)[0])


def may_change(request: MemberRequest, tune: Tune) -> bool:
    """Whether the page should offer to change it; the views check again."""
    return may_change_tune(membership_in(request, tune.team_id), tune)
