"""Images: large on their own address, as files, as zips."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from prompts.access import (
    MemberRequest,
    get_image,
    get_prompt,
    get_tune,
    may_change,
    member_required,
)
from prompts.archives import safe_name, stream_zip
from prompts.media import media_response, zip_response
from prompts.models import THUMBNAIL_SIZES, Image
from prompts.recipes import recipe_rows


@member_required
@require_GET
def image_detail(request: MemberRequest, public_id: str) -> HttpResponse:
    """A picture, large; as a fragment for the lightbox."""
    image = get_image(request, public_id)
    siblings = Image.objects.filter(tune=image.tune)
    template = "images/_lightbox.html" if request.htmx else "images/image_detail.html"
    context = {
        "image": image,
        "prompt": image.prompt,
        "tune": image.tune,
        "recipe_rows": recipe_rows(image),
        **_neighbours(siblings, image),
        "back_url": f"{image.tune.get_absolute_url()}#prompt-{image.prompt.public_id}",
        "may_edit": may_change(request, image.tune),
    }
    return render(request, template, context)


def _neighbours(siblings: QuerySet[Image], image: Image) -> dict[str, Image | None]:
    """The pictures before and after in the order of the tune's page: newest prompt first, each
    prompt's images from left to right."""
    prompt, index = image.prompt_id, image.index
    same = siblings.filter(prompt_id=prompt)
    return {
        "previous_image": same.filter(index__lt=index).order_by("-index").first()
        or siblings.filter(prompt_id__gt=prompt).order_by("prompt_id", "-index").first(),
        "next_image": same.filter(index__gt=index).order_by("index").first()
        or siblings.filter(prompt_id__lt=prompt).order_by("-prompt_id", "index").first(),
    }


@member_required
@require_GET
def image_original(request: MemberRequest, public_id: str) -> HttpResponse:
    """The picture itself; `?download` names it after the person."""
    image = get_image(request, public_id)
    name = _file_name(image) if "download" in request.GET else ""
    return media_response(image.file, image.content_type, download_as=name)


def _file_name(image: Image) -> str:
    suffix = image.file.rsplit(".", 1)[-1]
    return safe_name(f"{image.tune.title}-{image.prompt_id}-{image.index + 1}", f".{suffix}")


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
    return _zip(prompt.images.select_related("tune"), f"{prompt.tune.title}-{prompt.pk}")


@member_required
@require_GET
def tune_zip(request: MemberRequest, public_id: str) -> HttpResponseBase:
    """All pictures of a person."""
    tune = get_tune(request, public_id)
    return _zip(tune.images.select_related("tune").order_by("prompt_id", "index"), tune.title)


def _zip(images: QuerySet[Image], title: str) -> HttpResponseBase:
    rows = list(images)
    if not rows:
        raise Http404
    members: Iterator[tuple[str, Any]] = ((_file_name(i), lambda i=i: _read(i)) for i in rows)
    return zip_response(stream_zip(members), safe_name(title, ".zip"))


def _read(image: Image) -> bytes:
    with default_storage.open(image.file) as file:
        return bytes(file.read())
