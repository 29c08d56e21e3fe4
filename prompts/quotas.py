"""Limits of use: pictures a member and month, people a member, bytes a team.

The only place where they are enforced. `demand_…` is called in the transaction that writes what is
asked for, and locks the limits until it ends, so that parallel requests cannot pass together; where
no limit is set it costs one look and locks nothing. Months are those of UTC. Prompts count while
they are open with what they ask for, and once they have ended with the pictures that were made; so
those that fail or are cancelled give back what they did not make, and deleting gives nothing back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Aggregate, Count, Q, QuerySet, Sum
from django.template.defaultfilters import filesizeformat

from prompts.engines.registry import MOCK
from prompts.models import Image, Photo, Prompt, Quota, Team, Tune, UsageEntry, User


class QuotaExceeded(PermissionDenied):
    """It would be more than the team allows; the message is for people.

    Forms show it as theirs. Where nothing else is done about it, it is a plain 403.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Allowance:
    """How much of something is used; `limit` is None where there is none."""

    used: int
    limit: int | None

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used)

    def has_room(self, more: int) -> bool:
        """Whether `more` fits in; nothing always does."""
        return self.left is None or more <= 0 or more <= self.left


@dataclass(frozen=True)
class Limits:
    """What holds for a member; None is no limit."""

    images: int | None = None
    tunes: int | None = None
    storage: int | None = None


def limits_of(team: Team, user: User | None, *, lock: bool = False) -> Limits:
    """The team's limits, with what differs for this member; with `lock`, held to the end."""
    rows = Quota.objects.filter(Q(user=None) | Q(user=user), team=team).order_by("pk")
    found = list(rows)
    if lock and found:
        found = list(rows.select_for_update(no_key=True))
    return _combined(
        next((row for row in found if row.user_id is None), None),
        next((row for row in found if row.user_id is not None), None),
    )


def _combined(common: Quota | None, own: Quota | None) -> Limits:
    common, own = common or Quota(), own or Quota()
    return Limits(
        images=common.images if own.images is None else own.images,
        tunes=common.tunes if own.tunes is None else own.tunes,
        storage=common.storage,
    )


def month_start(moment: dt.datetime | None = None) -> dt.datetime:
    """When the month of that moment, or the present one, began (UTC)."""
    moment = (moment or dt.datetime.now(dt.UTC)).astimezone(dt.UTC)
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def images_used(team: Team, user: User | None) -> int:
    """Pictures of this month: made, or asked for by prompts that are open. The mock's are free."""
    # In this order: a prompt that ends in between is counted twice rather than not at all.
    asked = (
        Prompt.objects.open()
        .filter(team=team, author=user)
        .exclude(engine=MOCK)
        .aggregate(n=Sum("asked"))["n"]
    )
    made = (
        UsageEntry.objects.filter(team=team, user=user, ended_at__gte=month_start())
        .exclude(engine=MOCK)
        .aggregate(n=Sum("images"))["n"]
    )
    return (asked or 0) + (made or 0)


def tunes_used(team: Team, user: User | None) -> int:
    """People this member has; the demo's does not count, nor do mocks."""
    return _counted(Tune.objects.filter(team=team, owner=user)).count()


def _counted(tunes: QuerySet[Tune]) -> QuerySet[Tune]:
    return tunes.filter(is_sample=False).exclude(engine=MOCK)


def storage_used(team: Team) -> int:
    """Bytes of the team's photos and pictures, of those in the trash too, with all small copies.

    Read from the rows themselves, so that it is right whatever was deleted and how.
    """
    images = Image.objects.filter(team=team).order_by().aggregate(n=Sum("stored"))["n"]
    photos = Photo.objects.filter(tune__team=team).order_by().aggregate(n=Sum("stored"))["n"]
    return (images or 0) + (photos or 0)


def images_allowance(team: Team, user: User) -> Allowance | None:
    """What is left to a member this month; None where there is no limit."""
    limit = limits_of(team, user).images
    return None if limit is None else Allowance(images_used(team, user), limit)


def member_allowances(team: Team, users: Sequence[User]) -> dict[int, tuple[Allowance, Allowance]]:
    """Pictures of this month and people, by user; constantly many queries."""
    open_prompts = Prompt.objects.open().filter(team=team, author__in=users).exclude(engine=MOCK)
    ended = UsageEntry.objects.filter(team=team, user__in=users, ended_at__gte=month_start())
    asked = _by(open_prompts, "author_id", Sum("asked"))
    made = _by(ended.exclude(engine=MOCK), "user_id", Sum("images"))
    owned = _counted(Tune.objects.filter(team=team, owner__in=users))
    tunes = _by(owned, "owner_id", Count("pk"))
    own = {row.user_id: row for row in Quota.objects.filter(team=team)}
    limits = {user.pk: _combined(own.get(None), own.get(user.pk)) for user in users}
    return {
        pk: (
            Allowance(asked.get(pk, 0) + made.get(pk, 0), limit.images),
            Allowance(tunes.get(pk, 0), limit.tunes),
        )
        for pk, limit in limits.items()
    }


def _by(rows: QuerySet[Any], column: str, what: Aggregate) -> dict[int, int]:
    return dict(rows.order_by().values_list(column).annotate(n=what))


def demand_images(team: Team, user: User | None, count: int, engine: str) -> None:
    """Raises QuotaExceeded unless `count` more pictures may be asked for."""
    limits = limits_of(team, user, lock=True)
    if engine == MOCK:
        return
    _demand_storage(team, limits, 0)
    if limits.images is None:
        return
    allowance = Allowance(images_used(team, user), limits.images)
    if not allowance.has_room(count):
        raise QuotaExceeded(
            f"You have {allowance.left or 'none'} of {allowance.limit} pictures left this month; "
            f"this asks for {count}."
        )


def demand_tune(team: Team, user: User | None, engine: str) -> None:
    """Raises QuotaExceeded unless this member may have another person."""
    limits = limits_of(team, user, lock=True)
    if limits.tunes is None or engine == MOCK:
        return
    allowance = Allowance(tunes_used(team, user), limits.tunes)
    if not allowance.has_room(1):
        raise QuotaExceeded(
            f"You have {allowance.used} of {allowance.limit} people. Delete one, or ask an admin "
            "of your team for more."
        )


def demand_storage(team: Team, size: int) -> None:
    """Raises QuotaExceeded unless `size` more bytes may be stored."""
    _demand_storage(team, limits_of(team, None, lock=True), size)


def _demand_storage(team: Team, limits: Limits, size: int) -> None:
    """With a size of 0: whether there is any room left for what will come."""
    if limits.storage is None:
        return
    used = storage_used(team)
    if used + max(size, 1) > limits.storage:
        raise QuotaExceeded(
            f"Your team has used {filesizeformat(used)} of its "
            f"{filesizeformat(limits.storage)} of storage. Delete pictures or people for good, or "
            "ask an admin of your team for more."
        )
