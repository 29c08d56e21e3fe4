"""Deletes what a team's retention periods are up for, and warns before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from prompts.audit import record
from prompts.flows.images import trash_expired
from prompts.flows.tunes import delete_tune, publish_tune
from prompts.mails import queue_mail
from prompts.models import Membership, Role, Team, Tune, TuneStatus, User
from prompts.retention import WARNING, due_of, ripe_people, ripe_photos, ripe_pictures
from prompts.storage import delete_tree

#: At most so many people or pictures of a team at one sweep: the worker has other work.
BATCH = 100
Ripe = Callable[[Team, dt.datetime], QuerySet[Tune]]


def change_retention(team: Team, changed: list[str]) -> None:
    """Saves a valid form's periods; `changed` names the columns."""
    with transaction.atomic():
        team.save(update_fields=changed)
        Tune.objects.filter(team=team).update(warned_at=None)
        record(team, "retention_changed", target=team, changed=changed)


def keep_tune(tune: Tune, by: User) -> None:
    """Counts the person's periods anew from now."""
    with transaction.atomic():
        Tune.objects.filter(pk=tune.pk).update(kept_at=timezone.now(), warned_at=None)
        record(tune.team, "tune_kept", actor=by, target=tune)
        publish_tune(tune)


def sweep_retention() -> None:
    """One round over all teams that have periods; repeatable, and harmless side by side."""
    periods = ("photos_kept_days", "people_kept_days", "pictures_kept_days")
    unlimited = Q(**{f"{name}__isnull": True for name in periods})
    for team in Team.objects.exclude(unlimited):
        _warn(team)
        _expire(team, ripe_people, _delete_person)
        _expire(team, ripe_photos, _delete_photos)
        _put_away_pictures(team)


def _warn(team: Team) -> None:
    soon = timezone.now() + WARNING
    near = Q(pk__in=ripe_photos(team, soon)) | Q(pk__in=ripe_people(team, soon))
    # Who was used again, or whose period grew, is warned anew when the new day comes near.
    Tune.objects.filter(team=team, warned_at__isnull=False).exclude(near).update(warned_at=None)
    rows = Tune.objects.filter(near, team=team, warned_at=None).select_related("team", "owner")
    for tune in rows.order_by("pk")[:BATCH]:
        with transaction.atomic():
            fresh = Tune.objects.filter(pk=tune.pk, warned_at=None, kept_at=tune.kept_at)
            if not fresh.update(warned_at=timezone.now()):
                continue
            publish_tune(tune)
            _mail(tune)


def _mail(tune: Tune) -> None:
    due, people = due_of(tune), _who_decides(tune)
    for person in people if due else ():
        context = {
            "tune": tune,
            "due": due,
            "name": person.get_short_name(),
            "stands_in": person.pk != tune.owner_id,
        }
        queue_mail(to=person.email, template="retention", context=context, team=tune.team)


def _who_decides(tune: Tune) -> list[User]:
    """The person's owner, or the team's owners where that one is not in the team any more."""
    places = Membership.objects.filter(team=tune.team, user__is_active=True).select_related("user")
    own = [place.user for place in places.filter(user=tune.owner_id)]
    return own or [place.user for place in places.filter(role=Role.OWNER).order_by("pk")]


def _expire(team: Team, ripe: Ripe, delete: Callable[[Tune], None]) -> None:
    """Deletes what is ripe and was warned of long ago, each looked at anew under its lock."""
    now = timezone.now()
    warned = Q(warned_at__lte=now - WARNING)
    for pk in list(ripe(team, now).filter(warned).values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            if not Tune.objects.select_for_update().filter(pk=pk).exists():
                continue
            tune = Tune.objects.filter(warned, pk__in=ripe(team, now), pk=pk).first()
            if tune is not None:
                delete(tune)


def _delete_person(tune: Tune) -> None:
    record(tune.team, "data_expired", target=tune, tunes=1)
    delete_tune(tune)


def _delete_photos(tune: Tune) -> None:
    """Also what was learnt from them, without which no more pictures can be made."""
    record(tune.team, "data_expired", target=tune, photos=tune.photos.count())
    tune.photos.all().delete()
    Tune.objects.filter(pk=tune.pk).update(
        status=TuneStatus.EXPIRED, warned_at=None, samples={}, training_data={}, characteristics={}
    )
    publish_tune(tune)
    for part in ("photos", "cache", "samples"):
        remove = partial(delete_tree, default_storage, f"{tune.prefix}/{part}")
        transaction.on_commit(remove)


def _put_away_pictures(team: Team) -> None:
    ripe = partial(ripe_pictures, team, timezone.now())
    pks = list(ripe().order_by("pk").values_list("pk", flat=True)[:BATCH])
    if pks:
        trash_expired(pks, ripe)
