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
from prompts.engines.astria.downloads import PictureMissing, download_picture
from prompts.engines.base import Picture
from prompts.engines.errors import EngineError, Gone
from prompts.engines.handoff import (
    Action,
    PromptOrder,
    PromptReport,
    RemoteState,
    TuneOrder,
    TuneReport,
)
from prompts.engines.registry import get_handoff_engine
from prompts.flows.prompts import finish_prompt, keep_picture, publish_prompt
from prompts.flows.remote import account_of, handed_over_tunes, publish_engine, resume_waiting
from prompts.flows.tunes import expire_tune, finish_training, publish_tune
from prompts.models import Handover, Prompt, Tune

from .control import Control, LeaseLost
from .sources import read_if_given, sources

SEEDS = 2**32
WAITING_WORDS = "{engine} cannot be reached."
SENT_WORDS = "Sent to {engine}"
SEARCH_WORDS = "Finding out whether {engine} has received it"


def run_remote(job: Prompt | Tune, control: Control) -> None:
    """One step. Raises EngineError when the job has failed, Interrupted when it is not ours."""
    step = PromptStep(job, control) if isinstance(job, Prompt) else TuneStep(job, control)
    step.run()


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
            return self._wait(pace(random.uniform(20, 40)), self._words(WAITING_WORDS))  # noqa: S311
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
                waiting = random.uniform(1, 3) * settings.REMOTE_LOOK_INTERVAL  # noqa: S311
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


class TuneStep(Step):
    """Training."""

    job: Tune

    def _publish(self) -> None:
        publish_tune(self.job)

    def _order(self) -> TuneOrder:
        tune = self.job
        return TuneOrder(
            # The number tells the tunes of people with the same name apart, and tries of one tune.
            title=f"{tune.title} {self.handover.pk}",
            class_name=tune.name,
            token=tune.token,
            photos=sources(tune.photos.usable()),
            callback=self.handover.callback,
            branch=tune.branch,
            parameters=tune.parameters,
            characteristics=tune.characteristics,
        )

    def _submit(self, order: TuneOrder) -> TuneReport:
        return self.engine.submit_tune(self.account, order)

    def _find(self) -> TuneReport | None:
        return self.engine.find_tune(self.account, self.handover.callback)

    def _fetch(self, number: int) -> TuneReport:
        return self.engine.fetch_tune(self.account, number)

    def _take_in(self, report: TuneReport) -> None:
        if report.state is RemoteState.FAILED:
            self._fail_for_good(report.error or f"{self.engine.label} could not train this.")
        if report.state is RemoteState.OPEN:
            step = f"Training at {self.engine.label}"
            return self._look_later(progress=report.progress or 0.0, step=step)
        characteristics = dict(report.characteristics) | self.job.characteristics
        if not finish_training(
            self.job,
            training_data=self._sent(),
            characteristics=characteristics,
            expires_at=report.expires_at,
        ):
            raise LeaseLost


class PromptStep(Step):
    """Pictures."""

    job: Prompt

    def _publish(self) -> None:
        publish_prompt(self.job)

    @property
    def _tune_id(self) -> int:
        """The service's id of the tune, kept on the prompt's row so that it outlives the tune."""
        number = self.handover.remote_tune_id
        if number is None:
            tune = Handover.objects.filter(tune=self.job.tune).first()
            number = None if tune is None else tune.remote_id
            if number is None:
                raise EngineError(
                    f"{self.job.tune.title} is not trained at {self.engine.label}.", retryable=False
                )
            self.handover.note(remote_tune_id=number)
        return number

    def _order(self) -> PromptOrder:
        prompt = self.job
        return PromptOrder(
            tune_id=self._tune_id,
            text=prompt.text,
            num_images=prompt.num_images,
            seed=prompt.base_seed,
            callback=self.handover.callback,
            parameters=prompt.parameters,
            tunes=handed_over_tunes(prompt),
            input_image=read_if_given(prompt.input_image),
            mask_image=read_if_given(prompt.mask_image),
        )

    def _submit(self, order: PromptOrder) -> PromptReport:
        return self.engine.submit_prompt(self.account, order)

    def _find(self) -> PromptReport | None:
        return self.engine.find_prompt(self.account, self._tune_id, self.handover.callback)

    def _fetch(self, number: int) -> PromptReport:
        return self.engine.fetch_prompt(self.account, number, self._tune_id)

    def _give_up(self, error: EngineError) -> None:
        super()._give_up(error)
        if isinstance(error, Gone) and self._tune_is_gone():
            expire_tune(self.job.tune)

    def _tune_is_gone(self) -> bool:
        try:
            self.engine.fetch_tune(self.account, self._tune_id)
        except Gone:
            return True
        except EngineError:
            pass
        return False

    def _take_in(self, report: PromptReport) -> None:
        if report.state is RemoteState.FAILED:
            self._fail_for_good(report.error or f"{self.engine.label} could not make this.")
        if report.state is RemoteState.OPEN:
            return self._look_later(step=f"Developing at {self.engine.label}")
        wait = self._copy(report)
        if wait is None:
            self._finish(report)
        else:
            self._hand_over(pace(wait), step="Fetching the pictures")

    def _copy(self, report: PromptReport) -> float | None:
        """Fetches what is missing; answers in how many seconds to try the rest, or None."""
        present = set(self.job.images.values_list("index", flat=True))
        waits: list[float] = []
        seed = self.job.base_seed if report.seed is None else report.seed
        for index, url in enumerate(report.images[: self.job.num_images]):
            missing = self.handover.pictures.get(str(index), {})
            if index in present or missing.get("final"):
                continue
            self.control.checkpoint()
            try:
                found = download_picture(url, tries=missing.get("tries", 0))
            except PictureMissing as error:
                self._note_missing(index, missing.get("tries", 0) + 1, error)
                waits += [] if error.retry_in is None else [error.retry_in]
                continue
            picture = Picture(
                index,
                found.data,
                found.width,
                found.height,
                (seed + index) % SEEDS,
                recipe=self._sent(),
            )
            if keep_picture(self.job, picture) is None:
                raise LeaseLost
        return min(waits, default=None)

    def _note_missing(self, index: int, tries: int, error: PictureMissing) -> None:
        entry = {"tries": tries, "error": error.message, "final": error.retry_in is None}
        self.handover.note(pictures={**self.handover.pictures, str(index): entry})

    def _finish(self, report: PromptReport) -> None:
        present = set(self.job.images.values_list("index", flat=True))
        words = self._words_for_missing(present, len(report.images))
        if not present:
            raise EngineError(words, retryable=False)
        if not finish_prompt(self.job, remark=words):
            raise LeaseLost

    def _words_for_missing(self, present: set[int], made: int) -> str:
        missing = [index for index in range(self.job.num_images) if index not in present]
        if not missing:
            return ""
        words = [
            f"Picture {index + 1}: {entry['error']}"
            for index in missing
            if (entry := self.handover.pictures.get(str(index)))
        ]
        if made < self.job.num_images:
            words.append(f"{self.engine.label} made {made} of {self.job.num_images} pictures.")
        return " ".join(words)
