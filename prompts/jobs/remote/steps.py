"""Carries an object that is made by a service one step further: send, search, look, or copy.

Each call of `run_remote` is one step of a claimed job. It ends with the job handed over until the
next look, postponed, finished, or failed by an EngineError. Nothing is sent that was not saved
before, and nothing is sent again before a search has shown that it did not arrive.
"""

from __future__ import annotations

import datetime as dt
import random
from abc import ABC, abstractmethod
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from prompts.data_paths import SENT_AT
from prompts.engines.errors import EngineError, Gone
from prompts.engines.handoff import Action
from prompts.engines.registry import get_handoff_engine
from prompts.flows.remote import account_of, publish_engine, resume_waiting
from prompts.models import Handover, Prompt, Tune

from ..control import Control, LeaseLost

WAITING_WORDS = "{engine} cannot be reached."
SEARCH_WORDS = "Finding out whether {engine} has received it"


def pace(seconds: float) -> dt.timedelta:
    """A wait; tests run the same rules faster."""
    return dt.timedelta(seconds=seconds * settings.REMOTE_PACE)


class Step(ABC):
    """What prompts and tunes have in common."""

    def __init__(self, job: Prompt | Tune, control: Control) -> None:
        self.job = job
        self.control = control
        self.engine = get_handoff_engine(job.engine)
        self.row = account_of(job.team)
        self.account = self.row.credentials
        self.handover = Handover.of(job, self.row.public_url)

    def run(self) -> None:
        if not self.row.may_call():
            return self._wait(pace(random.uniform(20, 40)), self._words(WAITING_WORDS))  # noqa: S311 - spreads load
        if not self.handover.callback:
            raise EngineError(
                "The secrets of this portal were sealed with a key that is gone.", retryable=False
            )
        try:
            self._advance()
        except EngineError as error:
            self._after_fault(error)

    def _words(self, template: str) -> str:
        return template.format(engine=self.engine.label)

    def _advance(self) -> None:
        handover = self.handover
        if handover.remote_id is not None:
            if not self._may_look():
                waiting = random.uniform(1, 3) * settings.REMOTE_LOOK_INTERVAL  # noqa: S311 - spreads load
                return self._hand_over(pace(waiting))
            report = self._fetch(handover.remote_id)
        else:
            found = None if handover.sent_at is None else self._search()
            report = found or self._send()
        self.handover.note_heard(remote_id=report.id)
        if self.row.note_heard():
            resume_waiting(self.row)
        self._take_in(report)

    def _may_look(self) -> bool:
        """Looks that a callback has asked for are free; those of the clock have a budget."""
        called, heard = self.handover.called_back_at, self.handover.heard_at
        return (called is not None and (heard is None or called >= heard)) or self.row.may_look()

    def _search(self) -> Any:
        """The object that a request of unknown outcome has made, or None.

        An id from a callback is only where to look first.
        """
        if self.handover.hinted_id is not None:
            try:
                report = self._fetch(self.handover.hinted_id)
            except Gone:
                report = None
            if report is not None and report.callback == self.handover.callback:
                return report
        return self._find()

    def _send(self) -> Any:
        """Sends the order. That it may have been sent is known before it is."""
        order = self._order()
        was_sent = self.handover.sent_at is not None
        self.handover.note(sent_at=Now())
        self.handover.sent_at = timezone.now()
        self.control.check()
        if not self.job.renew_lease():
            raise LeaseLost
        try:
            return self._submit(order)
        except EngineError as error:
            verdict = self.engine.judge(error, self.handover.failures + 1)
            if verdict.action is not Action.SEARCH and not was_sent:
                self.handover.note(sent_at=None)
            raise

    def _after_fault(self, error: EngineError) -> None:
        verdict = self.engine.judge(error, self.handover.note_failure())
        if verdict.is_down:
            if self.row.note_failure():
                publish_engine(self.row.team)
        elif self.row.note_heard():
            resume_waiting(self.row)
        if verdict.action is Action.FAIL:
            self._give_up(error)
            raise EngineError(error.message, retryable=False) from error
        if self.handover.remote_id is None and self.handover.sent_at is not None:
            self._hand_over(pace(verdict.delay), step=self._words(SEARCH_WORDS))
        else:
            self._wait(pace(verdict.delay), error.message)

    def _give_up(self, error: EngineError) -> None:
        """What is to happen beside the failing of the job."""
        if isinstance(error, Gone):
            self.handover.let_go()

    def _wait(self, delay: dt.timedelta, reason: str) -> None:
        """Until later: in the queue what was not sent, and as it is what was."""
        if self.handover.sent_at is not None:
            return self._hand_over(delay, step=reason[:80])
        with transaction.atomic():
            if not self.job.postpone(delay, reason):
                raise LeaseLost
            self._publish()

    def _hand_over(self, delay: dt.timedelta, **fields: Any) -> None:
        with transaction.atomic():
            if not self.job.hand_over(delay, **fields):
                raise LeaseLost
            self._publish()

    def _look_later(self, **fields: Any) -> None:
        looks = self.handover.looks
        self.handover.note(looks=looks + 1)
        self._hand_over(pace(self.engine.next_look(looks)), **fields)

    def _sent(self) -> dict[str, str]:
        """For the recipe: when it was sent."""
        sent_at = self.handover.sent_at
        return {SENT_AT: sent_at.isoformat(timespec="seconds")} if sent_at else {}

    def _fail_for_good(self, reason: str) -> None:
        """The service could not do it: another try will be another object."""
        self.handover.let_go()
        raise EngineError(reason, retryable=False)

    @abstractmethod
    def _publish(self) -> None: ...

    @abstractmethod
    def _order(self) -> Any: ...

    @abstractmethod
    def _submit(self, order: Any) -> Any: ...

    @abstractmethod
    def _find(self) -> Any: ...

    @abstractmethod
    def _fetch(self, number: int) -> Any: ...

    @abstractmethod
    def _take_in(self, report: Any) -> None: ...
