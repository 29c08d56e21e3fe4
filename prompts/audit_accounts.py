"""Notes in the audit log of each of their teams when somebody signs in or out."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import (
    password_changed,
    password_reset,
    password_set,
    user_logged_in,
    user_logged_out,
)
from django.dispatch import receiver

from prompts.access import memberships_of
from prompts.audit import acting, record
from prompts.models import User, Via


@receiver(user_logged_in)
def signed_in(user: User, **_: Any) -> None:
    _record(user, "signed_in")


@receiver(user_logged_out)
def signed_out(user: User | None, **_: Any) -> None:
    if user is not None:
        _record(user, "signed_out")


@receiver([password_changed, password_reset, password_set])
def changed_password(user: User, **_: Any) -> None:
    _record(user, "password_changed")


def _record(user: User, action: str) -> None:
    with acting(user, Via.PAGE):
        for place in memberships_of(user):
            record(place.team, action)
