"""Setting the limits of a team and of single members."""

from __future__ import annotations

from django.db import transaction

from prompts.audit import record
from prompts.models import Quota, Team, User


@transaction.atomic
def set_quota(team: Team, user: User | None, **limits: int | None) -> bool:
    """The limits of everybody, or with a user what differs for that member; None is none.

    False when they were so already. Takes hold of what is asked for next; nothing that was made is
    lost, even where it is more.
    """
    # Held, so that two admins who set the first limit at once make one row.
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    rows = Quota.objects.filter(team=team, user=user)
    quota = rows.select_for_update(no_key=True).first() or Quota(team=team, user=user)
    was = {name: getattr(quota, name) for name in limits}
    if was == limits:
        return False
    for name, limit in limits.items():
        setattr(quota, name, limit)
    if any(getattr(quota, name) is not None for name in ("images", "tunes", "storage")):
        quota.save()
    else:
        rows.delete()
    record(
        team,
        "quotas_changed",
        target=team,
        member=str(user) if user else None,
        changed=[name for name in limits if limits[name] != was[name]],
        was=_in_words(was),
        now=_in_words(limits),
    )
    return True


def _in_words(limits: dict[str, int | None]) -> list[str]:
    return [f"{name} {'no limit' if n is None else n}" for name, n in limits.items()]
