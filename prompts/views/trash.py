"""The trash: what lies in it, back out of it, and gone for good."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from prompts.access import MemberRequest, member_required, require_maker
from prompts.access_images import MAX_IMAGES, changeable_in_trash, image_ids
from prompts.flows.images import TRASH_LIFETIME, delete_images, restore_images
from prompts.media import media_response
from prompts.models import THUMBNAIL_SIZES, Image
from prompts.views.paging import page_of

PER_PAGE = 60


@member_required
@require_GET
def trash(request: MemberRequest) -> HttpResponse:
    """Thrown away by whom and when, and how many days are left; the last thrown first."""
    require_maker(request)
    rows = changeable_in_trash(request).select_related("tune", "trashed_by")
    page = page_of(request, rows.order_by("-trashed_at", "-pk"), PER_PAGE)
    entries = [(i, _days_left(i.trashed_at)) for i in page.object_list if i.trashed_at]
    context = {"entries": entries, "page_obj": page, "days": TRASH_LIFETIME.days}
    return render(request, "gallery/trash.html", context)


def _days_left(thrown_at: dt.datetime) -> int:
    """Whole days until the picture goes for good, counted up; at least one."""
    left = thrown_at + TRASH_LIFETIME - timezone.now()
    return max(1, -(-left // dt.timedelta(days=1)))


def _chosen(request: MemberRequest) -> QuerySet[Image]:
    """Those of `images` that are in the trash and this member's to decide about.

    Somebody else may have restored or deleted one meanwhile: then it is simply no longer chosen.
    """
    require_maker(request)
    return changeable_in_trash(request).filter(public_id__in=image_ids(request)[:MAX_IMAGES])


@member_required
@require_POST
def trash_restore(request: MemberRequest) -> HttpResponse:
    """Brings `images` back."""
    count = restore_images(_chosen(request))
    words = ngettext("%d picture is back.", "%d pictures are back.", count) % count
    messages.success(request, words if count else "Choose some pictures first.")
    return redirect("trash")


@member_required
@require_POST
def trash_delete(request: MemberRequest) -> HttpResponse:
    """Deletes `images` for good."""
    return _deleted(request, delete_images(_chosen(request)), "Choose some pictures first.")


@member_required
@require_POST
def trash_empty(request: MemberRequest) -> HttpResponse:
    """Deletes for good all that this member may; admins everybody's."""
    require_maker(request)
    count = delete_images(changeable_in_trash(request).only("pk"))
    return _deleted(request, count, "The trash is empty.")


def _deleted(request: MemberRequest, count: int, otherwise: str) -> HttpResponse:
    words = ngettext("%d picture is gone for good.", "%d pictures are gone for good.", count)
    messages.success(request, words % count if count else otherwise)
    return redirect("trash")


@member_required
@require_GET
def trash_thumb(request: MemberRequest, public_id: str) -> HttpResponse:
    """A thumbnail of what lies in the trash; its other addresses answer no longer."""
    image = changeable_in_trash(request).filter(public_id=public_id).first()
    if image is None:
        raise Http404
    return media_response(image.thumbnail(THUMBNAIL_SIZES[0]), "image/webp")
