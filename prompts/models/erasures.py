"""Erasures: receipts for what was erased for good."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.urls import reverse

from .base import PublicModel
from .handovers import Handover
from .teams import Team

#: For so long files that a slow or killed process may still bring back are deleted again.
SETTLES_AFTER = dt.timedelta(days=1)


class ErasureQuerySet(models.QuerySet["Erasure"]):
    """Erasures by what is still to be done about them."""

    def unsettled(self) -> Self:
        return self.filter(settled_at=None)

    def settle(self) -> int:
        """Those whose files nobody can bring back any more; forgets where they lay."""
        rows = self.unsettled().filter(created_at__lt=Now() - SETTLES_AFTER)
        return rows.update(settled_at=Now(), prefixes=[])

    def note_remote_end(self) -> int:
        """Those whose last copy at a service is gone; returns how many."""
        left = Handover.objects.filter(erasure=OuterRef("pk")).exclude(status=Handover.DELETED)
        return self.filter(remote_done_at=None).exclude(Exists(left)).update(remote_done_at=Now())


class Erasure(PublicModel):
    """That somebody was erased, and how much: nothing in it tells who it was.

    `public_id` is the receipt's number. `counts` maps a kind ("photos") to how many there were.
    """

    class Kind(models.TextChoices):
        PERSON = "person", "A person in pictures"
        ACCOUNT = "account", "An account"
        TEAM = "team", "A team"

    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, related_name="erasures")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    counts = models.JSONField(default=dict)
    #: Folders that are deleted again until the erasure has settled; random ids, no names.
    prefixes = models.JSONField(default=list, editable=False)
    settled_at = models.DateTimeField(null=True, editable=False)
    #: How many objects at a service were to be deleted there as well.
    remote_copies = models.PositiveIntegerField(default=0)
    remote_done_at = models.DateTimeField(null=True, editable=False)

    objects = ErasureQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["team", "-id"], name="erasure_by_team"),
            models.Index(
                fields=["id"], condition=models.Q(settled_at=None), name="erasure_unsettled"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("erasure_receipt", args=[self.public_id])

    @property
    def number(self) -> str:
        """The receipt's number as people read it: "abcd-efgh-jkmn-pqrs"."""
        return "-".join(self.public_id[i : i + 4] for i in range(0, len(self.public_id), 4))

    def add(
        self, counts: Mapping[str, int], *, prefixes: Iterable[str] = (), remote_copies: int = 0
    ) -> None:
        """Enters more that was erased; whoever else may write the row must be kept out."""
        for kind, number in counts.items():
            self.counts[kind] = self.counts.get(kind, 0) + number
        self.prefixes += [prefix for prefix in prefixes if prefix not in self.prefixes]
        self.remote_copies += remote_copies
        self.save(update_fields=["counts", "prefixes", "remote_copies"])

    def note_files(self, files: int, *, prefixes: Iterable[str] = ()) -> None:
        """Enters deleted files, however many processes delete some."""
        with transaction.atomic():
            row = Erasure.objects.select_for_update(no_key=True).get(pk=self.pk)
            row.add({"files": files} if files else {}, prefixes=prefixes)

    @property
    def remote_left(self) -> int:
        """How many copies at a service are not known to be deleted yet."""
        if self.remote_done_at or not self.remote_copies:
            return 0
        return self.handovers.exclude(status=Handover.DELETED).count()
