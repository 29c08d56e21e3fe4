"""Images: large on their own address, as files, as zips."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from prompts.access import MemberRequest, member_required
from prompts.access_images import get_image
from prompts.access_tunes import get_prompt, get_tune, may_change
from prompts.archives import ZipDownload, image_members, image_name, safe_name
from prompts.media import media_response, zip_response
from prompts.models import THUMBNAIL_SIZES, Image, User
from prompts.neighbours import neighbours_of
from prompts.recipes import recipe_rows


@member_required
@require_GET
def image_detail(request: MemberRequest, public_id: str) -> HttpResponse:
    """A picture, large; as a fragment for the lightbox."""
    image = get_image(request, public_id)
    around = neighbours_of(request, image, request.GET.get("in", ""))
    likers = list(User.objects.filter(likes__image=image).order_by("likes__created_at"))
    template = "images/_lightbox.html" if request.htmx else "images/image_detail.html"
    context = {
        "image": image,
        "prompt": image.prompt,
        "tune": image.tune,
        "recipe_rows": recipe_rows(image),
        "around": around,
        "is_liked": request.user in likers,
        "likers": likers,
        "may_edit": may_change(request, image.tune),
    }
    return render(request, template, context)


@member_required
@require_GET
def image_original(request: MemberRequest, public_id: str) -> HttpResponse:
    """The picture itself; `?download` names it after the person."""
    image = get_image(request, public_id)
    name = image_name(image) if "download" in request.GET else ""
    return media_response(image.file, image.content_type, download_as=name)


@member_required
@require_GET
def image_thumb(request: MemberRequest, public_id: str, size: int) -> HttpResponse:
    """The picture as a WebP of one of the standard sizes."""
    if size not in THUMBNAIL_SIZES:
        raise Http404
    image = get_image(request, public_id)
    return media_response(image.thumbnail(size), "image/webp", immutable=True)


@member_required
@require_GET
def prompt_zip(request: MemberRequest, public_id: str) -> HttpResponseBase:
    """All pictures of a prompt."""
    prompt = get_prompt(request, public_id)
    images = Image.objects.present().filter(prompt=prompt).select_related("tune")
    return _zip(images, f"{prompt.tune.title}-{prompt.pk}")


@member_required
@require_GET
def tune_zip(request: MemberRequest, public_id: str) -> HttpResponseBase:
    """All pictures of a person."""
    tune = get_tune(request, public_id)
    images = Image.objects.present().filter(tune=tune).select_related("tune")
    return _zip(images.order_by("prompt_id", "index"), tune.title)


def _zip(images: QuerySet[Image], title: str) -> HttpResponseBase:
    rows = list(images)
    if not rows:
        raise Http404
    return zip_response(ZipDownload(image_members(rows)), safe_name(title, ".zip"))
