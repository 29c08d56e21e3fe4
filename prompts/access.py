"""Load and authorise in one call: the only way a view gets an object.

Outsiders get 404, as if it did not exist; members without the right get 403. What a member may
see is `visible_to` on the querysets; what they may change is decided here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django_htmx.middleware import HtmxDetails

from prompts.models import Image, Membership, Photo, Prompt, Team, Tune, User

TEAM_KEY = "team"
View = Callable[..., HttpResponseBase]


class MemberRequest(HttpRequest):
    """A request of somebody who is signed in and belongs to a team."""

    user: User
    membership: Membership
    htmx: HtmxDetails


def memberships_of(user: User) -> list[Membership]:
    """All places of a user, by the team's name."""
    return list(user.memberships.select_related("team").order_by("team__name", "id"))


def current_membership(request: HttpRequest) -> Membership | None:
    """The membership pages are seen through: the team last chosen, else the first.

    Read once a request; the templates' frame and the view share it.
    """
    if not request.user.is_authenticated:
        return None
    if not hasattr(request, "_memberships"):
        request._memberships = memberships_of(request.user)  # type: ignore[attr-defined]
    places: list[Membership] = request._memberships  # type: ignore[attr-defined]
    chosen = request.session.get(TEAM_KEY)
    return next((m for m in places if m.team_id == chosen), places[0] if places else None)


def enter_team(request: HttpRequest, team: Team) -> None:
    """Makes `team` the one pages show from now on."""
    request.session[TEAM_KEY] = team.pk


def _uncached_unless_told(view: View) -> View:
    """No cache keeps what a view answers, unless the view itself says otherwise."""

    @wraps(view)
    def uncached(*args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(*args, **kwargs)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    return uncached


def member_required(view: View) -> View:
    """Only for members: sets `request.membership`; somebody without any team gets 403."""

    @wraps(view)
    @_uncached_unless_told
    @login_required
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        membership = current_membership(request)
        if membership is None:
            raise PermissionDenied("You do not belong to a team yet.")
        request.membership = membership  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    guarded.access = "member"  # type: ignore[attr-defined]
    return guarded


def public(view: View) -> View:
    """Marks a view that needs no account; a view without any mark fails the build."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def _membership_in(request: MemberRequest, team_id: int) -> Membership:
    """The user's place in that team, whichever team is shown now."""
    for membership in request._memberships:  # type: ignore[attr-defined]
        if membership.team_id == team_id:
            return cast(Membership, membership)
    raise Http404


def _load(request: MemberRequest, rows: QuerySet[Any], public_id: str) -> tuple[Any, Membership]:
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    membership = _membership_in(request, found.team_id)
    if not type(found).objects.visible_to(membership).filter(pk=found.pk).exists():
        raise Http404
    return found, membership


def may_change_tune(membership: Membership, tune: Tune) -> bool:
    """Admins everyone's, members their own; viewers none."""
    if membership.team_id != tune.team_id or not membership.may_make:
        return False
    return membership.is_admin or tune.owner_id == membership.user_id


def get_tune(request: MemberRequest, public_id: str, *, change: bool = False) -> Tune:
    """The tune, if this user may look at it (or, with `change`, work with it)."""
    tune, membership = _load(request, Tune.objects.select_related("team", "owner"), public_id)
    if change and not may_change_tune(membership, tune):
        raise PermissionDenied("This person belongs to somebody else in your team.")
    return cast(Tune, tune)


def get_photo(request: MemberRequest, public_id: str, *, change: bool = False) -> Photo:
    """The photo, under its tune's rules; the original photos are for those who may change it."""
    photo = Photo.objects.filter(public_id=public_id).select_related("tune__team").first()
    if photo is None:
        raise Http404
    get_tune(request, photo.tune.public_id, change=change)
    return photo


def get_prompt(request: MemberRequest, public_id: str, *, change: bool = False) -> Prompt:
    """The prompt, under its tune's rules."""
    rows = Prompt.objects.select_related("team", "tune__team", "author", "preset")
    prompt, membership = _load(request, rows, public_id)
    if change and not may_change_tune(membership, prompt.tune):
        raise PermissionDenied("This prompt belongs to somebody else in your team.")
    return cast(Prompt, prompt)


def get_image(request: MemberRequest, public_id: str) -> Image:
    """The image, under its tune's rules."""
    rows = Image.objects.select_related("team", "tune__team", "prompt__author")
    return cast(Image, _load(request, rows, public_id)[0])


def may_change(request: MemberRequest, tune: Tune) -> bool:
    """Whether the page should offer to change it; the views check again."""
    return may_change_tune(_membership_in(request, tune.team_id), tune)


def require_admin(request: MemberRequest) -> Membership:
    """The current membership, if it may change the team's settings."""
    if not request.membership.is_admin:
        raise PermissionDenied("Only the admins of your team may change this.")
    return request.membership


def require_maker(request: MemberRequest) -> Membership:
    """The current membership, if its role may make things."""
    if not request.membership.may_make:
        raise PermissionDenied("Viewers look; ask an admin of your team to let you make pictures.")
    return request.membership
