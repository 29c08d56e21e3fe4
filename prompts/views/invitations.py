"""Invitations, for the admins who send them: by address, by table, by link."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from prompts.access import MemberRequest, member_required, require_admin
from prompts.access_members import get_invitation, get_invite_link
from prompts.flows.invitations import invite, make_link, remind, remind_all, resend, revoke
from prompts.forms import InviteForm, InviteLinkForm, InviteTableForm
from prompts.models import Invitation, InviteLink
from prompts.views.paging import page_of

PAGE_SIZE = 50
#: Links that one page shows; they end, so there are never many.
MAX_LINKS = 50


@member_required
@require_GET
def invitation_list(request: MemberRequest) -> HttpResponse:
    """What was sent and the links there are, newest first."""
    team = require_admin(request).team
    rows = Invitation.objects.filter(team=team, link=None).with_backing().order_by("-id")
    links = InviteLink.objects.filter(team=team).with_backing().order_by("-id")
    context = {
        "page_obj": page_of(request, rows.select_related("author", "mail"), PAGE_SIZE),
        "links": links.select_related("author")[:MAX_LINKS],
    }
    return render(request, "invitations/list.html", context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_new(request: MemberRequest) -> HttpResponse:
    """Invites the people of a pasted list."""
    author = require_admin(request)
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        messages.success(request, invite(author, form.cleaned_data["entries"]).words())
        return redirect("invitation_list")
    return _new_page(request, form=form)


def _new_page(request: MemberRequest, **forms: Any) -> HttpResponse:
    context = {"form": InviteForm(), "table_form": InviteTableForm(), **forms}
    failed = any(form.errors for form in forms.values())
    return render(request, "invitations/new.html", context, status=422 if failed else 200)


@member_required
@require_POST
def invitation_table(request: MemberRequest) -> HttpResponse:
    """Shows what is in a table; the same with `confirm` invites those who can be."""
    author = require_admin(request)
    form = InviteTableForm(request.POST, request.FILES)
    if not form.is_valid():
        return _new_page(request, table_form=form)
    if "confirm" in request.POST:
        messages.success(request, invite(author, form.entries()).words())
        return redirect("invitation_list")
    context = {"lines": form.cleaned_data["lines"], "entries": form.entries()}
    context["table"] = form.normal_table()
    return render(request, "invitations/preview.html", context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def invite_link_new(request: MemberRequest) -> HttpResponse:
    """Makes a link and shows it once."""
    author = require_admin(request)
    form = InviteLinkForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "invitations/link_new.html", {"form": form}, status=status)
    link, token = make_link(author, **form.link_fields())
    path = reverse("join_token", args=[token])
    context = {"link": link, "address": settings.PUBLIC_URL + path}
    if not settings.PUBLIC_URL:
        context["address"] = request.build_absolute_uri(path)
    return render(request, "invitations/link_created.html", context, status=201)


@member_required
@require_POST
def invitation_resend(request: MemberRequest, public_id: str) -> HttpResponse:
    """A new mail; the link in the old one is dead."""
    author, invitation = get_invitation(request, public_id)
    _say(request, resend(author, invitation), f"Sent to {invitation.email} again.")
    return redirect("invitation_list")


@member_required
@require_POST
def invitation_remind(request: MemberRequest, public_id: str) -> HttpResponse:
    """A reminder, at most one a day."""
    author, invitation = get_invitation(request, public_id)
    _say(request, remind(author.team, invitation), f"Reminded {invitation.email}.")
    return redirect("invitation_list")


@member_required
@require_POST
def invitations_remind(request: MemberRequest) -> HttpResponse:
    """Reminds everybody who has not come for a day."""
    number = remind_all(require_admin(request).team)
    messages.success(request, f"{number} reminded." if number else "Nobody needs reminding today.")
    return redirect("invitation_list")


@member_required
@require_POST
def invitation_revoke(request: MemberRequest, public_id: str) -> HttpResponse:
    """The link in its mail is dead; again is harmless."""
    _, invitation = get_invitation(request, public_id)
    revoke(invitation)
    messages.success(request, f"The invitation of {invitation.email} is revoked.")
    return redirect("invitation_list")


@member_required
@require_POST
def invite_link_revoke(request: MemberRequest, public_id: str) -> HttpResponse:
    """Nobody else joins by it; who has stays."""
    _, link = get_invite_link(request, public_id)
    revoke(link)
    messages.success(request, "Revoked: nobody joins by this link any more.")
    return redirect("invitation_list")


def _say(request: MemberRequest, done: bool, words: str) -> None:
    if done:
        messages.success(request, words)
    else:
        messages.error(request, "Not sent: it is over, was sent today, or too many were.")
