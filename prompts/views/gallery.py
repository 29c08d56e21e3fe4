"""The team's pictures."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from prompts.access import MemberRequest, member_required
from prompts.models import Image
from prompts.views.paging import page_of

PER_PAGE = 48


@member_required
@require_GET
def gallery(request: MemberRequest) -> HttpResponse:
    """Everything one may see, newest first."""
    images = Image.objects.visible_to(request.membership).select_related("tune", "prompt")
    page = page_of(request, images.order_by("-id"), PER_PAGE)
    context = {"images": page.object_list, "page_obj": page}
    template = "gallery/_images.html" if request.htmx else "gallery/gallery.html"
    return render(request, template, context)
