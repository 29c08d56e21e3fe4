"""Leaving for good: deleting one's account, or a team."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from prompts.access import (
    AccountRequest,
    MemberRequest,
    account_required,
    member_required,
    require_owner,
)
from prompts.departures import counts_of_team
from prompts.flows.account_erasure import erase_account
from prompts.flows.erasure import AlreadyErased
from prompts.flows.members import MemberConflict
from prompts.flows.team_deletion import copies_of, delete_team
from prompts.forms import AccountDeletionForm
from prompts.forms.erasures import EraseForm
from prompts.models import ApiKey, Share, User


def _has_no_password(request: HttpRequest) -> bool:
    """Who has one types it into the form; the others show otherwise that it is them."""
    return request.user.is_authenticated and not request.user.has_usable_password()


@account_required
@reauthentication_required(enabled=_has_no_password)
@require_http_methods(["GET", "HEAD", "POST"])
def account_delete(request: AccountRequest) -> HttpResponse:
    """Deletes one's account once it is confirmed, and shows the receipt to whoever it was."""
    form = AccountDeletionForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            receipt = erase_account(request.user, form.decisions(), by=request.user)
        except MemberConflict as conflict:
            form.add_error(None, conflict.message)
        except AlreadyErased:
            return redirect("home")
        else:
            _sign_out(request)
            return redirect(receipt)
    status = 422 if request.method == "POST" else 200
    return render(request, "account/delete.html", _what_goes(request, form), status=status)


def _sign_out(request: AccountRequest) -> None:
    """Without the signals of signing out: there is nobody any more of whom to note it."""
    request.session.flush()
    request.user = AnonymousUser()  # type: ignore[assignment]  # nobody from now on


def _what_goes(request: AccountRequest, form: AccountDeletionForm) -> dict[str, object]:
    user = request.user
    return {
        "form": form,
        "keys": ApiKey.objects.filter(user=user, revoked_at=None).count(),
        "links": Share.objects.filter(author=user).count(),
        "is_last": not User.objects.exclude(pk=user.pk).exists(),
    }


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def team_delete(request: MemberRequest) -> HttpResponse:
    """Deletes the present team once its name has been typed."""
    place = require_owner(request)
    form = EraseForm(request.POST or None, expected=place.team.name)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(delete_team(place))
        except MemberConflict as conflict:
            messages.error(request, conflict.message)
            return redirect("home")
    counts = counts_of_team(place.team)
    context = {
        "form": form,
        "counts": counts,
        "keys": counts["API keys"],
        "copies": copies_of(place.team).count(),
    }
    return render(request, "teams/delete.html", context, status=422 if form.errors else 200)
