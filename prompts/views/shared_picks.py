"""Hearts and words of guests under a link."""

from __future__ import annotations

import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from prompts.access_shares import Action, ShareAccess, shared
from prompts.flows import shares as flow
from prompts.forms.shares import PickForm
from prompts.guests import (
    own_picks,
    page_context,
    picks_context,
    remember_visitor,
    visitor_of,
)
from prompts.views.busy import busy


@shared(Action.PICK)
@require_POST
def shared_pick(request: HttpRequest, access: ShareAccess, public_id: str) -> HttpResponse:
    """A heart, or with `picked=0` none; a script gets the favourites, a form its place again."""
    share, image = access.share, access.image(public_id)
    visitor = visitor_of(request, share) or secrets.token_hex(16)
    if wait := flow.wait_to_pick(share):
        return _busy(request, access, wait)
    change = flow.unpick_image if request.POST.get("picked") == "0" else flow.pick_image
    change(share, image, visitor)
    if "HX-Request" not in request.headers:
        page = request.POST.get("page", "")[:9]
        query = f"?page={int(page)}" if page.isascii() and page.isdigit() else ""
        response: HttpResponse = redirect(f"{share.public_path}{query}#picture-{image.public_id}")
    else:
        response = render(request, "shares/_shared_picks.html", picks_context(access, visitor))
    return remember_visitor(request, response, share, visitor)


@shared(Action.PICK)
@require_POST
def shared_sign(request: HttpRequest, access: ShareAccess) -> HttpResponse:
    """The guest's name, and words to favourites: `comment-<id>`."""
    share = access.share
    visitor = visitor_of(request, share)
    if visitor is None:
        return redirect(share.public_path)
    if wait := flow.wait_to_pick(share):
        return _busy(request, access, wait)
    form = PickForm(request.POST, ids=list(own_picks(share, visitor)))
    if not form.is_valid():
        context = {**page_context(request, access), "sign_errors": form.errors}
        context["guest_name"] = form.data.get("name", "")
        for image in context["picked_images"]:
            image.comment = form.data.get(f"comment-{image.public_id}", "")
        return render(request, "shares/shared.html", context, status=422)
    flow.sign_picks(share, visitor, form.cleaned_data["name"], form.comments())
    response = redirect(f"{share.public_path}?sent#picks")
    return remember_visitor(request, response, share, visitor)


def _busy(request: HttpRequest, access: ShareAccess, wait: int) -> HttpResponse:
    return busy(
        request,
        wait,
        heading="Too many hearts at once",
        words="This link took all the hearts it takes in an hour. Yours from before are kept; try "
        "again in some minutes.",
        back=access.share.public_path,
        back_to="Back to the pictures",
    )
