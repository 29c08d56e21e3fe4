"""Keeps the list of where people are signed in whole, however they came in, and no longer."""

from __future__ import annotations

from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone


@receiver(user_logged_in)
def note_session(request: HttpRequest, **_: Any) -> None:
    """The library notes only its own sign-ins: not the first owner's, nor one by invitation.

    A session that stood in no list could not be ended from another place.
    """
    if hasattr(request, "user"):
        UserSession.objects.create_from_request(request)


def forget_ended() -> int:
    """Deletes sign-ins that have ended, with browser and address; returns how many."""
    Session.objects.filter(expire_date__lte=timezone.now()).delete()
    ended = UserSession.objects.exclude(session_key__in=Session.objects.values("session_key"))
    return ended.delete()[0]
