"""Who may see a team's keys of the gateway, and the callbacks that are owed to them."""

from __future__ import annotations

from typing import cast

from django.db.models import QuerySet
from django.http import Http404

from prompts.access import MemberRequest, load
from prompts.models import ApiKey, CallbackHost, Delivery


def visible_api_keys(request: MemberRequest) -> QuerySet[ApiKey]:
    """The present team's keys: admins see everyone's, others their own; newest first."""
    place = request.membership
    keys = ApiKey.objects.filter(team_id=place.team_id).select_related("user").order_by("-id")
    return keys if place.is_admin else keys.filter(user_id=place.user_id)


def get_api_key(request: MemberRequest, public_id: str) -> ApiKey:
    """One of the keys this member may see, and so revoke."""
    key = visible_api_keys(request).filter(public_id=public_id).first()
    if key is None:
        raise Http404
    return key


def get_delivery(request: MemberRequest, public_id: str) -> Delivery:
    """A delivery of the team, or for those who are no admins of what is theirs."""
    rows = Delivery.objects.select_related("team", "api_key__user", "prompt", "tune", "shoot")
    return cast(Delivery, load(request, rows, public_id)[0])


def visible_callback_hosts(request: MemberRequest) -> QuerySet[CallbackHost]:
    """Where the deliveries one may see go: admins the team's, others their keys'."""
    place = request.membership
    hosts = CallbackHost.objects.filter(team_id=place.team_id).select_related("api_key")
    return hosts if place.is_admin else hosts.filter(api_key__user_id=place.user_id)


def get_callback_host(request: MemberRequest, public_id: str) -> CallbackHost:
    """One of them."""
    host = visible_callback_hosts(request).filter(public_id=public_id).first()
    if host is None:
        raise Http404
    return host
