"""What the rest of the portal calls to tell open pages of a change."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models.functions import Now

from prompts.jobs.wake import wake_others
from prompts.models import Change, Team, Tune, User

#: How long a change is kept; streams read it within a second or not at all.
CHANGE_LIFETIME = dt.timedelta(hours=1)
#: As many topics surely fit into one change.
TOPICS_A_CHANGE = 9


def publish(
    team: Team, *topics: str, only_for: User | None = None, private: bool | None = None
) -> None:
    """Tells the team's pages about `topics`; call it in the transaction that makes the change.

    With `only_for`, only that member and the admins hear of it; with `private` alone, only the
    admins. It also wakes the workers.
    """
    _save(
        Change(
            team_id=team.pk,
            only_for_id=None if only_for is None else only_for.pk,
            private=only_for is not None if private is None else private,
            topics=" ".join(topics),
        )
    )


def publish_about(tune: Tune, *topics: str) -> None:
    """Tells those who may see the tune about `topics`.

    Who that is, is read anew: a job may have loaded the tune before it became private.
    """
    row = Tune.objects.filter(pk=tune.pk).values_list("visibility", "owner_id").first()
    visibility, owner_id = row or (tune.visibility, tune.owner_id)
    private = visibility == Tune.Visibility.PRIVATE
    with transaction.atomic():
        for start in range(0, len(topics), TOPICS_A_CHANGE):
            _save(
                Change(
                    team_id=tune.team_id,
                    only_for_id=owner_id if private else None,
                    private=private,
                    topics=" ".join(topics[start : start + TOPICS_A_CHANGE]),
                )
            )


def publish_access(user: User) -> None:
    """What this user may see has changed: their streams look again, and end where they must."""
    publish_access_of(user.pk)


def publish_access_of(user_id: int) -> None:
    """As `publish_access`, for a user who may be gone already."""
    _save(Change(only_for_id=user_id))


def prune_changes() -> int:
    """Deletes changes that every stream has read long ago; returns how many."""
    return Change.objects.filter(created_at__lt=Now() - CHANGE_LIFETIME).delete()[0]


def _save(change: Change) -> None:
    # Together, because a notification that precedes its row would find nothing.
    with transaction.atomic():
        change.save(force_insert=True)
        wake_others()
