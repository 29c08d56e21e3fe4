"""A team's account at Astria: its key, and how the way there has been lately."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from prompts.engines.handoff import Account
from prompts.vault import SealedField

from .teams import Team

ASTRIA_URL = "https://api.astria.ai"
#: Failures in a row after which Astria counts as down.
BREAKS_AFTER = 3
#: Seconds until Astria is tried again while it is down; doubles each time.
FIRST_PROBE, LONGEST_PROBE = 30.0, 300.0
#: How exactly `heard_at` is kept.
HEARD_PRECISION = dt.timedelta(seconds=5)


def _in(seconds: float) -> Any:
    return Now() + dt.timedelta(seconds=seconds * settings.REMOTE_PACE)


class AstriaAccount(models.Model):
    """The key, sealed; the account's defaults; a circuit breaker and a budget of looks.

    Breaker and budget are single conditional updates on the database's clock, so that any number
    of workers share them.
    """

    class Reach(models.TextChoices):
        """What came of calling our own public address."""

        UNTRIED = "", "not tried yet"
        REACHED = "reached", "reached"
        FAILED = "failed", "not reached"

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="astria_account")
    key = SealedField(editable=False)
    base_url = models.CharField(max_length=200, default=ASTRIA_URL)
    #: Whose account it is, in Astria's words.
    holder = models.CharField(max_length=200, blank=True, editable=False)
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    scheduler = models.CharField(max_length=20, blank=True)
    backend_version = models.CharField(max_length=10, blank=True)
    callback_base = models.CharField(max_length=200, blank=True)
    reach = models.CharField(max_length=10, choices=Reach, blank=True, editable=False)
    reach_words = models.CharField(max_length=300, blank=True, editable=False)
    reach_tried_at = models.DateTimeField(null=True, blank=True, editable=False)
    reach_nonce = models.CharField(max_length=64, blank=True, editable=False)
    heard_at = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    down_since = models.DateTimeField(null=True, blank=True, editable=False)
    retry_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_look_at = models.DateTimeField(null=True, blank=True, editable=False)

    def __str__(self) -> str:
        return f"Astria account of {self.team}"

    @property
    def masked_key(self) -> str:
        """What pages show of the key: enough to tell two apart, too little to use."""
        return f"{self.key[:3]}…{self.key[-4:]}" if len(self.key) >= 16 else "…" * bool(self.key)

    @property
    def public_url(self) -> str:
        """Where Astria may reach this portal; empty when nobody has said."""
        return (self.callback_base or settings.PUBLIC_URL).rstrip("/")

    @property
    def credentials(self) -> Account:
        """The account as engines want it."""
        defaults: dict[str, Any] = {}
        if self.scheduler:
            defaults["scheduler"] = self.scheduler
        if self.backend_version:
            defaults["backend_version"] = self.backend_version
        return Account(base_url=self.base_url, key=self.key, defaults=defaults)

    @property
    def _row(self) -> models.QuerySet[AstriaAccount]:
        return AstriaAccount.objects.filter(pk=self.pk)

    def may_call(self) -> bool:
        """Whether to call now; while Astria is down, one caller a time is let through to probe."""
        if not self._row.exclude(down_since=None).exists():
            return True
        return bool(self._row.filter(retry_at__lte=Now()).update(retry_at=_in(FIRST_PROBE)))

    def may_look(self) -> bool:
        """Takes the next look of the budget: one per `REMOTE_LOOK_INTERVAL` seconds."""
        free = self._row.filter(Q(next_look_at=None) | Q(next_look_at__lte=Now()))
        return bool(free.update(next_look_at=_in(settings.REMOTE_LOOK_INTERVAL)))

    def note_heard(self) -> bool:
        """Astria has answered; True when it had been down until then."""
        was_down = bool(
            self._row.exclude(down_since=None).update(
                down_since=None, retry_at=None, failures=0, heard_at=Now()
            )
        )
        if not was_down:
            stale = Q(heard_at=None) | Q(heard_at__lt=Now() - HEARD_PRECISION) | Q(failures__gt=0)
            self._row.filter(stale).update(heard_at=Now(), failures=0)
        return was_down

    def note_failure(self) -> bool:
        """Astria has not answered, or is in trouble; True when it counts as down since now."""
        self._row.update(failures=F("failures") + 1)
        failures = self._row.values_list("failures", flat=True).first() or 0
        if failures < BREAKS_AFTER:
            return False
        wait = min(FIRST_PROBE * 2.0 ** (failures - BREAKS_AFTER), LONGEST_PROBE)
        went_down = self._row.filter(down_since=None).exists()
        self._row.update(down_since=Coalesce("down_since", Now()), retry_at=_in(wait))
        return went_down
