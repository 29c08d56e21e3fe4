"""Teams: which one the pages show."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from prompts.access import MemberRequest, enter_team, member_required
from prompts.models import Team


@member_required
@require_POST
def team_switch(request: MemberRequest, public_id: str) -> HttpResponse:
    """Shows another of the user's teams from now on."""
    team = Team.objects.filter(public_id=public_id, members=request.user).first()
    if team is None:
        raise Http404
    enter_team(request, team)
    return redirect("home")
