"""The examples of the reference run as they stand, in all three languages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from prompts.api.reference.examples import LANGUAGES, samples
from prompts.api.reference.resources import operations
from prompts.api.reference.tables import Operation
from prompts.models import PromptStatus, Team, TuneStatus, User
from tests import factories
from tests.processes import Portal, start_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

COMMANDS = {
    "curl": ["sh", "-ec"],
    "python": [sys.executable, "-c"],
    "javascript": ["node", "--input-type=module", "-e"],
}


@pytest.fixture
def portal(tmp_path: Path, transactional_db: None) -> Iterator[Portal]:
    portal = start_server(tmp_path, workers=0, API_WRITES_PER_MINUTE="0")
    yield portal
    portal.stop()


def with_real_objects(operation: Operation, alice: User, team: Team) -> Operation:
    """The same operation on objects of Alice that exist, made for it alone."""
    tune = factories.create_tune(team=team, owner=alice, status=TuneStatus.TRAINED, photos=4)
    # A prompt that has ended, or has pictures, can no longer be changed.
    status = PromptStatus.QUEUED if operation.method == "PATCH" else PromptStatus.COMPLETED
    prompt = factories.create_prompt(tune=tune, status=status)
    if prompt.status == PromptStatus.COMPLETED:
        factories.create_image(prompt=prompt)
    first = operation.route().split("/")[1]
    ids: dict[str, Any] = {"tunes": tune.pk, "prompts": prompt.pk, "workspaces": team.pk}
    values: dict[str, Any] = dict(operation.path_values or {})
    if "id" in values:
        values["id"] = prompt.pk if "tune_id" in values else ids.get(first, values["id"])
    if "tune_id" in values:
        values["tune_id"] = tune.pk
    example = tuple((n, str(tune.pk) if "tune_id" in n else v) for n, v in operation.example)
    return replace(operation, path_values=values, example=example)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_runs(
    language: str, portal: Portal, alice: User, team: Team, tmp_path: Path
) -> None:
    program = COMMANDS[language][0]
    if shutil.which(program) is None and not os.environ.get("REQUIRE_EVERYTHING"):
        pytest.skip(f"{program} is not installed")
    for number in range(1, 5):
        photo = factories.jpeg_bytes(color=f"#{number}{number}6644", size=(640, 800))
        (tmp_path / f"photo-{number}.jpg").write_bytes(photo)
    _, key = factories.create_api_key(user=alice, team=team)
    for operation in operations():
        real = with_real_objects(operation, alice, team)
        sample = next(s for s in samples(real, portal.url) if s.language == language)
        ran = subprocess.run(
            [*COMMANDS[language], sample.code],
            cwd=tmp_path,
            env={**os.environ, "API_KEY": key},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ran.returncode == 0, (operation.id, sample.code, ran.stderr)
        answer = json.loads(ran.stdout) if ran.stdout.strip() else {}
        assert isinstance(answer, list) or "error" not in answer, (operation.id, ran.stdout)
