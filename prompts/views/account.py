"""One's own account: name, picture, where one is signed in."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from prompts.access import AccountRequest, MemberRequest, account_required, member_required
from prompts.consents import own_tunes
from prompts.devices import device_words
from prompts.forms.account import MemberPictureForm, ProfileForm
from prompts.media import media_response
from prompts.models import THUMBNAIL_SIZES, Membership


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: AccountRequest) -> HttpResponse:
    """Everything about the account; a POST saves the name."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("account")
    context = {"form": form, **_context(request)}
    return render(request, "account/account.html", context, status=422 if form.errors else 200)


def _context(request: AccountRequest) -> dict[str, Any]:
    user, membership = request.user, request.membership
    kinds = list(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return {
        "sessions": _sessions(request),
        "own_tunes": own_tunes(user),
        "has_totp": Authenticator.Type.TOTP in kinds,
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
        "sso_name": settings.OIDC_NAME if settings.OIDC_SERVER_URL else "",
        "sso_connected": SocialAccount.objects.filter(user=user).exists(),
        "picture_form": MemberPictureForm(membership=membership) if membership else None,
    }


def _sessions(request: AccountRequest) -> list[dict[str, Any]]:
    """Where the user is signed in, this browser first."""
    current = request.session.session_key
    rows = UserSession.objects.purge_and_list(request.user)
    rows.sort(key=lambda row: (row.session_key != current, -row.last_seen_at.timestamp()))
    return [
        {
            "pk": row.pk,
            "device": device_words(row.user_agent),
            "ip": row.ip,
            "seen": row.last_seen_at,
            "since": row.created_at,
            "is_current": row.session_key == current,
        }
        for row in rows
    ]


@account_required
@require_POST
def sessions_end(request: AccountRequest) -> HttpResponse:
    """Signs out in one place, `session`, or everywhere but here; streams end with it."""
    rows = UserSession.objects.filter(user=request.user)
    rows = rows.exclude(session_key=request.session.session_key)
    if number := request.POST.get("session", "")[:19]:
        rows = rows.filter(pk=number) if number.isdecimal() else rows.none()
    ended = [row.end() for row in rows]
    messages.success(request, "Signed out there." if ended else "That place was signed out.")
    return redirect("account")


@member_required
@require_POST
def account_picture(request: MemberRequest) -> HttpResponse:
    """Chooses the headshot that stands for the member in this team."""
    form = MemberPictureForm(request.POST, membership=request.membership)
    if not form.is_valid():
        raise Http404
    picture = form.cleaned_data["picture"]
    Membership.objects.filter(pk=request.membership.pk).update(picture=picture)
    messages.success(request, "That is your picture now." if picture else "Your initials it is.")
    return redirect("account")


@member_required
@require_GET
def member_picture(request: MemberRequest, public_id: str) -> HttpResponse:
    """The picture a member of the present team has chosen."""
    place = Membership.objects.filter(public_id=public_id, team=request.membership.team_id)
    member = place.select_related("picture").first()
    picture = member.shown_picture if member else None
    if picture is None or picture.team_id != request.membership.team_id:
        raise Http404
    response = media_response(picture.thumbnail(THUMBNAIL_SIZES[0]), "image/webp")
    response["Cache-Control"] = "private, max-age=300"
    return response
