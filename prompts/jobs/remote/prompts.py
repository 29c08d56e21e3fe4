"""Pictures that a service makes: asked for, fetched one by one, and what is missing in words."""

from __future__ import annotations

from prompts.engines.astria.downloads import PictureMissing, download_picture
from prompts.engines.base import Picture, seed_of
from prompts.engines.errors import EngineError, Gone
from prompts.engines.handoff import PromptOrder, PromptReport, RemoteState
from prompts.flows.prompts import finish_prompt, publish_prompt
from prompts.flows.remote import handed_over_tunes
from prompts.flows.results import keep_picture
from prompts.flows.tunes import expire_tune
from prompts.models import Handover, Prompt

from ..control import LeaseLost
from ..sources import read_if_given
from .steps import Step, pace


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
                seed_of(seed, index),
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
