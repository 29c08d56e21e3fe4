"""The line of jobs: who asks, and who is served."""

from __future__ import annotations

from prompts.flows.prompts import submit_prompt
from prompts.jobs.worker import Queue
from prompts.models import Prompt, Team, Tune, TuneStatus, User
from tests import factories


def ask(tune: Tune, author: User | None, text: str = "portrait") -> Prompt:
    return submit_prompt(tune=tune, author=author, text=text, parameters={}, num_images=1)


def serve(queue: Queue) -> Prompt | Tune | None:
    """Claims the next job and has it done at once."""
    job = queue.claim()
    if job is not None:
        job.finish()
    return job


def served(queue: Queue, count: int) -> list[str]:
    """Whose jobs are served next."""
    jobs = (serve(queue) for _ in range(count))
    return [whose(job) for job in jobs if job]


def whose(job: Prompt | Tune) -> str:
    """The member's first letter."""
    return str(job.author if isinstance(job, Prompt) else job.owner)[0]


def draft(team: Team, owner: User) -> Tune:
    return factories.create_tune(team=team, owner=owner, status=TuneStatus.DRAFT)
