"""The team's pictures."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from prompts.access import MemberRequest, member_required
from prompts.filters import (
    active_chips,
    filter_menus,
    kept_fields,
    order_menu,
    query_string,
    switches,
)
from prompts.forms.gallery import GalleryForm
from prompts.gallery import count_words, filtered, load_page, newer_than, newest_of
from prompts.models import liked_by


@member_required
@require_GET
def gallery(request: MemberRequest) -> HttpResponse:
    """What one may see and asks for, a page at a time; as a fragment the pictures alone."""
    form = GalleryForm(request.GET, request.membership)
    given = form.given
    images = filtered(request.membership, given)
    page = load_page(
        images.select_related("tune", "prompt").annotate(is_liked=liked_by(request.user)),
        at=request.GET.get("at", ""),
        above=request.GET.get("above", ""),
        oldest_first=bool(given.get("order")),
    )
    context = {"page": page, "images": page.images, **_addresses(given)}
    if request.htmx:
        context["part"] = "above" if "above" in request.GET else "below"
        return render(request, "gallery/_images.html", context)
    context |= {
        "given": given,
        "count": count_words(images, page, searched="q" in given),
        "menus": filter_menus(form),
        "switches": switches(form),
        "order": order_menu(form),
        "chips": active_chips(form),
        "kept_beside_text": kept_fields(given, "q"),
        "kept_beside_days": kept_fields(given, "since", "until"),
        "newest": newest_of(images, page),
    }
    return render(request, "gallery/gallery.html", context)


@member_required
@require_GET
def gallery_news(request: MemberRequest) -> HttpResponse:
    """How many pictures have come since the one that `newest` names."""
    given = GalleryForm(request.GET, request.membership).given
    newest = request.GET.get("newest", "")
    count = newer_than(filtered(request.membership, given), newest)
    context = {"fresh": count, "newest": newest, **_addresses(given)}
    return render(request, "gallery/_news.html", context)


def _addresses(given: dict[str, Any]) -> dict[str, str]:
    """`query` asks for the same again; a place in the list follows `place`."""
    query = query_string(given)
    return {"query": query, "place": f"{query}&" if query else "?"}
