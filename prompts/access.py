"""Who asks, for which team, and in which role: every view begins here.

The modules `access_*.py` load and authorise in one call, the only way a view gets an object.
Outsiders get 404, as if it did not exist; members without the right get 403. What a member may
see is `visible_to` on the querysets; what they may change is decided in these modules.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce, wraps
from operator import or_
from typing import Any, TypeVar, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django_htmx.middleware import HtmxDetails

from prompts.audit import acting
from prompts.models import Membership, Role, Team, User, Via

TEAM_KEY = "team"
View = Callable[..., HttpResponseBase]
Rows = TypeVar("Rows", bound=QuerySet[Any])
AnyView = TypeVar("AnyView", bound=Callable[..., Any])
#: Pages name rows by their public id, the gateway by their number.
Id = str | int


class AccountRequest(HttpRequest):
    """A request of somebody who is signed in, whether or not they belong to a team."""

    user: User
    #: The place that pages are seen through.
    membership: Membership | None
    #: All places this request reads from.
    memberships: list[Membership]
    htmx: HtmxDetails


class MemberRequest(AccountRequest):
    """A request of somebody who is signed in and belongs to a team."""

    membership: Membership


def memberships_of(user: User, *, pictured: bool = True) -> list[Membership]:
    """All places of a user, by the team's name; with their account pictures, which pages show."""
    places = user.memberships.select_related("team", *(["picture"] if pictured else []))
    return sorted(places, key=lambda place: (place.team.name.casefold(), place.pk))


def current_membership(request: HttpRequest) -> Membership | None:
    """The membership pages are seen through: the team last chosen, else the first.

    Read once a request; the templates' frame and the view share it.
    """
    if not request.user.is_authenticated:
        return None
    asking = cast(AccountRequest, request)
    if not hasattr(asking, "memberships"):
        asking.memberships = memberships_of(asking.user)
    places, chosen = asking.memberships, request.session.get(TEAM_KEY)
    return next((m for m in places if m.team_id == chosen), places[0] if places else None)


def enter_team(request: HttpRequest, team: Team) -> None:
    """Makes `team` the one pages show from now on."""
    request.session[TEAM_KEY] = team.pk


def marked(view: AnyView, access: str, **more: object) -> AnyView:
    """Says on a view who may call it; a view without any mark fails the build."""
    vars(view).update(access=access, **more)
    return view


def uncached_unless_told(response: HttpResponseBase) -> HttpResponseBase:
    """No cache keeps what a view answers, unless the view itself says otherwise."""
    if not response.has_header("Cache-Control"):
        add_never_cache_headers(response)
    return response


def _uncached(view: View) -> View:
    @wraps(view)
    def uncached(*args: Any, **kwargs: Any) -> HttpResponseBase:
        return uncached_unless_told(view(*args, **kwargs))

    return uncached


def member_required(view: View) -> View:
    """Only for members: sets `request.membership`; somebody without any team gets 403."""

    @wraps(view)
    @_uncached
    @login_required
    def guarded(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        membership = current_membership(request)
        if membership is None:
            raise PermissionDenied("You do not belong to a team yet.")
        request.membership = membership
        with acting(membership.user, Via.PAGE):
            return view(request, *args, **kwargs)

    return marked(guarded, "member")


def account_required(view: View) -> View:
    """Only for those who are signed in; their own account is nobody else's, in whatever team."""

    @wraps(view)
    @_uncached
    @login_required
    def guarded(request: AccountRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.membership = current_membership(request)
        with acting(request.user, Via.PAGE):
            return view(request, *args, **kwargs)

    return marked(guarded, "account")


def public(view: View) -> View:
    """Marks a view that needs no account."""
    return marked(view, "public")


def membership_in(request: MemberRequest, team_id: int) -> Membership:
    """The user's place in that team, whichever team is shown now."""
    for membership in request.memberships:
        if membership.team_id == team_id:
            return membership
    raise Http404


def visible(request: MemberRequest, rows: Rows) -> Rows:
    """Those of `rows` that this request may look at: one query, however many teams."""
    seen = [cast(Any, rows).visible_to(membership) for membership in request.memberships]
    return cast(Rows, reduce(or_, seen) if seen else rows.none())


def load(request: MemberRequest, rows: QuerySet[Any], id: Id) -> tuple[Any, Membership]:
    """The row of that name, if this request may look at it, and the user's place in its team."""
    found = visible(request, named(rows, id)).first()
    if found is None:
        raise Http404
    return found, membership_in(request, found.team_id)


def named(rows: QuerySet[Any], id: Id) -> QuerySet[Any]:
    """The row of that public id or number, whoever may see it."""
    return rows.filter(pk=id) if isinstance(id, int) else rows.filter(public_id=id)


def require_admin(request: MemberRequest) -> Membership:
    """The current membership, if it may change the team's settings."""
    if not request.membership.is_admin:
        raise PermissionDenied("Only the admins of your team may change this.")
    return request.membership


def require_owner(request: MemberRequest) -> Membership:
    """The current membership, if it owns the team: keys that cost money, and where photos go."""
    require_ownership(request.membership)
    return request.membership


def require_ownership(place: Membership) -> None:
    """403 unless this is the place of an owner."""
    if place.role != Role.OWNER:
        raise PermissionDenied("Only the owner of your team may change this.")


def require_maker(request: MemberRequest) -> Membership:
    """The current membership, if its role may make things."""
    if not request.membership.may_make:
        raise PermissionDenied("Viewers look; ask an admin of your team to let you make pictures.")
    return request.membership
