"""How long a team keeps photos, people and pictures, and what is due.

Photos count from the end of training, people from their last prompt, pictures from when they were
made; keeping a person counts anew. Nothing goes that nobody was warned of: of photos and people
their owner is told `WARNING` before, or the team's owners where that one has left; pictures go by
way of the trash. Pictures that were chosen, stand in an album or are shown by a link are kept.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from prompts.models import AlbumImage, Image, Prompt, Share, Team, Tune, TuneStatus

#: So long before the day whoever decides about it is told.
WARNING = dt.timedelta(days=14)


@dataclass(frozen=True)
class Due:
    """What is deleted of a person on which day."""

    what: str
    on: dt.datetime


def ripe_photos(team: Team, now: dt.datetime) -> QuerySet[Tune]:
    """Trained people whose photos' time is up at `now`."""
    if team.photos_kept_days is None:
        return Tune.objects.none()
    before = now - dt.timedelta(days=team.photos_kept_days)
    rows = Tune.objects.filter(team=team, status=TuneStatus.TRAINED, trained_at__lte=before)
    return rows.filter(_not_kept_since(before), photos__isnull=False).distinct()


def ripe_people(team: Team, now: dt.datetime) -> QuerySet[Tune]:
    """People for whom nothing was asked for so long that their time is up at `now`."""
    if team.people_kept_days is None:
        return Tune.objects.none()
    before = now - dt.timedelta(days=team.people_kept_days)
    lately = Prompt.objects.filter(tune=OuterRef("pk"), created_at__gt=before)
    rows = Tune.objects.filter(~Exists(lately), team=team, created_at__lte=before)
    return rows.filter(_not_kept_since(before))


def ripe_pictures(team: Team, now: dt.datetime) -> QuerySet[Image]:
    """Pictures whose time is up at `now`, but for those that serve somebody."""
    if team.pictures_kept_days is None:
        return Image.objects.none()
    before = now - dt.timedelta(days=team.pictures_kept_days)
    kept = Q(tune__kept_at=None) | Q(tune__kept_at__lte=before)
    shares = Share.objects.live().filter(team=team)
    rows = Image.objects.present().filter(kept, team=team, created_at__lte=before)
    return rows.exclude(
        Exists(Tune.objects.filter(final_image=OuterRef("pk")))
        | Exists(AlbumImage.objects.filter(image=OuterRef("pk")))
        | Exists(shares.filter(items__image=OuterRef("pk")))
        | Exists(shares.filter(Q(tune=OuterRef("tune")) | Q(prompt=OuterRef("prompt"))))
    )


def _not_kept_since(moment: dt.datetime) -> Q:
    return Q(kept_at=None) | Q(kept_at__lte=moment)


def due_of(tune: Tune) -> Due | None:
    """The next deletion of this person, if it is near enough to be told of; `team` is loaded."""
    dues = [due for due in (_photos_due(tune), _person_due(tune)) if due]
    due = min(dues, key=lambda one: one.on, default=None)
    if due is None or due.on > timezone.now() + WARNING:
        return None
    warned_until = (tune.warned_at or timezone.now()) + WARNING
    return Due(due.what, max(due.on, warned_until))


def _photos_due(tune: Tune) -> Due | None:
    days = tune.team.photos_kept_days
    if days is None or tune.status != TuneStatus.TRAINED or tune.trained_at is None:
        return None
    return _due("photos", days, tune, tune.trained_at)


def _person_due(tune: Tune) -> Due | None:
    days = tune.team.people_kept_days
    if days is None:
        return None
    last = tune.prompts.order_by("-created_at").values_list("created_at", flat=True).first()
    return _due("person", days, tune, max(tune.created_at, last or tune.created_at))


def _due(what: str, days: int, tune: Tune, since: dt.datetime) -> Due:
    return Due(what, max(since, tune.kept_at or since) + dt.timedelta(days=days))


def schedule(team: Team) -> list[str]:
    """The team's rules in sentences, for those whom they concern."""
    photos, people, pictures = (
        team.photos_kept_days,
        team.people_kept_days,
        team.pictures_kept_days,
    )
    return [
        f"Photos are deleted {photos} days after training; the pictures made from them stay."
        if photos
        else "Photos are kept until the person is deleted or erased.",
        f"A person for whom nothing was made for {people} days is deleted with all pictures."
        if people
        else "People are kept until somebody deletes or erases them.",
        f"Pictures move to the trash after {pictures} days and are gone 30 days later, unless they "
        "were chosen, stand in an album or are shown by a link."
        if pictures
        else "Pictures are kept until somebody deletes them.",
    ]
