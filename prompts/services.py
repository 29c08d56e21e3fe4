"""What pages tell of the service that works for a prompt: is it there, when was it last heard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from prompts.engines.registry import get_engine, hands_over
from prompts.models import AstriaAccount, Handover, Prompt


@dataclass(frozen=True)
class ServiceState:
    """Of one open prompt; `down_since` is the account's, `topic` tells when it changes."""

    label: str
    topic: str
    down_since: dt.datetime | None
    heard_at: dt.datetime | None


def service_states(prompts: Iterable[Prompt]) -> dict[int, ServiceState]:
    """By prompt, for the open ones that a service makes: two queries, however many."""
    waiting = [prompt for prompt in prompts if prompt.is_open and hands_over(prompt.engine)]
    if not waiting:
        return {}
    teams = {prompt.team_id for prompt in waiting}
    down = dict(AstriaAccount.objects.filter(team__in=teams).values_list("team_id", "down_since"))
    rows = Handover.objects.filter(prompt__in=waiting)
    heard = dict(rows.values_list("prompt_id", "heard_at"))
    return {
        prompt.pk: ServiceState(
            label=get_engine(prompt.engine).label,
            topic=f"engine-{prompt.tune.team.public_id}",
            down_since=down.get(prompt.team_id),
            heard_at=heard.get(prompt.pk),
        )
        for prompt in waiting
    }
