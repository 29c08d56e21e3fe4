"""The members of a team: who they are, what they may do, and going."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from prompts.access import MemberRequest, current_membership, member_required
from prompts.access_members import assignable_roles, get_managed, may_manage, visible_members
from prompts.flows.members import (
    MemberConflict,
    change_role,
    remove_member,
    transfer_ownership,
)
from prompts.forms import DepartureForm, MemberSearchForm, RoleForm, SeenForm
from prompts.models import Membership, Role
from prompts.views.paging import page_of

PAGE_SIZE = 50


@member_required
@require_GET
def member_list(request: MemberRequest) -> HttpResponse:
    """Everybody in the present team."""
    return _list(request)


def _list(request: MemberRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    form = MemberSearchForm(request.GET)
    page = page_of(request, visible_members(request, form.words()), PAGE_SIZE)
    for member in page:
        member.is_managed = may_manage(request.membership, member)
    context = {"page_obj": page, "form": form, "words": form.words(), "problem": problem}
    return render(request, "members/list.html", context, status=status)


def _conflict(request: MemberRequest, conflict: MemberConflict) -> HttpResponse:
    """What is true now, and why nothing was changed; nothing of a team one is no longer in."""
    del request.memberships
    place = current_membership(request)
    if place is None or place.team_id != request.membership.team_id:
        messages.error(request, conflict.message)
        return redirect("home")
    request.membership = place
    return _list(request, problem=conflict.message, status=409)


@member_required
@require_GET
def member_detail(request: MemberRequest, public_id: str) -> HttpResponse:
    """What may be changed about a member."""
    actor, target = get_managed(request, public_id)
    return _detail(request, actor, target)


def _detail(
    request: MemberRequest, actor: Membership, target: Membership, **forms: Any
) -> HttpResponse:
    context = {
        "member": target,
        "is_self": actor.pk == target.pk,
        "may_transfer": actor.role == Role.OWNER and actor.pk != target.pk,
        "role_form": RoleForm(actor=actor, target=target, auto_id="role_%s"),
        "departure_form": DepartureForm(actor=actor, target=target),
        "seen_form": SeenForm(target=target, auto_id="seen_%s"),
        **forms,
    }
    return render(request, "members/detail.html", context, status=422 if forms else 200)


@member_required
@require_POST
def member_role(request: MemberRequest, public_id: str) -> HttpResponse:
    """Another role, unless somebody else has changed it meanwhile."""
    actor, target = get_managed(request, public_id)
    form = RoleForm(request.POST, actor=actor, target=target, auto_id="role_%s")
    if not form.is_valid():
        return _detail(request, actor, target, role_form=form)
    try:
        change_role(actor, target, **form.cleaned_data)
    except MemberConflict as conflict:
        return _conflict(request, conflict)
    messages.success(request, "Saved.")
    return redirect("member_list")


@member_required
@require_POST
def member_transfer(request: MemberRequest, public_id: str) -> HttpResponse:
    """Another owner in one's own place."""
    actor, target = get_managed(request, public_id)
    form = SeenForm(request.POST, target=target)
    if not form.is_valid():
        return _detail(request, actor, target, seen_form=form)
    try:
        transfer_ownership(actor, target, seen=form.cleaned_data["seen"])
    except MemberConflict as conflict:
        return _conflict(request, conflict)
    messages.success(request, f"{target.user} owns the team now. You are an admin.")
    return redirect("member_list")


@member_required
@require_POST
def member_remove(request: MemberRequest, public_id: str) -> HttpResponse:
    """Out of the team."""
    actor, target = get_managed(request, public_id)
    form = DepartureForm(request.POST, actor=actor, target=target)
    if not form.is_valid():
        return _detail(request, actor, target, departure_form=form)
    try:
        remove_member(actor, target, **form.decision())
    except MemberConflict as conflict:
        return _conflict(request, conflict)
    messages.success(request, f"{target.user} is no longer in the team.")
    return redirect("member_list" if actor.pk != target.pk else "home")


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def team_leave(request: MemberRequest) -> HttpResponse:
    """Leaves the present team."""
    place = request.membership
    form = DepartureForm(request.POST or None, actor=place, target=place)
    if request.method == "POST" and form.is_valid():
        try:
            remove_member(place, place, **form.decision())
        except MemberConflict as conflict:
            return _conflict(request, conflict)
        messages.success(request, f"You have left {place.team}.")
        return redirect("home")
    context = {"form": form, "is_managed": bool(assignable_roles(place))}
    return render(request, "members/leave.html", context, status=422 if form.errors else 200)
