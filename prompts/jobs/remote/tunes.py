"""Training at a service."""

from __future__ import annotations

from prompts.engines.handoff import RemoteState, TuneOrder, TuneReport
from prompts.flows.training import finish_training
from prompts.flows.tunes import publish_tune
from prompts.models import Tune

from ..control import LeaseLost
from ..sources import sources
from .steps import Step


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
