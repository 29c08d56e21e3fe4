"""Jobs whose object is made by a service: each call carries one a step further."""

from __future__ import annotations

from prompts.models import Prompt, Tune

from ..control import Control
from .prompts import PromptStep
from .tunes import TuneStep


def run_remote(job: Prompt | Tune, control: Control) -> None:
    """One step. Raises EngineError when the job has failed, Interrupted when it is not ours."""
    step = PromptStep(job, control) if isinstance(job, Prompt) else TuneStep(job, control)
    step.run()
