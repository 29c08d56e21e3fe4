"""A team that works with the fake Astria, and the worker's steps one by one."""

from __future__ import annotations

import time
from typing import Any

from prompts.jobs.worker import Worker
from prompts.models import AstriaAccount, Handover, Prompt, Team, Tune, TuneStatus, User
from tests.astria.server import KEY, FakeAstria
from tests.factories import create_prompt, create_tune

#: What the portal says its address is; nothing listens there.
PUBLIC = "http://portal.test"


def connect_team(team: Team, astria: FakeAstria, **fields: Any) -> AstriaAccount:
    """The team works at the fake Astria from now on."""
    Team.objects.filter(pk=team.pk).update(engine="astria")
    team.refresh_from_db()
    values = {"key": KEY, "base_url": astria.url, "callback_base": PUBLIC} | fields
    return AstriaAccount.objects.create(team=team, **values)


def queued_tune(team: Team, owner: User, **fields: Any) -> Tune:
    """Photos are there, training has been asked for."""
    values = {"status": TuneStatus.QUEUED, "photos": 4} | fields
    return create_tune(team=team, owner=owner, **values)


def work(seconds: float = 20, *, until_idle: bool = True) -> None:
    """One worker does what is due, until nothing is open any more, or else for that long."""
    worker = Worker()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not worker.run_next():
            if not until_idle or not something_is_open():
                return
            time.sleep(0.002)
    if until_idle:
        still = Prompt.objects.open().values_list("pk", "status", "error")
        raise AssertionError(f"still open: {list(still[:10])}")


def something_is_open() -> bool:
    """Whether anything waits, runs, or is to be deleted at Astria."""
    return (
        Prompt.objects.open().exists()
        or Tune.objects.filter(status__in=("queued", "training")).exists()
        or Handover.objects.filter(tune=None, prompt=None)
        .exclude(status__in=("deleted", "stuck"))
        .exists()
    )


def trained_tune(team: Team, owner: User, **fields: Any) -> Tune:
    """A tune that the fake Astria has trained."""
    tune = queued_tune(team, owner, **fields)
    work()
    tune.refresh_from_db()
    assert tune.is_trained, tune.error
    return tune


def prompt_of(tune: Tune, **fields: Any) -> Prompt:
    """A queued prompt."""
    return create_prompt(tune=tune, **({"num_images": 2} | fields))


def refreshed(prompt: Prompt) -> Prompt:
    prompt.refresh_from_db()
    return prompt
