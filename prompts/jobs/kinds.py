"""Which rows are jobs, in which lane they are done, and how.

Rendering keeps a processor busy; the network lane mostly waits for other machines. Each has its
own loop, so that a slow address never holds a picture up, nor a long queue of pictures a callback.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import QuerySet

from prompts.models import Delivery, Handover, Mail, Prompt, TeamDeletion, Tune
from prompts.models.jobs import Job
from prompts.models.turns import Lane, TurnJob

from .control import Control
from .deliveries import run_delivery
from .mails import run_mail
from .removals import run_removal
from .runs import run_job
from .team_deletions import run_team_deletion


@dataclass(frozen=True)
class JobKind:
    """A model whose rows are jobs.

    `related` is loaded with a job, so that it knows its folder even when somebody deletes its
    owner. Rows of a model with `lane` None go by their engine.
    """

    model: type[Any]
    run: Callable[[Any, Control], None]
    related: tuple[str, ...] = ()
    lane: Lane | None = None

    def is_in(self, lane: Lane | None) -> bool:
        """Whether rows of this kind are done in that lane; every one is in None."""
        return lane is None or self.lane in (None, lane)

    def rows(self, lane: Lane | None) -> QuerySet[Any]:
        """Those of its rows that are done in that lane; None is all of them."""
        rows: Any = self.model.objects.select_related(*self.related)
        is_divided = lane is not None and self.lane is None
        return cast("QuerySet[Any]", rows.in_lane(lane) if is_divided else rows)


KINDS = (
    JobKind(Tune, run_job, ("team", "api_key")),
    JobKind(Prompt, run_job, ("team", "tune__team", "api_key", "shoot")),
    JobKind(Handover, lambda row, _: run_removal(row), ("team",), Lane.NETWORK),
    JobKind(Delivery, run_delivery, ("team", "api_key"), Lane.NETWORK),
    JobKind(Mail, run_mail, (), Lane.NETWORK),
    JobKind(TeamDeletion, run_team_deletion, ("team", "receipt"), Lane.NETWORK),
)


def groups(lane: Lane | None) -> list[tuple[JobKind, ...]]:
    """The kinds of a lane: those whose jobs stand in one line together, the others alone."""
    kinds = [kind for kind in KINDS if kind.is_in(lane)]
    in_line = tuple(kind for kind in kinds if issubclass(kind.model, TurnJob))
    return [in_line, *((kind,) for kind in kinds if kind not in in_line)]


def run(job: Job, control: Control) -> None:
    """Carries out a claimed job of any kind and settles it; raises `DATABASE_AWAY`."""
    kind = next(kind for kind in KINDS if isinstance(job, kind.model))
    kind.run(job, control)
