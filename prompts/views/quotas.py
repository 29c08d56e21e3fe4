"""The limits: what admins set for everybody, and for single members."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from prompts.access import MemberRequest, member_required, require_admin
from prompts.access_members import get_limited, visible_members
from prompts.flows.quotas import set_quota
from prompts.forms import MemberQuotaForm, MemberSearchForm, TeamQuotaForm
from prompts.models import Quota
from prompts.quotas import Allowance, limits_of, member_allowances, storage_used
from prompts.views.paging import page_of

PER_PAGE = 50


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def quota_settings(request: MemberRequest) -> HttpResponse:
    """The team's limits, and how much of them each member has used."""
    team = require_admin(request).team
    present = Quota.objects.filter(team=team, user=None).first()
    form = TeamQuotaForm(_posted(request), initial=TeamQuotaForm.initial_of(present))
    if request.method == "POST" and form.is_valid():
        set_quota(team, None, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("quota_settings")
    return render(
        request,
        "quotas/settings.html",
        {"form": form, **_members(request)},
        status=422 if form.errors else 200,
    )


def _posted(request: MemberRequest) -> QueryDict | None:
    """What was sent; to send nothing is to empty all fields."""
    return request.POST if request.method == "POST" else None


def _members(request: MemberRequest) -> dict[str, Any]:
    team = request.membership.team
    search = MemberSearchForm(request.GET)
    page = page_of(request, visible_members(request, search.words()), PER_PAGE)
    allowances = member_allowances(team, [member.user for member in page])
    return {
        "search": search,
        "words": search.words(),
        "page_obj": page,
        "rows": [(member, *allowances[member.user_id]) for member in page],
        "storage": Allowance(storage_used(team), limits_of(team, None).storage),
    }


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def member_quota(request: MemberRequest, public_id: str) -> HttpResponse:
    """What differs for one member."""
    member = get_limited(request, public_id)
    own = Quota.objects.filter(team=member.team, user=member.user).first()
    common = Quota.objects.filter(team=member.team, user=None).first()
    initial = {"images": own.images, "tunes": own.tunes} if own else {}
    form = MemberQuotaForm(_posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        set_quota(member.team, member.user, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("quota_settings")
    context = {"form": form, "member": member, "common": common}
    return render(request, "quotas/member.html", context, status=422 if form.errors else 200)
