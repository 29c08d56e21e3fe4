"""What a stream may hear, derived from the signed-in member and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user
from django.contrib.sessions.models import Session
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from prompts.models import Change, Membership, User

from .publishing import publish_access_of


@dataclass(frozen=True)
class Rights:
    """The teams of a signed-in user, and whether they are an admin there."""

    user_id: int
    teams: Mapping[int, bool]

    def may_hear(self, change: Change) -> bool:
        """The rule of `Tune.objects.visible_to`, for a change."""
        if change.team_id is None or change.team_id not in self.teams:
            return False
        is_admin = self.teams[change.team_id]
        return not change.private or is_admin or change.only_for_id == self.user_id


def rights_of_session(session_key: str | None) -> Rights | None:
    """What a request with this session might see now; None when it is not signed in any more."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    if not isinstance(user, User):
        return None
    places = Membership.objects.filter(user=user)
    return Rights(user.pk, {place.team_id: place.is_admin for place in places})


@receiver(post_delete, sender=Session)
def session_ended(instance: Session, **_: Any) -> None:
    """Signing out and changing the password delete sessions.

    `user_logged_out` would come too early: it is sent while the session still exists.
    """
    if user_id := instance.get_decoded().get(SESSION_KEY):
        publish_access_of(int(user_id))


@receiver(post_save, sender=User)
def user_saved(
    instance: User, created: bool, update_fields: frozenset[str] | None, **_: Any
) -> None:
    """A user may have been disabled, or have another password."""
    only_signed_in = update_fields is not None and set(update_fields) == {"last_login"}
    if not created and not only_signed_in:
        publish_access_of(instance.pk)


@receiver(post_delete, sender=User)
def user_deleted(instance: User, **_: Any) -> None:
    publish_access_of(instance.pk)


@receiver([post_save, post_delete], sender=Membership)
def membership_changed(instance: Membership, **_: Any) -> None:
    """Somebody joined or left a team, or plays another role in it."""
    publish_access_of(instance.user_id)
