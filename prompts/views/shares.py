"""Shares, for those who make them: list, make, look, change, revoke."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from prompts.access import MemberRequest, member_required, require_maker
from prompts.access_images import MAX_IMAGES
from prompts.access_shares import get_share, new_share, picked_images, shared_images
from prompts.flows.shares import change_share, create_share, revoke_share, wait_to_test
from prompts.forms.shares import ShareFilterForm, ShareForm
from prompts.models import Image, Share, User
from prompts.share_reports import load_traffic, with_picks
from prompts.share_tests import run_self_test
from prompts.views.busy import busy
from prompts.views.paging import page_of

PER_PAGE = 24
#: So many thumbnails stand for what a link covers, on its page and in the list.
MOST_SHOWN = 12


@member_required
@require_GET
def share_list(request: MemberRequest) -> HttpResponse:
    """The member's links, the team's for admins; newest first."""
    place = request.membership
    shares = Share.objects.visible_to(place)
    authors = User.objects.filter(pk__in=shares.values("author")) if place.is_admin else None
    form = ShareFilterForm(request.GET, authors=authors)
    rows = form.narrow(shares).with_counts().select_related("author", "prompt", "tune", "album")
    page = page_of(request, rows.order_by("-id"), PER_PAGE)
    return render(request, "shares/share_list.html", {"page_obj": page, "filters": form})


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def share_new(request: MemberRequest) -> HttpResponse:
    """A link to what `prompt`, `tune`, `album` or `images` name."""
    share, images = new_share(request)
    require_maker(request)
    initial = {"title": share.album.title if share.album else ""}
    form = ShareForm(request.POST or None, instance=share, initial=initial)
    if request.method == "POST" and form.is_valid() and _create(request, form, images):
        return redirect(share)
    context = {"form": form, "share": share, "images": images, **_coverage(share)}
    return render(request, "shares/share_new.html", context, status=422 if form.errors else 200)


@member_required
@require_GET
def share_detail(request: MemberRequest, public_id: str) -> HttpResponse:
    """A link: its address, what it covers and allows, who came, what they picked."""
    share = get_share(request, public_id)
    picked = picked_images(request, share)
    page = page_of(request, picked, PER_PAGE)
    context = {
        "share": share,
        "address": request.build_absolute_uri(share.public_path),
        "traffic": load_traffic(share),
        "page_obj": page,
        "rows": with_picks(share, list(page.object_list)),
        "picked_ids": picked.values_list("public_id", flat=True)[:MAX_IMAGES],
        **_coverage(share),
    }
    return render(request, "shares/share_detail.html", context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def share_edit(request: MemberRequest, public_id: str) -> HttpResponse:
    """What a link shows and allows, its address, password and end."""
    share = get_share(request, public_id)
    if share.is_revoked:
        messages.error(request, "A revoked link stays as it is. Make a new one.")
        return redirect(share)
    form = ShareForm(request.POST or None, instance=share)
    if request.method == "POST" and form.is_valid() and _save(request, form):
        return redirect(share)
    context = {"form": form, "share": share}
    return render(request, "shares/share_edit.html", context, status=422 if form.errors else 200)


def _coverage(share: Share) -> dict[str, Any]:
    """The first pictures a link opens now, and how many; None for both without its author."""
    images = shared_images(share)
    if images is None:
        return {"covered": None, "number": None}
    return {"covered": images[:MOST_SHOWN], "number": images.count()}


def _create(request: MemberRequest, form: ShareForm, images: list[Image]) -> bool:
    share, password = form.save(), form.cleaned_data["password"]
    try:
        create_share(request.membership, share, images, password)
    except IntegrityError:
        form.add_error("slug", "This address is taken.")
        return False
    messages.success(request, "The link is ready.")
    return True


def _save(request: MemberRequest, form: ShareForm) -> bool:
    try:
        done = change_share(form.save(), form.changed_columns, form.new_password)
    except IntegrityError:
        form.add_error("slug", "This address is taken.")
        return False
    if done:
        messages.success(request, "Saved.")
    else:
        messages.error(request, "This link was revoked meanwhile.")
    return True


@member_required
@require_GET
def share_test(request: MemberRequest, public_id: str) -> HttpResponse:
    """What a stranger gets under the link, tried out now."""
    share = get_share(request, public_id)
    if wait := wait_to_test(request.user):
        return busy(
            request,
            wait,
            heading="Too many tests at once",
            words="You have tried links out as often as one may in an hour. Try again in some "
            "minutes.",
            back=share.get_absolute_url(),
            back_to="Back to the link",
        )
    findings = run_self_test(request, share)
    levels = [finding.level for finding in findings]
    context = {"share": share, "findings": findings}
    context |= {"faults": levels.count("bad"), "thoughts": levels.count("warm")}
    return render(request, "shares/share_test.html", context)


@member_required
@require_POST
def share_revoke(request: MemberRequest, public_id: str) -> HttpResponse:
    """Ends a link for good; again is harmless."""
    share = get_share(request, public_id)
    revoke_share(share)
    messages.success(request, "Revoked: nothing under this link opens any more.")
    return redirect(share)
