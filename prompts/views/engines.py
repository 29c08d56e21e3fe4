"""The team's engine: where pictures are made, and the account at Astria. For owners."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from prompts.access import MemberRequest, member_required, require_owner
from prompts.engines.registry import get_engine
from prompts.flows.engines import account_for, remove_key, save_engine
from prompts.forms import EngineForm
from prompts.models import AstriaAccount, Handover, Team
from prompts.reach import try_reach


@sensitive_post_parameters("new_key")
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def engine_settings(request: MemberRequest) -> HttpResponse:
    """Chooses the engine; a POST tries a new key before it is saved."""
    team = require_owner(request).team
    account = account_for(team)
    form = EngineForm(request.POST or None, instance=account, team=team)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        save_engine(
            form.save(commit=False),
            engine=cleaned["engine"],
            new_key=cleaned["new_key"],
            holder=form.holder,
        )
        found = f" The key works: {form.holder}." if form.holder else ""
        messages.success(request, f"Saved.{found}")
        return redirect("engine_settings")
    context = {"form": form, "choices": _choices(form), **_state(team)}
    return render(request, "engines/settings.html", context, status=422 if form.errors else 200)


def _choices(form: EngineForm) -> list[tuple[object, str]]:
    """The radios, each with the way the photos take."""
    return [
        (radio, get_engine(str(radio.data["value"])).data_path)
        for radio in form["engine"].subwidgets
    ]


def _state(team: Team) -> dict[str, object]:
    stuck = Handover.objects.filter(team=team, status=Handover.FAILED).count()
    return {"account": account_for(team), "team": team, "stuck": stuck}


@member_required
@require_GET
def engine_state(request: MemberRequest) -> HttpResponse:
    """How the way to Astria has been: the part of the page that changes by itself."""
    team = require_owner(request).team
    if not request.htmx:
        return redirect("engine_settings")
    return render(request, "engines/_state.html", _state(team))


@member_required
@require_POST
def engine_self_test(request: MemberRequest) -> HttpResponse:
    """Calls our own public address from outside, and tells what came of it."""
    account = AstriaAccount.objects.filter(team=require_owner(request).team).first()
    if account is not None:
        try_reach(account)
    return redirect("engine_settings")


@member_required
@require_POST
def engine_key_remove(request: MemberRequest) -> HttpResponse:
    """Forgets the Astria key."""
    remove_key(require_owner(request).team)
    messages.success(request, "The key is removed. New people are trained on this server.")
    return redirect("engine_settings")
