"""The first pages: welcome, set-up, home."""

from __future__ import annotations

from typing import cast

from allauth.account.forms import LoginForm
from django.contrib.auth import login
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from prompts.access import MemberRequest, current_membership, member_required, public
from prompts.accounts import create_owner, is_fresh_install
from prompts.campaigns import campaign_of
from prompts.cards import for_cards, prompt_cards
from prompts.forms import SetupForm
from prompts.models import TUNE_OPEN, Image, Prompt, Tune, liked_by
from prompts.portraits import with_portraits
from prompts.retention import Due, due_of

SHOWN = 24


@public
@never_cache
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Strangers are told what this is and how to sign in; members see their team's work."""
    if not request.user.is_authenticated:
        if is_fresh_install():
            return redirect("setup")
        return render(request, "home/welcome.html", {"form": LoginForm()})
    membership = current_membership(request)
    if membership is None:
        return render(request, "home/no_team.html")
    asking = cast(MemberRequest, request)
    asking.membership = membership
    return render(request, "home/home.html", _home_context(asking))


def _home_context(request: MemberRequest) -> dict[str, object]:
    membership = request.membership
    visible = Tune.objects.visible_to(membership)
    tunes = with_portraits(visible.order_by("-id")[:SHOWN])
    images = Image.objects.visible_to(membership).select_related("tune", "prompt")
    images = images.annotate(is_liked=liked_by(request.user))
    latest = list(images.order_by("-id")[:SHOWN])
    return {
        **developing_context(request),
        "tunes": tunes,
        "latest_images": latest,
        "greeting": _greeting(),
        "dues": _dues(request),
        "campaign": campaign_of(membership.team),
        "is_new": not latest and all(tune.is_sample for tune in tunes),
        "sample_tune": next((tune for tune in tunes if tune.is_sample), None),
    }


def _dues(request: MemberRequest) -> list[tuple[Tune, Due]]:
    """The viewer's own people of whom something is about to be deleted."""
    warned = Tune.objects.filter(team=request.membership.team, owner=request.user)
    rows = warned.exclude(warned_at=None).select_related("team").order_by("warned_at")
    return [(tune, due) for tune in rows[:SHOWN] if (due := due_of(tune))]


def developing_context(request: MemberRequest) -> dict[str, object]:
    """What runs now, for the strip on the home page."""
    visible = Prompt.objects.visible_to(request.membership)
    return {
        "cards": prompt_cards(
            request, for_cards(visible.open().order_by("-id"), request.user)[:SHOWN]
        ),
        "training_tunes": Tune.objects.visible_to(request.membership).filter(status__in=TUNE_OPEN),
    }


@member_required
@require_GET
def developing(request: MemberRequest) -> HttpResponse:
    """The strip of what runs now; for the bar of every page its number alone."""
    if request.htmx.target == "developing":
        return render(request, "_developing.html")
    return render(request, "home/_developing.html", developing_context(request))


def _greeting() -> str:
    """By the clock of the server; the page's script corrects it by the visitor's."""
    hour = timezone.localtime().hour
    return "Good morning" if 4 <= hour < 12 else "Good afternoon" if hour < 18 else "Good evening"


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """The first visitor of a fresh install creates the owner's account; then it is closed."""
    if not is_fresh_install():
        return redirect("home")
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = create_owner(**form.cleaned_data)
        login(request, user)
        return redirect("home")
    status = 422 if form.errors else 200
    return render(request, "home/setup.html", {"form": form}, status=status)


@public
@never_cache
@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """For monitors and load balancers: 200 when the database answers, and what is amiss besides."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    is_alone = getattr(cache, "is_away", False)
    words = "ok\nRedis is away: rate limits count for each process" if is_alone else "ok"
    return HttpResponse(words, content_type="text/plain")
