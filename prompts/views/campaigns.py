"""Team headshots: how far everybody is, the shared style, reminders, what was chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from prompts.access import MemberRequest, member_required, require_admin
from prompts.archives import ZipDownload, safe_name
from prompts.campaigns import (
    NEXT_WORDS,
    Participant,
    Step,
    campaign_of,
    finals,
    participants,
)
from prompts.flows.campaigns import end_campaign, remind, save_campaign
from prompts.forms.campaigns import CampaignFilterForm, CampaignForm
from prompts.media import zip_response
from prompts.models import Campaign, Image, Photo, Tune, TuneStatus
from prompts.models.states import TUNE_OPEN
from prompts.sheets import csv_response
from prompts.storage import read_bytes
from prompts.views.paging import page_of

PAGE_SIZE, OFFERED = 50, 60


@member_required
@require_GET
def campaign(request: MemberRequest) -> HttpResponse:
    """One's own steps; for admins those of everybody as well."""
    found = campaign_of(request.membership.team)
    if found is None:
        return render(request, "campaigns/none.html")
    context = {"campaign": found, "today": timezone.localdate(), **_own(request)}
    if request.membership.is_admin:
        context |= _overview(request)
    return render(request, "campaigns/campaign.html", context)


def _own(request: MemberRequest) -> dict[str, Any]:
    """The viewer's own way: the step, whom it is about, and the pictures to choose from."""
    me = next(iter(participants(request.membership.team, user=request.user)), None)
    if me is None:
        return {}
    own = Tune.objects.filter(team=request.membership.team_id, owner=request.user, is_sample=False)
    pictured = Exists(Image.objects.present().filter(tune=OuterRef("pk")))
    is_trained = ExpressionWrapper(Q(status=TuneStatus.TRAINED), BooleanField())
    is_open = ExpressionWrapper(Q(status__in=TUNE_OPEN), BooleanField())
    has_photos = Exists(Photo.objects.filter(tune=OuterRef("pk")))
    # Of those that are furthest the newest: it is that one's choice which counts from then on.
    tune = own.order_by(
        pictured.desc(), is_trained.desc(), is_open.desc(), has_photos.desc(), "-id"
    ).first()
    images = Image.objects.present().filter(tune=tune).select_related("tune", "prompt")
    offered = list(images.order_by("-id")[:OFFERED]) if me.step >= Step.CHOICE else []
    return {
        "me": me,
        "own_tune": tune,
        "offered": offered,
        "steps": [(step, NEXT_WORDS[step]) for step in Step if step != Step.DONE],
        "next_words": "See the training" if me.is_training else NEXT_WORDS[me.step],
    }


def _overview(request: MemberRequest) -> dict[str, Any]:
    everybody = participants(request.membership.team)
    counts = Counter(one.step for one in everybody)
    form = CampaignFilterForm(request.GET, steps=list(Step.choices))
    step, words = form.step_wanted, form.words
    shown = [one for one in everybody if step in (None, one.step) and one.has(words)]
    page = page_of(request, shown, PAGE_SIZE)
    pictures = {image.pk: image for _, image in finals(page.object_list)}
    return {
        "page_obj": page,
        "rows": [(one, pictures.get(one.final_id)) for one in page],
        "tabs": [(s, s.label, counts[s]) for s in Step],
        "total": len(everybody),
        "done": counts[Step.DONE],
        "late": sum(one.may_be_reminded for one in everybody),
        "step": step,
        "words": words,
    }


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_style(request: MemberRequest) -> HttpResponse:
    """Starts the campaign, or changes what everybody shares."""
    team = require_admin(request).team
    present = campaign_of(team)
    form = CampaignForm(request.POST or None, team=team, instance=present or Campaign())
    if request.method == "POST" and form.is_valid():
        save_campaign(form.save(commit=False))
        messages.success(request, "Saved." if present else "Team headshots have begun.")
        return redirect("campaign")
    context = {"form": form, "campaign": present}
    return render(request, "campaigns/style.html", context, status=422 if form.errors else 200)


@member_required
@require_POST
def campaign_end(request: MemberRequest) -> HttpResponse:
    """Ends the campaign: the style is free again, every picture stays."""
    team = require_admin(request).team
    end_campaign(team)
    messages.success(request, "Team headshots have ended. All pictures stay where they are.")
    return redirect("campaign")


@member_required
@require_POST
def campaign_remind(request: MemberRequest) -> HttpResponse:
    """Mails one participant, `member`, or all who have not finished."""
    found = _required(request)
    people = participants(found.team)
    if member := request.POST.get("member", ""):
        people = [one for one in people if one.member.public_id == member]
    number = remind(found, people, str(request.user))
    words = "Nobody was mailed: they are done, in training, or were reminded today."
    if number:
        words = f"{number} {'person was' if number == 1 else 'people were'} reminded."
    messages.success(request, words)
    return redirect("campaign")


@member_required
@require_GET
def campaign_finals(request: MemberRequest) -> HttpResponseBase:
    """The chosen pictures as one archive, a file for each person, named by them."""
    found = _required(request)
    members = _members(finals(participants(found.team)))
    return zip_response(ZipDownload(members), safe_name(f"{found.team.name} headshots", ".zip"))


def _members(
    chosen: list[tuple[Participant, Image]],
) -> Iterator[tuple[str, Callable[[], bytes]]]:
    for one, image in chosen:
        suffix = image.file.rsplit(".", 1)[-1]
        yield f"{one.name}.{suffix}", partial(read_bytes, default_storage, image.file)


@member_required
@require_GET
def campaign_status(request: MemberRequest) -> HttpResponse:
    """How far everybody is, as a table."""
    found = _required(request)
    header = ("Name", "E-mail", "Role", "Step", "Reminded at (UTC)")
    rows = [_status_row(one) for one in participants(found.team)]
    return csv_response("team-headshots.csv", header, rows)


def _status_row(one: Participant) -> tuple[str, ...]:
    user, member = one.member.user, one.member
    reminded = f"{member.reminded_at:%Y-%m-%d %H:%M}" if member.reminded_at else ""
    return (user.name, user.email, member.get_role_display(), one.step.label, reminded)


def _required(request: MemberRequest) -> Campaign:
    found = campaign_of(require_admin(request).team)
    if found is None:
        raise Http404
    return found
