"""Tunes: list, new person, the person's page, training."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from prompts.access import MemberRequest, member_required, require_maker
from prompts.access_tunes import get_tune, may_change
from prompts.campaigns import locked_style
from prompts.cards import training_place
from prompts.composing import composer_context, images_again, new_form
from prompts.data_paths import expiry_of, path_of_tune
from prompts.engines.errors import EngineError
from prompts.engines.registry import hands_over
from prompts.flows.engines import base_models
from prompts.flows.photos import PhotoRefused, add_photo, photo_meter
from prompts.flows.training import reopen_tune, retry_training, start_training
from prompts.flows.tunes import change_tune, create_tune, delete_tune
from prompts.forms import TuneForm, TuneSettingsForm
from prompts.forms.tunes import consent_text
from prompts.media import media_response
from prompts.models import MAX_PHOTOS, MIN_PHOTOS, Membership, Tune
from prompts.portraits import with_portraits
from prompts.quotas import QuotaExceeded
from prompts.retention import due_of
from prompts.views.paging import page_of
from prompts.views.prompts import prompts_context

PER_PAGE = 24
LIMITS = {"min": MIN_PHOTOS, "max": MAX_PHOTOS, "max_mb": 25}


@member_required
@require_GET
def tune_list(request: MemberRequest) -> HttpResponse:
    """The people of the team, newest first."""
    visible = Tune.objects.visible_to(request.membership).order_by("-id")
    page = page_of(request, visible, PER_PAGE)
    shown = Tune.objects.filter(pk__in=[tune.pk for tune in page]).order_by("-id")
    context = {"tunes": with_portraits(shown), "page_obj": page}
    return render(request, "tunes/tune_list.html", context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def tune_new(request: MemberRequest) -> HttpResponse:
    """New person. A script asks for a draft first and sends the photos one by one; a plain form
    brings everything at once, and is kept as a whole or not at all."""
    membership = require_maker(request)
    as_draft = request.headers.get("X-Draft") == "1"
    form = TuneForm(request.POST or None, request.FILES or None, photos_required=not as_draft)
    if request.method == "POST" and form.is_valid() and (tune := _new_tune(membership, form)):
        if as_draft:
            return JsonResponse(_draft_addresses(tune), status=201)
        return _add_all_and_train(request, tune, form.cleaned_data["photos"])
    if as_draft and form.errors:
        return JsonResponse({"errors": form.errors}, status=422)
    engine = membership.team.engine
    context = {"form": form, "consent_text": consent_text(engine), "limits": LIMITS}
    context["takes_base"] = hands_over(engine)
    return render(request, "tunes/tune_new.html", context, status=422 if form.errors else 200)


@member_required
@require_GET
def tune_bases(request: MemberRequest) -> HttpResponse:
    """The models at Astria to train on, for the form of a new person."""
    team = require_maker(request).team
    if not hands_over(team.engine):
        raise Http404
    context: dict[str, Any] = {"form": TuneForm()}
    try:
        context["bases"] = base_models(team)
    except EngineError as error:
        context["problem"] = error.message
    return render(request, "tunes/_bases.html", context)


def _new_tune(membership: Membership, form: TuneForm) -> Tune | None:
    """The draft, or an error in the form when there may be no more."""
    try:
        return create_tune(membership, form.cleaned_data)
    except QuotaExceeded as exceeded:
        form.add_error(None, exceeded.message)
        return None


def _draft_addresses(tune: Tune) -> dict[str, str]:
    return {
        "url": tune.get_absolute_url(),
        "edit_url": reverse("tune_edit", args=[tune.public_id]),
        "upload_url": reverse("photo_upload", args=[tune.public_id]),
    }


def _add_all_and_train(request: MemberRequest, tune: Tune, photos: list[Any]) -> HttpResponse:
    """Trains at once when every photo is fine, else shows what to decide."""
    for name, photo in photos:
        try:
            add_photo(tune, name, photo)
        except PhotoRefused as refusal:
            messages.warning(request, f"{name}: {refusal.message}")
    if photo_meter(tune).usable == len(photos) and not start_training(tune):
        return redirect(tune)
    return redirect("tune_edit", tune.public_id)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def tune_edit(request: MemberRequest, public_id: str) -> HttpResponse:
    """Who it is, and while it is a draft, its photos."""
    tune = get_tune(request, public_id, change=True)
    form = TuneSettingsForm(request.POST or None, instance=tune)
    if request.method == "POST" and form.is_valid():
        change_tune(form.instance, form.changed_data)
        messages.success(request, "Saved.")
        return redirect("tune_edit" if tune.is_draft else "tune_detail", tune.public_id)
    return _edit_page(request, tune, form, status=422 if form.errors else 200)


def _edit_page(
    request: MemberRequest, tune: Tune, form: TuneSettingsForm, status: int, train_error: str = ""
) -> HttpResponse:
    context = {
        "tune": tune,
        "form": form,
        "photos": tune.photos.all(),
        "meter": photo_meter(tune),
        "limits": LIMITS,
        "train_error": train_error,
    }
    return render(request, "tunes/tune_edit.html", context, status=status)


@member_required
@require_GET
def tune_detail(request: MemberRequest, public_id: str) -> HttpResponse:
    """A person: photos, composer and all prompts. A draft's page is its edit page."""
    tune = get_tune(request, public_id)
    may_edit = may_change(request, tune)
    if tune.is_draft and may_edit:
        return redirect("tune_edit", tune.public_id)
    context: dict[str, Any] = {
        "portrayed": with_portraits(Tune.objects.filter(pk=tune.pk))[0],
        "photos": tune.photos.all() if may_edit else [],
        "consent": getattr(tune, "consent", None),
        "photos_path": path_of_tune(tune),
        "expiry": expiry_of(tune),
        "due": due_of(tune) if may_edit else None,
        "training_place": training_place(tune),
        **prompts_context(request, tune),
    }
    if tune.is_trained and may_edit:
        form, chosen = new_form(tune, request.GET)
        context |= composer_context(
            tune,
            request.user,
            form,
            chosen,
            remix=images_again(tune, request.GET),
            style=locked_style(tune.team, request.user),
        )
    return render(request, "tunes/tune_detail.html", context)


@member_required
@require_GET
def tune_status(request: MemberRequest, public_id: str) -> HttpResponse:
    """Training's state; a page that still shows it reloads once the tune is trained."""
    tune = get_tune(request, public_id)
    context = {
        "tune": tune,
        "may_edit": may_change(request, tune),
        "training_place": training_place(tune),
    }
    response = render(request, "tunes/_tune_status.html", context)
    if tune.is_trained and request.htmx:
        response["HX-Refresh"] = "true"
    return response


@member_required
@require_POST
def tune_train(request: MemberRequest, public_id: str) -> HttpResponse:
    """Queues a draft for training."""
    tune = get_tune(request, public_id, change=True)
    if problem := start_training(tune):
        return _edit_page(request, tune, TuneSettingsForm(instance=tune), 422, problem)
    return redirect(tune)


@member_required
@require_POST
def tune_retry(request: MemberRequest, public_id: str) -> HttpResponse:
    """Trains again after a failure."""
    tune = get_tune(request, public_id, change=True)
    retry_training(tune)
    return redirect(tune)


@member_required
@require_POST
def tune_reopen(request: MemberRequest, public_id: str) -> HttpResponse:
    """Back to the photos after a failure."""
    tune = get_tune(request, public_id, change=True)
    reopen_tune(tune)
    return redirect("tune_edit", tune.public_id)


@member_required
@require_POST
def tune_delete(request: MemberRequest, public_id: str) -> HttpResponse:
    """Deletes a person with everything that was made from them."""
    tune = get_tune(request, public_id, change=True)
    delete_tune(tune)
    messages.success(request, f"{tune.title} and everything made from the photos is deleted.")
    if request.htmx:
        return HttpResponseClientRedirect(reverse("tune_list"))
    return redirect("tune_list")


@member_required
@require_GET
def tune_sample(request: MemberRequest, public_id: str, slug: str) -> HttpResponse:
    """This person in a preset, small."""
    tune = get_tune(request, public_id)
    if slug not in tune.samples:
        raise Http404
    return media_response(tune.samples[slug], "image/webp", immutable=True)
