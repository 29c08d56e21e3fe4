"""Ways to use something up, and what is stored then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse

from prompts.flows.prompts import submit_prompt
from prompts.jobs.worker import Worker
from prompts.models import Prompt, Tune
from tests.test_tunes import WHO


def ask(tune: Tune, count: int = 1, text: str = "ohwx woman") -> Prompt:
    return submit_prompt(tune=tune, author=tune.owner, text=text, parameters={}, num_images=count)


def work() -> None:
    worker = Worker()
    while worker.run_next():
        pass


def create_draft(client: Client) -> Tune:
    assert client.post(reverse("tune_new"), WHO, headers={"X-Draft": "1"}).status_code == 201
    return Tune.objects.latest("pk")


def submit(client: Client, tune: Tune, count: int, **headers: str) -> Any:
    data = {"text": "headshot of ohwx woman", "num_images": count}
    return client.post(reverse("prompt_list", args=[tune.public_id]), data, headers=headers)


def files_in(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}
