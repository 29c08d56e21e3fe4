"""Deletes a team with everything in it.

One short transaction takes everybody out of the team, ends its links, keys and jobs, and lets go of
its copies at a service; from then on it is there for nobody. The job `TeamDeletion` then deletes
rows and files in steps, and at last the team's own row: with that go the key and the memory of what
was handed to a service, so it stays until nothing is left there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models.functions import Now

from prompts.access import require_ownership
from prompts.departures import counts_of_team
from prompts.jobs.wake import wake_others
from prompts.mails import queue_mail
from prompts.models import (
    ADMIN_ROLES,
    Album,
    ApiKey,
    AstriaAccount,
    AuditEntry,
    Delivery,
    DeliveryStatus,
    Erasure,
    Handover,
    Image,
    Invitation,
    InviteLink,
    Mail,
    Membership,
    Pack,
    Photo,
    Preset,
    Prompt,
    PromptStatus,
    Share,
    Shoot,
    Team,
    TeamDeletion,
    Tune,
    TuneStatus,
    UsageDay,
    UsageEntry,
)
from prompts.models.turns import Lane, TurnJob, close_up
from prompts.storage import delete_tree, team_prefix

from . import traces
from .erasure import wipe_database
from .members import locked_place

#: So many rows are deleted in one transaction, so that nobody waits long for it.
BATCH = 200
#: What is deleted row by row before the team's own row takes the few others along; what many
#: others refer to comes last.
ROWS: tuple[type[models.Model], ...] = (
    Delivery, Share, Image, Prompt, Photo, Tune, Shoot, Album, Pack, Preset,
    Invitation, InviteLink, Mail, ApiKey, AuditEntry, UsageEntry, UsageDay,
)  # fmt: skip


def copies_of(team: Team) -> models.QuerySet[Handover]:
    """What was handed to a service and may still be there."""
    rows = Handover.objects.filter(team=team).exclude(status=Handover.DELETED)
    return rows.exclude(sent_at=None, remote_id=None)


def delete_team(place: Membership) -> Erasure:
    """Deletes the team of this owner for good and returns the receipt.

    Raises MemberConflict, and PermissionDenied when they own it no more.
    """
    with transaction.atomic():
        place = locked_place(place)
        require_ownership(place)
        receipt = Erasure.objects.create(actor=place.user, kind=Erasure.Kind.TEAM)
        counts = counts_of_team(place.team)
        _tell(place, counts, receipt)
        end_team(place.team, receipt)
    return receipt


def _tell(place: Membership, counts: dict[str, int], receipt: Erasure) -> None:
    """Tells the other owners and admins, in mails that do not hang on the team."""
    others = Membership.objects.filter(
        team=place.team_id, role__in=ADMIN_ROLES, user__is_active=True
    )
    for other in others.exclude(pk=place.pk).select_related("user"):
        queue_mail(
            to=other.user.email,
            template="team_deleted",
            context={
                "name": other.user.get_short_name(),
                "by": str(place.user),
                "team_name": place.team.name,
                "counts": counts,
                "receipt": receipt,
            },
        )


def end_team(team: Team, receipt: Erasure) -> None:
    """Ends the locked team for everybody and leaves the rest to its job; in a transaction."""
    handovers = Handover.objects.filter(team=team)
    # Of people who were erased before, their own receipts tell.
    copies = copies_of(team).filter(erasure=None).count()
    receipt.add(counts_of_team(team), remote_copies=copies)
    Erasure.objects.filter(team=team).update(team=None)
    Membership.objects.filter(team=team).delete()
    Share.objects.filter(team=team, revoked_at=None).update(revoked_at=Now())
    ApiKey.objects.filter(team=team, revoked_at=None).update(revoked_at=Now())
    Mail.objects.filter(team=team).exclude(text="").delete()
    _call_off_jobs(team)
    handovers.filter(erasure=None).update(erasure=receipt, error="", pictures={})
    handovers.let_go()
    TeamDeletion.objects.create(team=team, receipt=receipt)
    wake_others()


def _call_off_jobs(team: Team) -> None:
    left: list[TurnJob] = []
    for model, status in ((Prompt, PromptStatus.CANCELLED), (Tune, TuneStatus.FAILED)):
        rows: Any = model.objects.filter(team=team)
        left += rows.filter(status=model.WAITING)
        rows.call_off(status)
    for lane in Lane:
        close_up([job for job in left if job.lane is lane])
    Delivery.objects.filter(team=team).call_off(DeliveryStatus.CANCELLED)


def delete_in_steps(deletion: TeamDeletion) -> Iterator[None]:
    """Deletes rows and files; whoever calls may stop after any step and begin anew."""
    team = deletion.team
    _forget_names(deletion)
    yield
    for model in ROWS:
        rows = model._base_manager.filter(**{_team_of(model): team})
        while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
            model._base_manager.filter(pk__in=keys).delete()
            yield
    # From now on the receipt names the folder, which is deleted again for a day.
    prefix = team_prefix(team)
    deletion.receipt.note_files(0, prefixes=[prefix])
    for folder in [*_folders(f"{prefix}/tunes"), prefix]:
        deletion.receipt.note_files(delete_tree(default_storage, folder))
        yield
    wipe_database()


def _team_of(model: type[models.Model]) -> str:
    return "tune__team" if model is Photo else "team"


def _folders(prefix: str) -> list[str]:
    try:
        names, _ = default_storage.listdir(prefix)
    except FileNotFoundError:
        return []
    return [f"{prefix}/{name}" for name in names]


def _forget_names(deletion: TeamDeletion) -> None:
    """The team's name and its people's, outside of the rows that go: in mails and logs."""
    team = deletion.team
    titles = Tune.objects.filter(team=team).values_list("title", "consent__subject")
    names = traces.Names.of([team.name, *(name for row in titles for name in row if name)])
    traces.forget_mail_files(names, before=deletion.created_at)
    traces.forget_hints(Handover.objects.filter(team=team))
    kind = ContentType.objects.get_for_model(Team)
    LogEntry.objects.filter(content_type=kind, object_id=str(team.pk)).delete()
    Team.objects.filter(pk=team.pk).update(name="")
    AstriaAccount.objects.filter(team=team).update(holder="", reach_words="")


def close_team(deletion: TeamDeletion) -> bool:
    """Deletes the team's own row; False while there may still be a copy of something elsewhere."""
    with transaction.atomic():
        if not deletion.lock_if_held():
            return False
        handovers = Handover.objects.filter(team=deletion.team_id)
        handovers.filter(erasure=None).update(erasure=deletion.receipt_id)
        if handovers.exclude(status=Handover.DELETED).exists():
            return False
        Team.objects.get(pk=deletion.team_id).delete()
        Erasure.objects.filter(pk=deletion.receipt_id).note_remote_end()
    wipe_database()
    return True
