"""Deliveries: what was sent to whom, and sending it again."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from prompts.access import MemberRequest, member_required
from prompts.access_gateway import (
    get_api_key,
    get_callback_host,
    get_delivery,
    visible_api_keys,
    visible_callback_hosts,
)
from prompts.deliveries import payload, publish_delivery, send_ping
from prompts.forms import DeliveryFilterForm, PingForm
from prompts.models import ApiKey, Delivery
from prompts.views.paging import page_of

PER_PAGE = 30


@member_required
@require_GET
def delivery_list(request: MemberRequest) -> HttpResponse:
    """The log, newest first, with what is switched off and a test above it."""
    return _page(request, PingForm(keys=_signing_keys(request)))


def _page(request: MemberRequest, ping_form: PingForm, status: int = 200) -> HttpResponse:
    filters = DeliveryFilterForm(request.GET)
    rows = Delivery.objects.visible_to(request.membership).select_related(
        "api_key", "prompt__tune", "tune", "shoot"
    )
    page = page_of(request, filters.narrow(rows).order_by("-id"), PER_PAGE)
    context: dict[str, Any] = {
        "filters": filters,
        "page_obj": page,
        "hosts": visible_callback_hosts(request).exclude(disabled_at=None),
        "ping_form": ping_form,
    }
    return render(request, "deliveries/list.html", context, status=status)


def _signing_keys(request: MemberRequest) -> list[ApiKey]:
    """The keys whose deliveries may be tried."""
    return [key for key in visible_api_keys(request) if key.is_usable]


@member_required
@require_GET
def delivery_detail(request: MemberRequest, public_id: str) -> HttpResponse:
    """One delivery with what it would say now."""
    delivery = get_delivery(request, public_id)
    body = payload(delivery)
    text = json.dumps(body, indent=2, ensure_ascii=False) if body is not None else ""
    context = {"delivery": delivery, "payload": text}
    return render(request, "deliveries/detail.html", context)


@member_required
@require_POST
def delivery_replay(request: MemberRequest, public_id: str) -> HttpResponse:
    """Sends it again, with the truth of today."""
    delivery = get_delivery(request, public_id)
    if delivery.replay():
        publish_delivery(delivery)
        messages.success(request, "It is being sent again.")
    else:
        messages.info(request, "It is still being sent.")
    return redirect("delivery_detail", public_id)


@member_required
@require_POST
def delivery_ping(request: MemberRequest) -> HttpResponse:
    """A test message to an address of one's own choice, signed by one of one's keys."""
    form = PingForm(request.POST, keys=_signing_keys(request))
    if not form.is_valid():
        return _page(request, form, status=422)
    key = get_api_key(request, form.cleaned_data["key"])
    delivery = send_ping(key, form.cleaned_data["url"])
    return redirect("delivery_detail", delivery.public_id)


@member_required
@require_POST
def callback_host_enable(request: MemberRequest, public_id: str) -> HttpResponse:
    """Sends to a host again that was switched off."""
    host = get_callback_host(request, public_id)
    host.enable()
    messages.success(request, f"Callbacks to {host.host} are sent again.")
    return redirect("delivery_list")
