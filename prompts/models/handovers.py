"""What we keep of the tunes and prompts that were handed to a service."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from prompts.vault import SealedField

from .jobs import Job, JobQuerySet
from .prompts import Prompt
from .teams import Team
from .tunes import Tune

#: 256 random bits.
TOKEN_BYTES = 32
#: Stands in the callback of a portal that the service cannot reach. The name is reserved and
#: never resolves (RFC 2606), so the address only serves to find what was sent again.
UNREACHABLE_BASE = "https://callbacks.invalid"


def digest_of(token: str) -> str:
    """What is stored of a token; a look-up by it takes no longer the more characters are right."""
    return hashlib.sha256(token.encode()).hexdigest()


class HandoverQuerySet(JobQuerySet):
    """The queue of what is to be deleted at the service."""

    def runnable(self) -> Self:
        """Those that belong to nothing here any more: deleting the object made them so."""
        orphans = self.filter(tune=None, prompt=None)
        left = orphans.filter(Q(run_after=None) | Q(run_after__lte=Now()), status=Handover.KEPT)
        rows: Self = (super(HandoverQuerySet, orphans).runnable() | left).order_by("id")
        return rows

    def with_token(self, kind: str, token: str) -> Self:
        return self.filter(kind=kind, token_sha256=digest_of(token))

    def let_go(self) -> int:
        """Parts them from their objects, so that they are deleted at the service."""
        return self.update(tune=None, prompt=None, run_after=None)


class Handover(Job):
    """One tune or prompt at a service: how to recognise it there, and what was heard of it.

    Whether it was created is told by two columns: `remote_id` is known; or `sent_at` alone, and
    then it may have been; or neither. As a job the row is the deletion at the service. It outlives
    its object, so that the service's copy can be deleted too and late callbacks are recognised.
    """

    KEPT = "kept"
    WAITING = "unwanted"
    RUNNING = "deleting"
    DELETED = "deleted"
    FAILED = "stuck"
    MAX_ATTEMPTS = 12

    class Kind(models.TextChoices):
        TUNE = "tune"
        PROMPT = "prompt"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="handovers")
    kind = models.CharField(max_length=10, choices=Kind)
    engine = models.CharField(max_length=20)
    tune = models.OneToOneField(
        Tune, on_delete=models.SET_NULL, null=True, blank=True, related_name="handover"
    )
    prompt = models.OneToOneField(
        Prompt, on_delete=models.SET_NULL, null=True, blank=True, related_name="handover"
    )
    #: Set when the person it was made for was erased: it is then tried until it succeeds.
    erasure = models.ForeignKey(
        "Erasure", on_delete=models.SET_NULL, null=True, blank=True, related_name="handovers"
    )
    status = models.CharField(max_length=10, default=KEPT)
    token_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    #: The whole address: saved before it is sent, and the same whenever it is sent again.
    callback = SealedField(editable=False)
    remote_id = models.BigIntegerField(null=True, blank=True)
    #: The service's id of a prompt's tune.
    remote_tune_id = models.BigIntegerField(null=True, blank=True)
    #: An id that a callback claimed; believed only when the service says so too.
    hinted_id = models.BigIntegerField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    called_back_at = models.DateTimeField(null=True, blank=True)
    #: Requests in a row that failed, and looks at the open object.
    failures = models.PositiveSmallIntegerField(default=0)
    looks = models.PositiveSmallIntegerField(default=0)
    #: Index of a picture that could not be fetched → {"tries", "error", "final"}.
    pictures = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(tune=None, prompt=None, status__in=["kept", "unwanted", "deleting"]),
                name="handover_queue",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.remote_id or '?'} at {self.engine}"

    @classmethod
    def of(cls, job: Prompt | Tune, callback_base: str) -> Handover:
        """The row of an object; made and saved when there is none, before anything is sent."""
        kind = cls.Kind.PROMPT if isinstance(job, Prompt) else cls.Kind.TUNE
        token = secrets.token_urlsafe(TOKEN_BYTES)
        row, _ = cls.objects.get_or_create(
            **{kind.value: job},
            defaults={
                "team_id": job.team_id,
                "kind": kind,
                "engine": job.engine,
                "token_sha256": digest_of(token),
                "callback": f"{callback_base or UNREACHABLE_BASE}/callbacks/{kind}/{token}/",
            },
        )
        return row

    @property
    def rows(self) -> models.QuerySet[Any]:
        """This row, for facts about the world: they are true whoever holds the job's lease."""
        return Handover.objects.filter(pk=self.pk)

    def let_go(self) -> None:
        """Parts it from its object; see `HandoverQuerySet.let_go`."""
        Handover.objects.filter(pk=self.pk).let_go()

    def note(self, **fields: Any) -> None:
        """Saves what has been learnt."""
        self.rows.update(**fields)
        for name, value in fields.items():
            if not hasattr(value, "resolve_expression"):
                setattr(self, name, value)

    def note_heard(self, **fields: Any) -> None:
        """The service has answered about it."""
        self.note(heard_at=Now(), failures=0, **fields)

    def note_failure(self) -> int:
        """One more request in a row has failed; answers how many that makes."""
        self.failures += 1
        self.rows.update(failures=F("failures") + 1)
        return self.failures

    def finish(self) -> bool:
        """It is deleted at the service; the row stays a while, to know late callbacks."""
        return self.finish_as(self.DELETED)
