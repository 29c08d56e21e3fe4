"""Erasing a person, and the receipts for it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from prompts.access import MemberRequest, member_required, public, require_admin
from prompts.access_tunes import get_own_data
from prompts.flows.erasure import AlreadyErased, erase_person
from prompts.forms.erasures import EraseForm
from prompts.models import Erasure
from prompts.receipts import (
    counts_of,
    progress_words,
    receipt_data,
    receipt_text,
    remote_words,
)
from prompts.views.paging import page_of

PER_PAGE = 30


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def tune_erase(request: MemberRequest, public_id: str) -> HttpResponse:
    """Withdraws the consent for a person: erases them once their name has been typed."""
    tune = get_own_data(request, public_id)
    form = EraseForm(request.POST or None, expected=tune.title)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(erase_person(tune, by=request.membership.user))
        except AlreadyErased as error:
            raise Http404 from error
    context = {
        "tune": tune,
        "form": form,
        "counts": {"photo": tune.photos.count(), "picture": tune.images.count()},
    }
    return render(request, "erasures/tune_erase.html", context, status=422 if form.errors else 200)


@member_required
@require_GET
def erasure_list(request: MemberRequest) -> HttpResponse:
    """The team's receipts, newest first."""
    team = require_admin(request).team
    page = page_of(request, Erasure.objects.filter(team=team).order_by("-id"), PER_PAGE)
    rows = [(receipt, counts_of(receipt), remote_words(receipt)) for receipt in page]
    return render(request, "erasures/list.html", {"rows": rows, "page_obj": page})


def _receipt(public_id: str) -> Erasure:
    """Whoever holds the number may see it: who was erased has no account to sign in with."""
    found = Erasure.objects.select_related("team").filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def _private(response: HttpResponse, name: str = "") -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    if name:
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@public
@require_GET
def erasure_receipt(request: HttpRequest, public_id: str) -> HttpResponse:
    """The receipt as a page."""
    receipt = _receipt(public_id)
    context = {
        "receipt": receipt,
        "counts": counts_of(receipt),
        "remote": remote_words(receipt),
        "progress": progress_words(receipt),
    }
    return _private(render(request, "erasures/receipt.html", context))


@public
@require_GET
def erasure_text(request: HttpRequest, public_id: str) -> HttpResponse:
    """The receipt as a text file."""
    receipt = _receipt(public_id)
    answer = HttpResponse(receipt_text(receipt), content_type="text/plain; charset=utf-8")
    return _private(answer, f"erasure-{receipt.number}.txt")


@public
@require_GET
def erasure_json(request: HttpRequest, public_id: str) -> HttpResponse:
    """The receipt as data."""
    receipt = _receipt(public_id)
    return _private(JsonResponse(receipt_data(receipt)), f"erasure-{receipt.number}.json")
