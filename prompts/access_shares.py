"""The one decision about shares: what a stranger gets under a link, and who may manage it.

Page, thumbnail, download, zip, picks and JSON all ask `authorize_share`. It reads the present state
at every call, so what ends ends everywhere at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import wraps
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from prompts.access import MemberRequest, View, marked, require_maker, visible
from prompts.access_images import get_album, get_images, image_ids
from prompts.access_tunes import get_prompt, get_tune
from prompts.models import Image, Membership, Pick, Share

#: Which links this session has unlocked: public id → version of the password.
GRANTS_KEY = "share_grants"
HEADERS = {"X-Robots-Tag": "noindex, nofollow, noarchive", "Cache-Control": "private, no-store"}


class Action(Enum):
    """What somebody wants of a link."""

    UNLOCK = "unlock"
    VIEW = "view"
    DOWNLOAD = "download"
    PICK = "pick"


class ShareGone(Exception):
    """Not there, or not for this: nobody is told which."""


class ShareLocked(Exception):
    """There, but its password has not been given in this session."""

    def __init__(self, share: Share) -> None:
        super().__init__(share.public_id)
        self.share = share


@dataclass(frozen=True)
class ShareAccess:
    """A link that is open, and the pictures under it in order."""

    share: Share
    images: QuerySet[Image]

    def image(self, public_id: str) -> Image:
        """One of its pictures; raises `ShareGone`."""
        found = self.images.filter(public_id=public_id).first()
        if found is None:
            raise ShareGone
        return found


def authorize_share(request: HttpRequest, slug: str, action: Action) -> ShareAccess:
    """What the link opens for this session now.

    Raises `ShareGone` when it is unknown, revoked or expired, when its author has left or may not
    share any more, when no picture is left, or when it does not allow the action; `ShareLocked`
    when its password has to be given first.
    """
    share = Share.objects.live().select_related("team", "author").filter(slug=slug).first()
    images = shared_images(share) if share else None
    if share is None or images is None or not images.exists():
        raise ShareGone
    if action is not Action.UNLOCK and not is_unlocked(request, share):
        raise ShareLocked(share)
    if action is Action.DOWNLOAD and not share.may_download:
        raise ShareGone
    if action is Action.PICK and not share.takes_picks:
        raise ShareGone
    return ShareAccess(share, images)


def is_unlocked(request: HttpRequest, share: Share) -> bool:
    """Whether this session has given the present password, if there is one."""
    grants = request.session.get(GRANTS_KEY, {})
    return not share.has_password or grants.get(share.public_id) == share.password_version


def grant(request: HttpRequest, share: Share) -> None:
    """Opens the link for this session, until the password changes."""
    if not request.user.is_authenticated:
        # Who is signed in has got a fresh session then, which stands in a list under its key.
        request.session.cycle_key()
    grants = request.session.get(GRANTS_KEY, {})
    request.session[GRANTS_KEY] = {**grants, share.public_id: share.password_version}


def shared_images(share: Share) -> QuerySet[Image] | None:
    """The present pictures that its author may share today, in order; None if the author left."""
    place = Membership.objects.filter(
        team_id=share.team_id, user_id=share.author_id, user__is_active=True
    ).first()
    if place is None or not place.may_make:
        return None
    images = Image.objects.present().filter(team_id=share.team_id)
    if not place.is_admin:
        images = images.filter(tune__owner_id=share.author_id)
    return _covered(share, images).select_related("tune", "prompt__preset")


def _covered(share: Share, images: QuerySet[Image]) -> QuerySet[Image]:
    if share.kind == Share.Kind.PROMPT and share.prompt_id:
        return images.filter(prompt_id=share.prompt_id).order_by("index")
    if share.kind == Share.Kind.TUNE and share.tune_id:
        return images.filter(tune_id=share.tune_id).order_by("-id")
    if share.kind == Share.Kind.ALBUM and share.album_id:
        rows = images.filter(places__album_id=share.album_id)
        return rows.order_by("places__position", "places__id")
    rows = images.filter(share_items__share_id=share.pk)
    return rows.order_by(F("share_items__position"), "share_items__id")


def shared(action: Action, *, page: bool = False) -> Callable[[View], View]:
    """Marks a view under a link: it is called with `ShareAccess` in place of the slug.

    Whatever is not open is the same 404, but for a `page` whose link asks for its password.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
            response: HttpResponseBase
            try:
                access = authorize_share(request, slug, action)
                response = view(request, access, **kwargs)
            except ShareLocked as locked:
                response = password_page(request, locked.share) if page else gone_page(request)
            except (ShareGone, Http404):
                response = gone_page(request)
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return marked(guarded, "share")

    return decorate


def gone_page(request: HttpRequest) -> HttpResponse:
    """The same words for everything that is not open."""
    return render(request, "shares/gone.html", {"membership": None}, status=404)


def password_page(
    request: HttpRequest, share: Share, *, error: str = "", status: int = 200
) -> HttpResponse:
    """Asks for the password, and tells nothing but that there is one."""
    context = {"membership": None, "slug": share.slug, "error": error}
    return render(request, "shares/password.html", context, status=status)


def get_share(request: MemberRequest, public_id: str) -> Share:
    """One of the shares that this member manages; viewers manage none."""
    rows = visible(request, Share.objects.all())
    rows = rows.select_related("team", "author", "prompt", "tune", "album")
    share = rows.with_counts().filter(public_id=public_id).first()
    if share is None:
        raise Http404
    require_maker(request)
    found: Share = share
    return found


def new_share(request: MemberRequest) -> tuple[Share, list[Image]]:
    """A link, not saved yet, to what the request names and this member may hand on.

    `prompt`, `tune` and `album` name one by its public id; else `images` names pictures, which come
    along. 404 for nothing, for what may not be seen, and for what is of another team than the
    present one; 403 for what this member may not work with.
    """
    place = request.membership
    share = Share(team=place.team, author=place.user)
    loaders = {"prompt": get_prompt, "tune": get_tune, "album": get_album}
    for kind, load in loaders.items():
        if id := request.POST.get(kind) or request.GET.get(kind):
            subject: Any = load(request, id, change=True)
            if subject.team_id != place.team_id:
                raise Http404
            share.kind = kind
            setattr(share, kind, subject)
            return share, []
    images = get_images(request, image_ids(request), team_id=place.team_id, change=True)
    if not images:
        raise Http404
    share.kind = Share.Kind.PICTURE if len(images) == 1 else Share.Kind.SELECTION
    return share, images


def picked_images(request: MemberRequest, share: Share) -> QuerySet[Image]:
    """The pictures that guests picked and this member may see, as `number` of picks; most first."""
    picks = Pick.objects.filter(share=share)
    of_image = picks.filter(image=OuterRef("pk")).order_by().values("image")
    rows = visible(request, Image.objects.filter(pk__in=picks.order_by().values("image")))
    number = Subquery(of_image.annotate(number=Count("pk")).values("number"))
    return rows.annotate(number=number).select_related("tune").order_by("-number", "pk")
