"""Guests of a link: what they see of it, and the little that is remembered of them.

Two cookies, both for one link alone: a random id under which favourites are kept, signed so that
nobody takes another's, and a mark that a visit has been counted.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.core import signing
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from prompts.access import memberships_of
from prompts.access_shares import ShareAccess
from prompts.flows.shares import count_visit
from prompts.models import Pick, Share
from prompts.share_tests import SELF_TEST

PER_PAGE = 60
VISITOR_COOKIE, VISITOR_AGE = "share_visitor", 180 * 24 * 60 * 60
#: Who comes back within half an hour is still on the same visit.
VISIT_COOKIE, VISIT_AGE = "share_visit", 30 * 60

R = TypeVar("R", bound=HttpResponseBase)


def page_context(request: HttpRequest, access: ShareAccess) -> dict[str, Any]:
    """What the page of a link shows: `?page=` of its pictures, and the guest's favourites."""
    share = access.share
    page = Paginator(access.images, PER_PAGE).get_page(request.GET.get("page"))
    images = list(page.object_list)
    cover = reverse("shared_thumb", args=[share.slug, images[0].public_id, 1280]) if images else ""
    return {
        "membership": None,
        "share": share,
        "page_obj": page,
        "images": images,
        "cover": request.build_absolute_uri(cover),
        **picks_context(access, visitor_of(request, share)),
    }


def picks_context(access: ShareAccess, visitor: str | None) -> dict[str, Any]:
    """The guest's favourites among what the link covers now, each with its `comment`."""
    picks = own_picks(access.share, visitor)
    picked: list[Any] = list(access.images.filter(public_id__in=picks)) if picks else []
    for image in picked:
        image.comment = picks[image.public_id].comment
    names = [pick.name for pick in picks.values() if pick.name]
    return {
        "share": access.share,
        "picks": picks,
        "picked_images": picked,
        "guest_name": names[0] if names else "",
    }


def own_picks(share: Share, visitor: str | None) -> dict[str, Pick]:
    """Public id of the picture → this guest's favourite; none while the link takes no picks."""
    if visitor is None or not share.takes_picks:
        return {}
    picks = Pick.objects.filter(share=share, visitor=visitor).select_related("image")
    return {pick.image.public_id: pick for pick in picks}


def visitor_of(request: HttpRequest, share: Share) -> str | None:
    """The guest's random id, if this link has given one."""
    try:
        found = request.get_signed_cookie(VISITOR_COOKIE, salt=_salt(share))
    except (KeyError, signing.BadSignature):
        return None
    return found


def remember_visitor(request: HttpRequest, response: R, share: Share, visitor: str) -> R:
    """Leaves the random id with the guest."""
    response.set_signed_cookie(
        VISITOR_COOKIE, visitor, salt=_salt(share), **_cookie(request, share, VISITOR_AGE)
    )
    return response


def note_visit(request: HttpRequest, response: R, share: Share) -> R:
    """Counts a visit once, whatever pages it leads to."""
    if is_ours(request, share):
        return response
    if request.COOKIES.get(VISIT_COOKIE) != share.public_id:
        count_visit(share, views=1)
    response.set_cookie(VISIT_COOKIE, share.public_id, **_cookie(request, share, VISIT_AGE))
    return response


def is_ours(request: HttpRequest, share: Share) -> bool:
    """The team's own looks, and the self-test's, are not counted."""
    if SELF_TEST in request.META:
        return True
    if not request.user.is_authenticated:
        return False
    return any(place.team_id == share.team_id for place in memberships_of(request.user))


def _cookie(request: HttpRequest, share: Share, age: int) -> dict[str, Any]:
    return {
        "max_age": age,
        "path": share.public_path,
        "secure": request.is_secure(),
        "httponly": True,
        "samesite": "Lax",
    }


def _salt(share: Share) -> str:
    return f"share visitor {share.public_id}"
