"""Coming in by an invitation or a link.

The token is in the address once: its digest goes into the session, and no page that is shown has
it in its address, so it is in no log, history or Referer of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from prompts.access import enter_team, public
from prompts.flows.invitations import confirm_address
from prompts.flows.joining import (
    Door,
    JoinRefused,
    Problem,
    find_door,
    join,
    problem_of,
    sign_up,
    take_try,
)
from prompts.forms import AddressForm, JoinForm, JoinWithAddressForm
from prompts.models import Invitation, InviteLink, Membership, User
from prompts.models.invitations import digest_of

#: Where the session keeps which invitation or link was opened.
JOIN_KEY = "join"
View = Callable[..., HttpResponse]


def _private(view: View) -> View:
    """No cache keeps these pages, no search engine shows them."""

    @wraps(view)
    @never_cache
    def guarded(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return guarded


@public
@_private
@require_safe
def join_token(request: HttpRequest, token: str) -> HttpResponse:
    """Remembers which door this visitor stands at; uses nothing up."""
    digest = digest_of(token)
    if find_door(digest):
        request.session[JOIN_KEY] = digest
    else:
        request.session.pop(JOIN_KEY, None)
    response = redirect("join_page")
    # Here alone: from a page without a Referer browsers send forms with the origin "null", which
    # is refused.
    response["Referrer-Policy"] = "no-referrer"
    return response


@public
@_private
@require_http_methods(["GET", "HEAD", "POST"])
def join_page(request: HttpRequest) -> HttpResponse:
    """Says who invites to what; a POST joins, with a new account where there is none."""
    user = request.user if isinstance(request.user, User) else None
    door = find_door(request.session.get(JOIN_KEY, ""))
    try:
        if door is None:
            raise JoinRefused(Problem.UNKNOWN)
        if request.method == "POST":
            take_try(door)
        if problem := problem_of(door, user):
            raise JoinRefused(problem)
        if isinstance(door, InviteLink) and door.domains:
            return _confirm(request, door, user)
        return _join(request, door, user) if user else _sign_up(request, door)
    except JoinRefused as refusal:
        return _refused(request, refusal.problem, door)


def _confirm(request: HttpRequest, link: InviteLink, user: User | None) -> HttpResponse:
    """Sends a mail to the address, which proves that it is theirs; always answers the same."""
    if user and not link.admits(user.email):
        raise JoinRefused(Problem.DOMAIN)
    form = AddressForm({"email": user.email} if user else request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, "confirm", link, form=None if user else form)
    email = form.cleaned_data["email"]
    if not link.admits(email):
        raise JoinRefused(Problem.DOMAIN)
    if not confirm_address(link, email):
        raise JoinRefused(Problem.TOO_MANY)
    return _page(request, "mailed", link, email=email)


def _join(request: HttpRequest, door: Door, user: User) -> HttpResponse:
    if request.method != "POST":
        return _page(request, "join", door)
    return _welcome(request, join(door, user))


def _sign_up(request: HttpRequest, door: Door) -> HttpResponse:
    form: JoinForm
    if isinstance(door, Invitation):
        if User.objects.filter(email=door.email).exists():
            if request.method == "POST":
                raise JoinRefused(Problem.SIGN_IN)
            return _page(request, "sign_in", door)
        form = JoinForm(request.POST or None, email=door.email, initial={"name": door.name})
    else:
        form = JoinWithAddressForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, "sign_up", door, form=form)
    values = {"email": door.email} if isinstance(door, Invitation) else {}
    place = sign_up(door, **{**form.cleaned_data, **values})
    login(request, place.user)
    return _welcome(request, place)


def _welcome(request: HttpRequest, place: Membership) -> HttpResponse:
    request.session.pop(JOIN_KEY, None)
    enter_team(request, place.team)
    messages.success(request, f"Welcome to {place.team}.")
    return redirect("home")


def _page(
    request: HttpRequest, name: str, door: Door, form: Any = None, **context: Any
) -> HttpResponse:
    status = 422 if form is not None and form.errors else 200
    context |= {"door": door, "form": form}
    return render(request, f"join/{name}.html", context, status=status)


def _refused(request: HttpRequest, problem: Problem, door: Door | None) -> HttpResponse:
    context = {
        "problem": problem.page,
        "domains": getattr(door, "domains", []),
        "team": door.team if door and problem is Problem.MEMBER else None,
    }
    return render(request, "join/problem.html", context, status=problem.status)
