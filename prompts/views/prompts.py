"""Prompts: the composer, the list of a tune, the card of one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from prompts.access import MemberRequest, member_required
from prompts.access_tunes import get_prompt, get_tune, may_change
from prompts.campaigns import locked_data, locked_style
from prompts.cards import for_cards, prompt_cards
from prompts.composing import (
    composer_context,
    has_trigger,
    images_again,
    kept_images,
    new_form,
    with_trigger,
)
from prompts.flows.prompts import cancel_prompt, delete_prompt, retry_prompt, submit_prompt
from prompts.forms import PromptForm
from prompts.models import Preset, Prompt, Tune
from prompts.portraits import with_portraits
from prompts.quotas import QuotaExceeded
from prompts.views.paging import page_of

PER_PAGE = 12


def prompts_context(request: MemberRequest, tune: Tune) -> dict[str, Any]:
    """A page of a tune's prompts, newest first."""
    page = page_of(
        request, for_cards(Prompt.objects.filter(tune=tune), request.user).order_by("-id"), PER_PAGE
    )
    return {
        "tune": tune,
        "cards": prompt_cards(request, page.object_list),
        "page_obj": page,
        "may_edit": may_change(request, tune),
    }


@member_required
@require_GET
def composer(request: MemberRequest, public_id: str) -> HttpResponse:
    """The form alone, filled by `?preset=` or `?remix=`."""
    tune = get_tune(request, public_id, change=True)
    if not tune.is_trained or not request.htmx:
        return redirect(f"{tune.get_absolute_url()}?{request.GET.urlencode()}")
    form, chosen = new_form(tune, request.GET)
    style = locked_style(tune.team, request.user)
    remix = images_again(tune, request.GET)
    context = composer_context(tune, request.user, form, chosen, remix=remix, style=style)
    return render(request, "prompts/_composer.html", context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def prompt_list(request: MemberRequest, public_id: str) -> HttpResponse:
    """GET: the tune's prompts. POST: submits the composer."""
    tune = get_tune(request, public_id, change=request.method == "POST")
    if request.method != "POST":
        if not request.htmx:
            return redirect(tune)
        return render(request, "prompts/_prompts.html", prompts_context(request, tune))
    style = locked_style(tune.team, request.user)
    data = locked_data(style, tune, request.POST) if style else _with_trigger(request, tune)
    kept = kept_images(tune, data.get("preset", ""), data.get("remix", ""))
    form = PromptForm(data, None if style else request.FILES, kept=kept)
    if not form.is_valid():
        return _composer_again(request, tune, form, style=style)
    is_named = style or has_trigger(tune, form.cleaned_data["text"])
    if not is_named and "without_trigger" not in data:
        return _composer_again(request, tune, form, trigger_missing=True)
    try:
        prompt = _submit(request, tune, form)
    except QuotaExceeded as exceeded:
        form.add_error(None, exceeded.message)
        return _composer_again(request, tune, form, style=style)
    return _created(request, prompt)


def _with_trigger(request: MemberRequest, tune: Tune) -> QueryDict:
    data = request.POST.copy()
    text = data.get("text", "")
    if "add_trigger" in data and not has_trigger(tune, text):
        data["text"] = with_trigger(tune, text)
    return data


def _submit(request: MemberRequest, tune: Tune, form: PromptForm) -> Prompt:
    presets = Preset.objects.for_team(tune.team)
    return submit_prompt(
        tune=tune,
        author=request.user,
        text=form.cleaned_data["text"],
        parameters=form.parameters,
        num_images=form.cleaned_data["num_images"],
        preset=presets.filter(slug=form.data.get("preset", "")).first(),
        input_image=form.images.get("input_image"),
        mask_image=form.images.get("mask_image"),
    )


def _created(request: MemberRequest, prompt: Prompt) -> HttpResponse:
    if not request.htmx:
        return redirect(f"{prompt.tune.get_absolute_url()}#prompt-{prompt.public_id}")
    response = _card(request, prompt, status=201)
    response = reswap(retarget(response, "#prompts-new"), "afterbegin")
    return trigger_client_event(response, "prompt-created", {"id": prompt.public_id})


def _composer_again(
    request: MemberRequest, tune: Tune, form: PromptForm, **more: Any
) -> HttpResponse:
    chosen = form.data.get("preset", "")
    remix = form.data.get("remix", "")
    context = composer_context(tune, request.user, form, chosen, remix=remix, **more)
    if request.htmx:
        return render(request, "prompts/_composer.html", context, status=422)
    context |= prompts_context(request, tune) | {
        "photos": tune.photos.all(),
        "portrayed": with_portraits(Tune.objects.filter(pk=tune.pk))[0],
    }
    return render(request, "tunes/tune_detail.html", context, status=422)


def _card(
    request: MemberRequest, prompt: Prompt, *, status: int = 200, refusal: str = ""
) -> HttpResponse:
    fresh = for_cards(Prompt.objects.filter(pk=prompt.pk), request.user)
    context = {"card": prompt_cards(request, fresh)[0], "refusal": refusal}
    return render(request, "prompts/_prompt.html", context, status=status)


@member_required
@require_GET
def prompt_detail(request: MemberRequest, public_id: str) -> HttpResponse:
    """One prompt: its card alone for the page that shows it already, else a page of its own."""
    prompt = get_prompt(request, public_id)
    if request.htmx:
        return _card(request, prompt)
    card = prompt_cards(request, for_cards(Prompt.objects.filter(pk=prompt.pk), request.user))[0]
    return render(request, "prompts/prompt_detail.html", {"card": card, "tune": prompt.tune})


def _after(request: MemberRequest, prompt: Prompt) -> HttpResponse:
    return _card(request, prompt) if request.htmx else redirect(prompt.tune)


@member_required
@require_POST
def prompt_cancel(request: MemberRequest, public_id: str) -> HttpResponse:
    """Stops an open prompt; what it has made stays."""
    prompt = get_prompt(request, public_id, change=True)
    cancel_prompt(prompt)
    return _after(request, prompt)


@member_required
@require_POST
def prompt_retry(request: MemberRequest, public_id: str) -> HttpResponse:
    """Makes what is missing of a failed or cancelled prompt."""
    prompt = get_prompt(request, public_id, change=True)
    try:
        retry_prompt(prompt, by=request.user)
    except QuotaExceeded as exceeded:
        if request.htmx:
            return _card(request, prompt, status=422, refusal=exceeded.message)
        messages.warning(request, exceeded.message)
    return _after(request, prompt)


@member_required
@require_POST
def prompt_delete(request: MemberRequest, public_id: str) -> HttpResponse:
    """Deletes a prompt with its images."""
    prompt = get_prompt(request, public_id, change=True)
    delete_prompt(prompt)
    if request.htmx:
        return HttpResponse()
    messages.success(request, "The prompt and its pictures are deleted.")
    return redirect(prompt.tune)
