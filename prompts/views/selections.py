"""What one does with chosen pictures: one, or up to a thousand at once.

A script asks as htmx does and gets 204; a plain form is led back to its page.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_POST

from prompts.access import MemberRequest, member_required
from prompts.access_images import get_image, get_images, image_ids
from prompts.archives import ZipDownload, image_members, safe_name
from prompts.flows.images import choose_final, restore_images, trash_images
from prompts.flows.likes import like_images, unlike_images
from prompts.media import zip_response
from prompts.models import Image
from prompts.views.returning import back

PICTURES = ngettext_lazy("%d picture", "%d pictures")
NOTHING_CHOSEN = "Choose some pictures first."


def _done(request: MemberRequest, words: str = "") -> HttpResponse:
    if request.htmx:
        return HttpResponse(status=204)
    if words:
        messages.success(request, words)
    return back(request)


@member_required
@require_POST
def images_like(request: MemberRequest) -> HttpResponse:
    """Likes `images`, or with `liked=0` no longer likes them."""
    images = get_images(request, image_ids(request))
    if request.POST.get("liked") == "0":
        unlike_images(request.user, images)
        return _done(request)
    like_images(request.user, images)
    return _done(request, f"You like {PICTURES % len(images)}." if images else NOTHING_CHOSEN)


@member_required
@require_POST
def image_like(request: MemberRequest, public_id: str) -> HttpResponse:
    """Likes a picture, or with `liked=0` no longer likes it."""
    image = get_image(request, public_id)
    change = unlike_images if request.POST.get("liked") == "0" else like_images
    change(request.user, [image])
    return _done(request)


@member_required
@require_POST
def image_final(request: MemberRequest, public_id: str) -> HttpResponse:
    """Makes a picture the person's final pick, or with `final=0` no longer so.

    A script learns which picture was it before, be it the same, so that it can be brought back.
    """
    (image,) = get_images(request, [public_id], change=True)
    if request.POST.get("final") == "0":
        if image.is_final:
            choose_final(image.tune, None)
        return _done(request)
    final_pk = image.tune.final_image_id
    before = Image.objects.present().filter(pk=final_pk).first() if final_pk else None
    choose_final(image.tune, image)
    response = _done(request, f"This is now {image.tune.title}’s final picture.")
    if before:
        response["Final-Before"] = before.public_id
    return response


@member_required
@require_POST
def images_trash(request: MemberRequest) -> HttpResponse:
    """Moves `images` to the trash; again is harmless."""
    images = get_images(request, image_ids(request), change=True, trashed=True)
    trash_images(images, request.user)
    words = f"{PICTURES % len(images)} moved to the trash." if images else NOTHING_CHOSEN
    return _done(request, words)


@member_required
@require_POST
def images_restore(request: MemberRequest) -> HttpResponse:
    """Brings `images` back from the trash; again is harmless."""
    images = get_images(request, image_ids(request), change=True, trashed=True)
    restore_images(images)
    return _done(request, f"{PICTURES % len(images)} restored." if images else NOTHING_CHOSEN)


@member_required
@require_POST
def images_zip(request: MemberRequest) -> HttpResponseBase:
    """`images` as one archive, in the order given."""
    images = get_images(request, image_ids(request))
    if not images:
        return _done(request, NOTHING_CHOSEN)
    titles = {image.tune.title for image in images}
    title = titles.pop() if len(titles) == 1 else images[0].team.name
    return zip_response(ZipDownload(image_members(images)), safe_name(title, ".zip"))


@member_required
@require_POST
def images_compare(request: MemberRequest) -> HttpResponse:
    """On to comparing `images`, at an address that can be kept and reloaded."""
    images = get_images(request, image_ids(request))
    if not images:
        return _done(request, NOTHING_CHOSEN)
    query = urlencode([("images", image.public_id) for image in images])
    return redirect(f"{reverse('compare')}?{query}")
