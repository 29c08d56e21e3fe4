"""The mails of a team, for its admins."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from prompts.access import MemberRequest, member_required, require_admin
from prompts.models import Mail
from prompts.views.paging import page_of

PAGE_SIZE = 50


@member_required
@require_GET
def mail_list(request: MemberRequest) -> HttpResponse:
    """To whom, about what, and how far each has come; what a mail says is shown to nobody."""
    rows = Mail.objects.filter(team=require_admin(request).team)
    page = page_of(request, rows.defer("text", "html").order_by("-id"), PAGE_SIZE)
    return render(request, "teams/mails.html", {"page_obj": page})
