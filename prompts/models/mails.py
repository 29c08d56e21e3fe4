"""Mails that we owe to people, one row each."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from prompts.vault import SealedField

from .base import PublicModel
from .jobs import Job, JobQuerySet
from .teams import Team

#: How long a row tells of a mail that has ended.
KEPT = dt.timedelta(days=30)


class MailStatus(models.TextChoices):
    """Forward only."""

    QUEUED = "queued", "waiting"
    SENDING = "sending", "sending"
    SENT = "sent", "sent"
    FAILED = "failed", "failed"


class MailQuerySet(JobQuerySet):
    """The outbox."""

    def outdated(self) -> Self:
        """Mails that ended long ago."""
        return self.filter(finished_at__lt=Now() - KEPT)


class Mail(PublicModel, Job):
    """One mail to one address, and how far sending has come.

    What it says may open doors, so it lies sealed, and is wiped once it is sent or given up.
    """

    WAITING = MailStatus.QUEUED
    RUNNING = MailStatus.SENDING
    FAILED = MailStatus.FAILED
    MAX_ATTEMPTS = 8

    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="mails")
    #: Two mails never share one, so that what is asked for twice is sent once; "" is no key.
    key = models.CharField(max_length=200, blank=True, editable=False)
    to = models.EmailField()
    template = models.CharField(max_length=80)
    subject = models.CharField(max_length=255)
    text = SealedField(blank=True, editable=False)
    html = SealedField(blank=True, editable=False)
    status = models.CharField(max_length=10, choices=MailStatus, default=MailStatus.QUEUED)

    objects = MailQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["status", "id"], name="mail_queue")]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=~models.Q(key=""), name="one_mail_a_key"
            )
        ]

    def __str__(self) -> str:
        return f"{self.template} to {self.to}"

    @property
    def message_id(self) -> str:
        """The same at every attempt: mailboxes show a mail that came twice once."""
        host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
        return f"<{self.public_id}@{host}>"

    @property
    def is_failed(self) -> bool:
        return self.status == MailStatus.FAILED

    def finish(self) -> bool:
        """The mail server has taken it."""
        return self.finish_as(MailStatus.SENT, text="", html="")

    def fail(self, reason: str) -> bool:
        """Given up, for a reason people can read."""
        return self.finish_as(MailStatus.FAILED, error=reason, text="", html="")
