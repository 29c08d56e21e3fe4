"""A few pictures side by side."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from prompts.access import MemberRequest, member_required
from prompts.access_images import get_images, image_ids
from prompts.access_tunes import may_change
from prompts.models import Image, Like

MOST_COMPARED = 4


@dataclass(frozen=True)
class Compared:
    """A picture beside others; `without_url` shows the others alone, empty if it is the last."""

    image: Image
    is_liked: bool
    may_edit: bool
    without_url: str


@member_required
@require_GET
def compare(request: MemberRequest) -> HttpResponse:
    """Two to four pictures at the same scale; a single one is what is left of them."""
    images = get_images(request, image_ids(request))
    if not images:
        messages.info(request, "Choose two to four pictures to compare.")
        return redirect("gallery")
    if len(images) > MOST_COMPARED:
        messages.info(request, f"The first {MOST_COMPARED} are compared.")
        images = images[:MOST_COMPARED]
    liked = set(_likes(request, images).values_list("image_id", flat=True))
    columns = [
        Compared(image, image.pk in liked, may_change(request, image.tune), _without(images, image))
        for image in images
    ]
    return render(request, "images/compare.html", {"columns": columns})


def _likes(request: MemberRequest, images: list[Image]) -> QuerySet[Like]:
    return Like.objects.filter(user=request.user, image__in=images)


def _without(images: list[Image], left_out: Image) -> str:
    others = [("images", image.public_id) for image in images if image != left_out]
    return f"{reverse('compare')}?{urlencode(others)}" if others else ""
