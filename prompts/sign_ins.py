"""Keeps the list of where people are signed in whole, however they came in."""

from __future__ import annotations

from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest


@receiver(user_logged_in)
def note_session(request: HttpRequest, **_: Any) -> None:
    """The library notes only its own sign-ins: not the first owner's, nor one by invitation.

    A session that stood in no list could not be ended from another place.
    """
    if hasattr(request, "user"):
        UserSession.objects.create_from_request(request)
