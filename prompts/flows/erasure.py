"""Erases people: their photos, all that was made from them, and every trace of who they were.

One transaction takes the rows and the traces away and writes the receipt. Files go once that is
committed, and again for a day, because a slow or killed process may bring one back. Copies at a
service are deleted by the job of their handover, which is begun anew until it succeeds.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from prompts.audit import record
from prompts.jobs.wake import wake_others
from prompts.models import Erasure, Handover, Pick, Prompt, PromptStatus, Shoot, Tune, User
from prompts.models.turns import close_up
from prompts.searching import drop_deleted
from prompts.storage import delete_tree

from . import traces
from .tunes import publish_tune
from .usage import note_deletion

#: How long after the last try a deletion at a service that got stuck is begun anew.
REMOTE_PATIENCE = dt.timedelta(days=1)
#: Milliseconds to wait for readers before SQLite's log is left to the next sweep.
CHECKPOINT_PATIENCE = 1000


class AlreadyErased(Exception):
    """There is no such person any more."""


def erase_person(tune: Tune, *, by: User | None) -> Erasure:
    """Erases a person for good and returns the receipt; raises AlreadyErased."""
    with transaction.atomic():
        tune = _locked(tune)
        receipt = Erasure.objects.create(team=tune.team, actor=by, kind=Erasure.Kind.PERSON)
        _erase(tune, receipt)
        record(tune.team, "tune_erased", actor=by, receipt=receipt.number)
        transaction.on_commit(lambda: wipe(receipt))
    return receipt


def erase_people(tunes: Iterable[Tune], receipt: Erasure, *, by: User | None) -> None:
    """Erases several under one receipt, in the transaction that makes it; `wipe` it afterwards.

    Whoever was erased meanwhile is passed over.
    """
    for tune in tunes:
        with contextlib.suppress(AlreadyErased):
            tune = _locked(tune)
            _erase(tune, receipt)
            receipt.add({"people": 1})
            record(tune.team, "tune_erased", actor=by, receipt=receipt.number)


def _locked(tune: Tune) -> Tune:
    """The row, and its prompts, so that no worker can add a picture between those that go."""
    # The prompts first, as workers do, which then look at the tune.
    prompts = Prompt.objects.filter(tune=tune.pk).select_for_update().order_by("pk")
    list(prompts.values_list("pk"))
    rows = Tune.objects.select_related("team", "consent").select_for_update(of=("self",))
    found = rows.filter(pk=tune.pk).first()
    if found is None:
        raise AlreadyErased
    note_deletion(list(prompts))
    return found


def _erase(tune: Tune, receipt: Erasure) -> None:
    """Takes the locked person's rows and traces away, and enters in the receipt what there was."""
    handovers = Handover.objects.filter(Q(tune=tune) | Q(prompt__tune=tune))
    copies = handovers.exclude(sent_at=None, remote_id=None).count()
    prefix = tune.prefix
    traces.forget_hints(handovers)
    handovers.update(erasure=receipt, error="", pictures={})
    receipt.add(_erase_rows(tune), prefixes=[prefix], remote_copies=copies)


def _erase_rows(tune: Tune) -> dict[str, int]:
    """How many of each kind there were."""
    names = traces.names_of(tune)
    shoots = list(Shoot.objects.filter(prompts__tune=tune).select_related("team").distinct())
    counts: dict[str, int] = {
        "photos": tune.photos.count(),
        "prompts": tune.prompts.count(),
        "pictures": tune.images.count(),
        "picks": Pick.objects.filter(image__tune=tune).count(),
        "links": traces.forget_shares(tune),
        "callbacks": traces.forget_deliveries(tune),
        "kept answers": traces.forget_answers(tune),
        "templates": traces.forget_templates(tune),
    }
    publish_tune(tune)
    team, public_id = tune.team, tune.public_id
    waiting = list(tune.prompts.filter(status=PromptStatus.QUEUED))
    tune.delete()
    close_up(waiting)
    traces.leave_shoots(shoots)
    traces.make_entries_nameless(team, [public_id])
    traces.take_names_out(team, names)
    traces.forget_mails(names, [team])
    return counts


def wipe(receipt: Erasure) -> None:
    """Deletes the files of what was erased, and what the database's own log still holds."""
    receipt.note_files(sum(delete_tree(default_storage, prefix) for prefix in receipt.prefixes))
    wipe_database()


def wipe_database() -> None:
    """Drops what the search's index and SQLite's log still hold of rows that are deleted."""
    drop_deleted()
    empty_database_log()
    wake_others()


def empty_database_log() -> bool:
    """Writes SQLite's log back and cuts it off; False when readers kept it from that."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return connection.vendor != "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        before = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {CHECKPOINT_PATIENCE}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return not cursor.fetchone()[0]
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {before}")


def finish_erasures() -> int:
    """What is still to be done about erasures; returns how many have not settled. Repeatable."""
    unsettled = list(Erasure.objects.unsettled())
    for receipt in unsettled:
        for prefix in receipt.prefixes:
            delete_tree(default_storage, prefix)
    if unsettled:
        empty_database_log()
    stuck = Handover.objects.filter(
        erasure__isnull=False, status=Handover.FAILED, finished_at__lt=Now() - REMOTE_PATIENCE
    )
    for handover in stuck:
        handover.requeue(frozenset({Handover.FAILED}))
    Erasure.objects.all().note_remote_end()
    Erasure.objects.all().settle()
    return len(unsettled)
