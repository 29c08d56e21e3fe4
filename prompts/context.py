"""What the frame of every page needs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from prompts.access import current_membership
from prompts.accounts import demo_sign_in
from prompts.models import Prompt, Tune
from prompts.models.states import TUNE_OPEN


def _count_open(request: HttpRequest) -> int:
    membership = current_membership(request)
    if membership is None:
        return 0
    tunes = Tune.objects.visible_to(membership).filter(status__in=TUNE_OPEN).count()
    return tunes + Prompt.objects.visible_to(membership).open().count()


def frame(request: HttpRequest) -> dict[str, Any]:
    """Membership, teams and what is developing; each is read only when a template asks."""
    if not hasattr(request, "user") or not request.user.is_authenticated:
        return {
            "VERSION": settings.VERSION,
            "membership": None,
            "demo_sign_in": SimpleLazyObject(demo_sign_in),
        }
    return {
        "VERSION": settings.VERSION,
        "membership": current_membership(request),
        "memberships": getattr(request, "memberships", []),
        "developing_count": SimpleLazyObject(lambda: _count_open(request)),
    }
