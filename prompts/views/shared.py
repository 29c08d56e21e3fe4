"""What strangers get under a link; each view asks `authorize_share` by its mark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from prompts.access_shares import (
    Action,
    ShareAccess,
    ShareGone,
    authorize_share,
    grant,
    password_page,
    shared,
)
from prompts.archives import ZipDownload, safe_name
from prompts.flows import shares as flow
from prompts.guests import PER_PAGE, is_ours, note_visit, page_context
from prompts.media import bytes_response, media_response, zip_response
from prompts.models import THUMBNAIL_SIZES, Image
from prompts.recipes import recipe_rows
from prompts.views.busy import busy


@shared(Action.VIEW, page=True)
@require_http_methods(["GET", "HEAD"])
def shared_page(request: HttpRequest, access: ShareAccess) -> HttpResponse:
    """Title, note and the pictures of `?page=`; a script gets the pictures alone."""
    context = page_context(request, access)
    if "HX-Request" in request.headers:
        return render(request, "shares/_shared_tiles.html", context)
    response = render(request, "shares/shared.html", context)
    is_visit = request.method == "GET" and context["page_obj"].number == 1
    return note_visit(request, response, access.share) if is_visit else response


@shared(Action.UNLOCK)
@require_POST
@sensitive_post_parameters("password")
def shared_unlock(request: HttpRequest, access: ShareAccess) -> HttpResponse:
    """Takes the password."""
    share = access.share
    if not share.has_password:
        return redirect(share.public_path)
    right = flow.guess_password(share, request.POST.get("password", "")[:200])
    if right is None:
        words = "That was wrong too often. Wait some minutes, then try again."
        return password_page(request, share, error=words, status=429)
    if not right:
        return password_page(request, share, error="That is not the password.", status=422)
    grant(request, share)
    return redirect(share.public_path)


@shared(Action.VIEW)
@require_http_methods(["GET", "HEAD"])
def shared_thumb(
    request: HttpRequest, access: ShareAccess, public_id: str, size: int
) -> HttpResponse:
    """A thumbnail. Browsers may keep it but ask each time, so that it ends with the link."""
    if size not in THUMBNAIL_SIZES:
        raise ShareGone
    image = access.image(public_id)
    etag = f'"{image.sha256[:32]}-{size}"'
    kept: HttpResponse | None = get_conditional_response(request, etag=etag)
    response = kept or media_response(image.thumbnail(size), "image/webp")
    response["Cache-Control"], response["ETag"] = "private, no-cache", etag
    return response


@shared(Action.DOWNLOAD)
@require_GET
def shared_download(request: HttpRequest, access: ShareAccess, public_id: str) -> HttpResponse:
    """A picture to keep, under a name that tells nothing."""
    share, image = access.share, access.image(public_id)
    try:
        number = list(access.images.values_list("pk", flat=True)).index(image.pk) + 1
        data = flow.shared_file(share, image)
    except (FileNotFoundError, ValueError) as error:
        raise ShareGone from error
    if not is_ours(request, share):
        flow.count_visit(share, downloads=1)
    name = flow.file_name(share, image, number)
    return bytes_response(data, _content_type(name), download_as=name)


def _content_type(name: str) -> str:
    suffix = name.rsplit(".", 1)[-1]
    return f"image/{'jpeg' if suffix == 'jpg' else suffix}"


@shared(Action.DOWNLOAD)
@require_GET
def shared_zip(request: HttpRequest, access: ShareAccess) -> HttpResponseBase:
    """All pictures as one archive, written while it is sent.

    Each picture asks again whether it may be had: what ends the link breaks the archive off, so
    that nobody takes the part for the whole.
    """
    share = access.share
    if not is_ours(request, share):
        if wait := flow.wait_for_zip(share):
            return _busy(request, access, wait)
        flow.count_visit(share, downloads=1)
    return zip_response(ZipDownload(_members(request, access)), safe_name(share.title, ".zip"))


def _busy(request: HttpRequest, access: ShareAccess, wait: int) -> HttpResponse:
    return busy(
        request,
        wait,
        heading="Too many downloads at once",
        words="All pictures of this link were downloaded as often as it allows in an hour. Try "
        "again in some minutes, or take single pictures.",
        back=access.share.public_path,
        back_to="Back to the pictures",
    )


def _members(
    request: HttpRequest, access: ShareAccess
) -> Iterator[tuple[str, Callable[[], bytes]]]:
    for number, image in enumerate(access.images, 1):
        name = flow.file_name(access.share, image, number)
        yield name, partial(_read_again, request, access.share.slug, image.public_id)


def _read_again(request: HttpRequest, slug: str, public_id: str) -> bytes:
    access = authorize_share(request, slug, Action.DOWNLOAD)
    try:
        return flow.shared_file(access.share, access.image(public_id))
    except (ShareGone, ValueError) as error:
        raise FileNotFoundError("Gone while the archive was being sent") from error


@shared(Action.VIEW)
@require_GET
def shared_json(request: HttpRequest, access: ShareAccess) -> HttpResponse:
    """The same for programs, a page at a time: `next` is the address of the next, or null."""
    share = access.share
    page = Paginator(access.images, PER_PAGE).get_page(request.GET.get("page"))
    here = request.build_absolute_uri(reverse("shared_json", args=[share.slug]))
    return JsonResponse(
        {
            "title": share.title,
            "note": share.note,
            "expires_at": share.expires_at,
            "count": page.paginator.count,
            "next": f"{here}?page={page.next_page_number()}" if page.has_next() else None,
            "pictures": [_as_json(request, access, image) for image in page.object_list],
        }
    )


def _as_json(request: HttpRequest, access: ShareAccess, image: Image) -> dict[str, Any]:
    share, absolute = access.share, request.build_absolute_uri
    of_image = [share.slug, image.public_id]
    picture: dict[str, Any] = {
        "width": image.width,
        "height": image.height,
        "thumbnails": {
            size: absolute(reverse("shared_thumb", args=[*of_image, size]))
            for size in THUMBNAIL_SIZES
        },
    }
    if share.may_download:
        picture["download"] = absolute(reverse("shared_download", args=of_image))
    if share.show_recipe:
        picture["recipe"] = dict(recipe_rows(image))
    return picture
