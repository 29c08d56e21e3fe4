"""Teams: which one the pages show, and what its admins set."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from prompts import limits
from prompts.access import (
    MemberRequest,
    account_required,
    enter_team,
    member_required,
    require_admin,
)
from prompts.flows.teams import (
    PICTURE,
    backdrop_color,
    backdrop_in_use,
    change_team,
    create_team,
    set_team_backdrop,
    team_backdrop_presets,
)
from prompts.forms import BackdropForm, NewTeamForm, TeamForm
from prompts.media import media_response
from prompts.models import Team, User

#: So many teams a user may make in a day.
NEW_TEAMS, DAY = 20, 24 * 60 * 60


@member_required
@require_POST
def team_switch(request: MemberRequest, public_id: str) -> HttpResponse:
    """Shows another of the user's teams from now on."""
    team = Team.objects.filter(public_id=public_id, members=request.user).first()
    if team is None:
        raise Http404
    enter_team(request, team)
    return redirect("home")


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def team_new(request: HttpRequest) -> HttpResponse:
    """Another team, owned by whoever makes it."""
    user = cast(User, request.user)
    form = NewTeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not limits.take(f"team-new:{user.pk}", NEW_TEAMS, DAY).allowed:
            form.add_error(None, "You have made many teams today. Try again tomorrow.")
        else:
            enter_team(request, create_team(user, **form.cleaned_data).team)
            return redirect("home")
    return render(
        request, "teams/team_new.html", {"form": form}, status=422 if form.errors else 200
    )


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def team_settings(request: MemberRequest) -> HttpResponse:
    """The team's settings, a section each; a POST saves the first one."""
    team = require_admin(request).team
    form = TeamForm(request.POST or None, instance=team)
    if request.method == "POST" and form.is_valid():
        change_team(form.instance, form.changed_data)
        messages.success(request, "Saved.")
        return redirect("team_settings")
    backdrop_form = BackdropForm(initial={"color": backdrop_color(team)})
    return _settings_page(request, form, backdrop_form)


@member_required
@require_POST
def team_backdrop(request: MemberRequest) -> HttpResponse:
    """The backdrop that everybody's headshot may share."""
    team = require_admin(request).team
    form = BackdropForm(request.POST, request.FILES, in_use=backdrop_in_use(team))
    if not form.is_valid():
        return _settings_page(request, TeamForm(instance=team), form)
    set_team_backdrop(team, **form.cleaned_data)
    messages.success(request, "Saved. You find it under “Yours” beside the presets.")
    return redirect("team_settings")


def _settings_page(
    request: MemberRequest, team_form: TeamForm, backdrop_form: BackdropForm
) -> HttpResponse:
    context = {
        "team_form": team_form,
        "backdrop_form": backdrop_form,
        "picture_preset": team_backdrop_presets(request.membership.team).get(PICTURE),
    }
    failed = team_form.errors or backdrop_form.errors
    return render(request, "teams/settings.html", context, status=422 if failed else 200)


@member_required
@require_GET
def preset_backdrop(request: MemberRequest, slug: str) -> HttpResponse:
    """The picture a preset of the present team starts from."""
    preset = request.membership.team.presets.filter(slug=slug).exclude(input_image="").first()
    if preset is None:
        raise Http404
    return media_response(preset.input_image, "image/jpeg")
