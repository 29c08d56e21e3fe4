"""Where one came from to a picture, and so which pictures are beside it.

An address says it as `?in=`: "gallery" with the gallery's own query, "album/<id>", "prompt" or
"tune". It is only ever read through the same rules as those pages; what makes no sense, or shows
nothing of the picture, counts as its tune's page.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import Http404, QueryDict
from django.urls import reverse

from prompts.access import MemberRequest
from prompts.access_images import album_images, get_album
from prompts.forms.gallery import GalleryForm
from prompts.gallery import filtered
from prompts.models import AlbumImage, Image


@dataclass(frozen=True)
class Neighbours:
    """The pictures before and after; `back_url` and `back_label` lead to where they all stand.

    `within` is the checked context for the neighbours' own addresses.
    """

    within: str
    back_url: str
    back_label: str
    previous: Image | None
    next: Image | None

    @property
    def suffix(self) -> str:
        """What follows a picture's address to stay in this context."""
        return f"?{urlencode({'in': self.within})}" if self.within else ""


def neighbours_of(request: MemberRequest, image: Image, within: str) -> Neighbours:
    """What stands beside a picture in the context `within`."""
    kind, _, query = within[:2000].partition("?")
    kind, _, name = kind.partition("/")
    found = None
    if kind == "gallery":
        found = _in_gallery(request, image, query)
    elif kind == "album":
        found = _in_album(request, image, name)
    elif kind == "prompt":
        found = _in_prompt(image)
    return found or _in_tune(image)


def _in_gallery(request: MemberRequest, image: Image, query: str) -> Neighbours | None:
    if image.team_id != request.membership.team_id:
        return None
    asked = QueryDict(query).copy()
    for place in ("at", "above"):
        asked.pop(place, None)
    given = GalleryForm(asked, request.membership).given
    rows = filtered(request.membership, given)
    newer, older = (
        rows.filter(pk__gt=image.pk).order_by("pk").first(),
        rows.filter(pk__lt=image.pk).order_by("-pk").first(),
    )
    previous, following = (older, newer) if given.get("order") else (newer, older)
    query = asked.urlencode()
    address = f"{reverse('gallery')}?{query}{'&' if query else ''}at={image.public_id}"
    within = f"gallery?{query}" if query else "gallery"
    return Neighbours(within, address, "Gallery", previous, following)


def _in_album(request: MemberRequest, image: Image, public_id: str) -> Neighbours | None:
    try:
        album = get_album(request, public_id)
    except Http404:
        return None
    place = AlbumImage.objects.filter(album=album, image=image).first()
    if place is None:
        return None
    rows = album_images(request, album)
    # One join: both conditions are about the same place.
    here = {"places__album": album}
    before = Q(places__position__lt=place.position) | Q(
        places__position=place.position, places__pk__lt=place.pk
    )
    after = Q(places__position__gt=place.position) | Q(
        places__position=place.position, places__pk__gt=place.pk
    )
    ahead = Image.objects.filter(pk__in=rows.order_by().values("pk"))
    return Neighbours(
        f"album/{album.public_id}",
        album.get_absolute_url(),
        album.title,
        ahead.filter(before, **here).order_by("-places__position", "-places__pk").first(),
        ahead.filter(after, **here).order_by("places__position", "places__pk").first(),
    )


def _in_prompt(image: Image) -> Neighbours:
    rows = Image.objects.present().filter(prompt=image.prompt_id)
    return Neighbours(
        "prompt",
        image.prompt.get_absolute_url(),
        "Prompt",
        rows.filter(index__lt=image.index).order_by("-index").first(),
        rows.filter(index__gt=image.index).order_by("index").first(),
    )


def _in_tune(image: Image) -> Neighbours:
    """In the order of the tune's page: newest prompt first, each prompt's from left to right."""
    rows: QuerySet[Image] = Image.objects.present().filter(tune=image.tune_id)
    prompt, index = image.prompt_id, image.index
    same = rows.filter(prompt_id=prompt)
    return Neighbours(
        "",
        f"{image.tune.get_absolute_url()}#prompt-{image.prompt.public_id}",
        image.tune.title,
        same.filter(index__lt=index).order_by("-index").first()
        or rows.filter(prompt_id__gt=prompt).order_by("prompt_id", "-index").first(),
        same.filter(index__gt=index).order_by("index").first()
        or rows.filter(prompt_id__lt=prompt).order_by("-prompt_id", "index").first(),
    )
