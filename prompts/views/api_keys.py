"""The keys with which programs use the gateway."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from prompts.access import MemberRequest, member_required
from prompts.access_gateway import get_api_key, visible_api_keys
from prompts.api.links import base_url
from prompts.flows.api_keys import create_api_key, revoke_api_key
from prompts.forms import ApiKeyForm
from prompts.views.paging import page_of

PAGE_SIZE = 50


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def api_keys(request: MemberRequest) -> HttpResponse:
    """The keys of this member, and for admins everyone's; a POST makes one and shows it once."""
    form = ApiKeyForm(request.POST or None, membership=request.membership)
    if request.method == "POST" and form.is_valid():
        row, plain = create_api_key(request.membership, **form.key_fields())
        context = {"key": row, "plain": plain, "base_url": base_url(request)}
        return render(request, "api_keys/created.html", context, status=201)
    context = {
        "form": form,
        "page": page_of(request, visible_api_keys(request), PAGE_SIZE),
        "base_url": base_url(request),
    }
    return render(request, "api_keys/list.html", context, status=422 if form.errors else 200)


@member_required
@require_POST
def api_key_revoke(request: MemberRequest, public_id: str) -> HttpResponse:
    """Ends a key for good."""
    key = get_api_key(request, public_id)
    if revoke_api_key(key):
        messages.success(request, f"“{key.name}” is revoked. It opens nothing any more.")
    return redirect("api_keys")
