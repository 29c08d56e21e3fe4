"""What is kept of people: the page for everybody, a person's data, a team's periods."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from prompts.access import (
    AccountRequest,
    MemberRequest,
    account_required,
    current_membership,
    member_required,
    public,
    require_admin,
)
from prompts.access_tunes import get_own_data
from prompts.archives import ZipDownload, safe_name
from prompts.audit import record
from prompts.consents import consent_words
from prompts.data_paths import expiry_of, path_of_tune, services
from prompts.engines.registry import label_of
from prompts.exports import account_files, person_files
from prompts.flows.retention import change_retention, keep_tune
from prompts.forms.retention import RetentionForm
from prompts.media import zip_response
from prompts.models import Team
from prompts.retention import due_of, schedule

#: Seconds that caches keep the page for strangers.
PRIVACY_AGE = 3600


@public
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """What the portal keeps of people, for everybody; members also see their team's own rules."""
    membership = current_membership(request)
    team = membership.team if membership else Team()
    context = {
        "schedule": schedule(team),
        "services": services(),
        "engine": label_of(team.engine),
        "operator_name": settings.OPERATOR_NAME,
        "operator_email": settings.OPERATOR_EMAIL,
        "sign_in_days": settings.SESSION_COOKIE_AGE // (24 * 60 * 60),
    }
    if request.COOKIES:
        response = render(request, "privacy/privacy.html", context)
        add_never_cache_headers(response)
        return response
    # Without a token for forms, of which a stranger's page has none, it is the same for all.
    response = render(request, "privacy/privacy.html", {**context, "csrf_token": ""})
    patch_cache_control(response, public=True, max_age=PRIVACY_AGE)
    return response


@member_required
@require_GET
def tune_data(request: MemberRequest, public_id: str) -> HttpResponse:
    """Consent and data of a person, for their owner and the admins."""
    tune = get_own_data(request, public_id)
    context = {
        "tune": tune,
        "consent": consent_words(tune),
        "photos_path": path_of_tune(tune),
        "expiry": expiry_of(tune),
        "due": due_of(tune),
        "may_keep": True,
        "schedule": schedule(tune.team),
        "counts": {
            "photos": tune.photos.count(),
            "prompts": tune.prompts.count(),
            "pictures": tune.images.count(),
        },
    }
    return render(request, "tunes/tune_data.html", context)


@member_required
@require_GET
def tune_export(request: MemberRequest, public_id: str) -> HttpResponseBase:
    """A copy of everything about a person, for those who decide about it."""
    tune = get_own_data(request, public_id)
    files = list(person_files(tune))
    record(tune.team, "tune_exported", target=tune, files=len(files))
    return zip_response(ZipDownload(files), safe_name(f"{tune.title} everything", ".zip"))


@account_required
@require_GET
def account_export(request: AccountRequest) -> HttpResponseBase:
    """A copy of everything about oneself."""
    files = list(account_files(request.user))
    with transaction.atomic():
        for place in request.user.memberships.select_related("team"):
            record(place.team, "account_exported", files=len(files))
    return zip_response(ZipDownload(files), safe_name("my data", ".zip"))


@member_required
@require_POST
def tune_keep(request: MemberRequest, public_id: str) -> HttpResponse:
    """Counts a person's retention periods anew."""
    tune = get_own_data(request, public_id)
    keep_tune(tune, request.user)
    messages.success(request, f"{tune.title} is kept.")
    return redirect(tune)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def team_data(request: MemberRequest) -> HttpResponse:
    """How long the team keeps what."""
    team = require_admin(request).team
    form = RetentionForm(request.POST or None, instance=team)
    if request.method == "POST" and form.is_valid():
        if form.changed_data:
            change_retention(form.instance, form.changed_data)
        messages.success(request, "Saved.")
        return redirect("team_data")
    return render(request, "teams/data.html", {"form": form}, status=422 if form.errors else 200)
