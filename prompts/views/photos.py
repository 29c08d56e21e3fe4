"""Photos of a draft: upload one by one, use anyway, remove."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from prompts.access import MemberRequest, member_required
from prompts.access_tunes import get_photo, get_tune
from prompts.flows.photos import PhotoRefused, add_photo, keep_photo, photo_meter, remove_photo
from prompts.forms import PhotoForm
from prompts.media import media_response
from prompts.models import Photo


@member_required
@require_POST
def photo_upload(request: MemberRequest, public_id: str) -> HttpResponse:
    """One photo into a draft: 201 with its frame, 422 or 409 with what is wrong."""
    tune = get_tune(request, public_id, change=True)
    form = PhotoForm(request.POST, request.FILES)
    upload = request.FILES.get("photo")
    name = getattr(upload, "name", None) or "photo"
    try:
        if not form.is_valid():
            raise PhotoRefused(str(form.errors["photo"][0]))
        photo = add_photo(tune, *form.cleaned_data["photo"])
    except PhotoRefused as refusal:
        if _is_plain_form(request):
            messages.warning(request, f"{name}: {refusal.message}")
            return redirect("tune_edit", tune.public_id)
        status = 409 if refusal.duplicate else 422
        return _refused(request, refusal.message, name, status=status)
    if _is_plain_form(request):
        return redirect("tune_edit", tune.public_id)
    return _frame(request, photo, status=201)


def _is_plain_form(request: MemberRequest) -> bool:
    """Whether the browser itself sent the form, and so wants a page to show."""
    return request.headers.get("Sec-Fetch-Mode") == "navigate"


def _refused(request: MemberRequest, message: str, name: str, *, status: int) -> HttpResponse:
    context = {"message": message, "name": name}
    return render(request, "tunes/_photo_error.html", context, status=status)


def _frame(request: MemberRequest, photo: Photo, *, status: int = 200) -> HttpResponse:
    context = {"photo": photo, "tune": photo.tune, "meter": photo_meter(photo.tune), "oob": True}
    return render(request, "tunes/_photo_response.html", context, status=status)


@member_required
@require_POST
def photo_keep(request: MemberRequest, public_id: str) -> HttpResponse:
    """Use it anyway."""
    photo = get_photo(request, public_id, change=True)
    keep_photo(photo)
    if not request.htmx:
        return redirect("tune_edit", photo.tune.public_id)
    return _frame(request, photo)


@member_required
@require_POST
def photo_delete(request: MemberRequest, public_id: str) -> HttpResponse:
    """Takes a photo out of a draft."""
    photo = get_photo(request, public_id, change=True)
    try:
        remove_photo(photo)
    except PhotoRefused as refusal:
        return _refused(request, refusal.message, photo.original_name, status=422)
    if not request.htmx:
        return redirect("tune_edit", photo.tune.public_id)
    context = {"tune": photo.tune, "meter": photo_meter(photo.tune), "oob": True}
    return render(request, "tunes/_meter.html", context)


@member_required
@require_GET
def photo_thumb(request: MemberRequest, public_id: str) -> HttpResponse:
    """The small copy."""
    photo = get_photo(request, public_id)
    return media_response(photo.thumbnail, "image/webp", immutable=True)


@member_required
@require_GET
def photo_file(request: MemberRequest, public_id: str) -> HttpResponse:
    """The clean photo, for those who work with the tune."""
    photo = get_photo(request, public_id, change=True)
    return media_response(photo.file, "image/jpeg")
