"""Load and authorise in one call: the only way a view gets an object.

Outsiders get 404, as if it did not exist; members without the right get 403. What a member may
see is `visible_to` on the querysets; what they may change is decided here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce, wraps
from operator import or_
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django_htmx.middleware import HtmxDetails

from prompts.audit import acting
from prompts.models import (
    Album,
    ApiKey,
    CallbackHost,
    Delivery,
    Image,
    Membership,
    Pack,
    Photo,
    Prompt,
    Role,
    Shoot,
    Team,
    Tune,
    User,
    Via,
)

TEAM_KEY = "team"
#: So many pictures one form may name.
MAX_IMAGES = 1_000
View = Callable[..., HttpResponseBase]
#: Pages name rows by their public id, the gateway by their number.
Id = str | int


class MemberRequest(HttpRequest):
    """A request of somebody who is signed in and belongs to a team."""

    user: User
    membership: Membership
    htmx: HtmxDetails


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
        with acting(membership.user, Via.PAGE):
            return view(request, *args, **kwargs)

    guarded.access = "member"  # type: ignore[attr-defined]
    return guarded


class AccountRequest(HttpRequest):
    """A request of somebody who is signed in, whether or not they belong to a team."""

    user: User
    membership: Membership | None
    htmx: HtmxDetails


def account_required(view: View) -> View:
    """Only for those who are signed in; their own account is nobody else's, in whatever team."""

    @wraps(view)
    @_uncached_unless_told
    @login_required
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.membership = current_membership(request)  # type: ignore[attr-defined]
        with acting(cast(User, request.user), Via.PAGE):
            return view(request, *args, **kwargs)

    guarded.access = "account"  # type: ignore[attr-defined]
    return guarded


def public(view: View) -> View:
    """Marks a view that needs no account; a view without any mark fails the build."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def membership_in(request: MemberRequest, team_id: int) -> Membership:
    """The user's place in that team, whichever team is shown now."""
    for membership in request._memberships:  # type: ignore[attr-defined]
        if membership.team_id == team_id:
            return cast(Membership, membership)
    raise Http404


def visible(request: MemberRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those of `rows` that this request may look at: one query, however many teams."""
    memberships = request._memberships  # type: ignore[attr-defined]
    seen = [cast(Any, rows).visible_to(membership) for membership in memberships]
    return reduce(or_, seen) if seen else rows.none()


def _load(request: MemberRequest, rows: QuerySet[Any], id: Id) -> tuple[Any, Membership]:
    found = visible(request, _named(rows, id)).first()
    if found is None:
        raise Http404
    return found, membership_in(request, found.team_id)


def _named(rows: QuerySet[Any], id: Id) -> QuerySet[Any]:
    return rows.filter(pk=id) if isinstance(id, int) else rows.filter(public_id=id)


def may_change_tune(membership: Membership, tune: Tune) -> bool:
    """Admins everyone's, members their own; viewers none."""
    if membership.team_id != tune.team_id or not membership.may_make:
        return False
    return membership.is_admin or tune.owner_id == membership.user_id


def get_tune(request: MemberRequest, id: Id, *, change: bool = False) -> Tune:
    """The tune, if this user may look at it (or, with `change`, work with it)."""
    tune, membership = _load(request, Tune.objects.select_related("team", "owner"), id)
    if change and not may_change_tune(membership, tune):
        raise PermissionDenied("This person belongs to somebody else in your team.")
    return cast(Tune, tune)


def get_own_data(request: MemberRequest, id: Id) -> Tune:
    """The tune, for those who decide about its data: who may change it, and its owner in any role.

    To see one's consent, take a copy and withdraw is a right of its own, which no role takes away.
    """
    tune, membership = _load(request, Tune.objects.select_related("team", "owner"), id)
    if not may_change_tune(membership, tune) and tune.owner_id != request.user.pk:
        raise PermissionDenied("This person belongs to somebody else in your team.")
    return cast(Tune, tune)


def get_photo(request: MemberRequest, id: Id, *, change: bool = False) -> Photo:
    """The photo, under its tune's rules; the original photos are for those who may change it."""
    photo = _named(Photo.objects.select_related("tune__team"), id).first()
    if photo is None:
        raise Http404
    get_tune(request, photo.tune.public_id, change=change)
    return cast(Photo, photo)


def get_prompt(request: MemberRequest, id: Id, *, change: bool = False) -> Prompt:
    """The prompt, under its tune's rules."""
    rows = Prompt.objects.select_related("team", "tune__team", "author", "preset")
    prompt, membership = _load(request, rows, id)
    if change and not may_change_tune(membership, prompt.tune):
        raise PermissionDenied("This prompt belongs to somebody else in your team.")
    return cast(Prompt, prompt)


def get_image(request: MemberRequest, id: Id) -> Image:
    """The image, under its tune's rules."""
    rows = Image.objects.select_related("team", "tune__team", "tune__final_image", "prompt__author")
    return cast(Image, _load(request, rows, id)[0])


def get_pack(request: MemberRequest, id: Id, *, change: bool = False) -> Pack:
    """A built-in pack, or one of the teams this request reads from; makers change their own."""
    teams = [membership.team_id for membership in request._memberships]  # type: ignore[attr-defined]
    packs = Pack.objects.filter(Q(team=None) | Q(team__in=teams)).select_related("team")
    pack = _named(packs, id).first()
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
    """The shoot, for its team; whose pictures one sees is asked picture by picture."""
    return cast(Shoot, _load(request, Shoot.objects.select_related("pack", "author"), public_id)[0])


def visible_api_keys(request: MemberRequest) -> QuerySet[ApiKey]:
    """The present team's keys: admins see everyone's, others their own; newest first."""
    place = request.membership
    keys = ApiKey.objects.filter(team_id=place.team_id).select_related("user").order_by("-id")
    return keys if place.is_admin else keys.filter(user_id=place.user_id)


def get_api_key(request: MemberRequest, public_id: str) -> ApiKey:
    """One of the keys this member may see, and so revoke."""
    key = visible_api_keys(request).filter(public_id=public_id).first()
    if key is None:
        raise Http404
    return key


def image_ids(request: HttpRequest) -> list[str]:
    """The pictures that a form or an address names by `images`, repeated."""
    return request.POST.getlist("images") or request.GET.getlist("images")


def get_images(
    request: MemberRequest,
    ids: list[str],
    *,
    team_id: int | None = None,
    change: bool = False,
    trashed: bool = False,
) -> list[Image]:
    """The images of these public ids in the order given, all of them or none.

    404 if any may not be seen, is not of the team that `team_id` names, or they are more than
    `MAX_IMAGES`; with `change` 403 if any belongs to a tune that this user may not work with.
    With `trashed`, those in the trash are found as well.
    """
    ids = list(dict.fromkeys(ids))
    if len(ids) > MAX_IMAGES:
        raise Http404
    rows = Image.objects.select_related("team", "tune__team").filter(public_id__in=ids)
    if team_id is not None:
        rows = rows.filter(team_id=team_id)
    if trashed:
        seen: QuerySet[Image] = rows.filter(tune__in=visible(request, Tune.objects.all()))
    else:
        seen = visible(request, rows)
    found = {image.public_id: image for image in seen} if ids else {}
    if len(found) < len(ids):
        raise Http404
    images = [found[id] for id in ids]
    if change and not all(may_change(request, image.tune) for image in images):
        raise PermissionDenied("Some of these pictures belong to somebody else in your team.")
    return images


def may_change_album(membership: Membership, album: Album) -> bool:
    """Admins everyone's, members their own; viewers none."""
    if membership.team_id != album.team_id or not membership.may_make:
        return False
    return membership.is_admin or album.owner_id == membership.user_id


def get_album(request: MemberRequest, id: Id, *, change: bool = False) -> Album:
    """The album, if this user may see something of it (or, with `change`, arrange it)."""
    album, membership = _load(request, Album.objects.select_related("team", "owner"), id)
    if change and not may_change_album(membership, album):
        raise PermissionDenied("This album belongs to somebody else in your team.")
    return cast(Album, album)


def may_arrange(request: MemberRequest, album: Album) -> bool:
    """Whether the page should offer to change the album; the views check again."""
    return may_change_album(membership_in(request, album.team_id), album)


def album_images(request: MemberRequest, album: Album) -> QuerySet[Image]:
    """What this user may see of an album, in its order; each picture under its tune's rules."""
    seen = Image.objects.visible_to(membership_in(request, album.team_id))
    return seen.filter(places__album=album).order_by("places__position", "places__id")


def changeable_in_trash(request: MemberRequest) -> QuerySet[Image]:
    """Pictures in the trash of the current team that this user may restore or delete for good."""
    membership = request.membership
    rows = Image.objects.filter(team_id=membership.team_id, trashed_at__isnull=False)
    if not membership.may_make:
        return rows.none()
    return rows if membership.is_admin else rows.filter(tune__owner_id=membership.user_id)


def get_delivery(request: MemberRequest, public_id: str) -> Delivery:
    """A delivery of the team, or for those who are no admins of what is theirs."""
    rows = Delivery.objects.select_related("team", "api_key__user", "prompt", "tune", "shoot")
    return cast(Delivery, _load(request, rows, public_id)[0])


def visible_callback_hosts(request: MemberRequest) -> QuerySet[CallbackHost]:
    """Where the deliveries one may see go: admins the team's, others their keys'."""
    place = request.membership
    hosts = CallbackHost.objects.filter(team_id=place.team_id).select_related("api_key")
    return hosts if place.is_admin else hosts.filter(api_key__user_id=place.user_id)


def get_callback_host(request: MemberRequest, public_id: str) -> CallbackHost:
    """One of them."""
    host = visible_callback_hosts(request).filter(public_id=public_id).first()
    if host is None:
        raise Http404
    return host


def may_change(request: MemberRequest, tune: Tune) -> bool:
    """Whether the page should offer to change it; the views check again."""
    return may_change_tune(membership_in(request, tune.team_id), tune)


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
