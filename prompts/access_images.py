"""Who may see, arrange and throw away pictures: each, many at once, in albums, in the trash.

Each picture is seen under its tune's rules.
"""

from __future__ import annotations

from typing import cast

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from prompts.access import Id, MemberRequest, load, membership_in, visible
from prompts.access_tunes import may_change
from prompts.models import Album, Image, Membership, Tune

#: So many pictures one form may name.
MAX_IMAGES = 1_000


def get_image(request: MemberRequest, id: Id) -> Image:
    """The image, under its tune's rules."""
    rows = Image.objects.select_related("team", "tune__team", "prompt__author")
    return cast(Image, load(request, rows, id)[0])


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
    album, membership = load(request, Album.objects.select_related("team", "owner"), id)
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
