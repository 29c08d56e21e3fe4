"""The request examples of the Astria documentation, run against a real server and worker."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from prompts.models import Prompt, Team, Tune, User
from tests import factories
from tests.processes import Portal, start_server, wait_until

pytestmark = [pytest.mark.django_db(transaction=True)]

EXAMPLES = Path(__file__).parent / "examples"
PROGRAMS = {".sh": ["sh", "-e"], ".js": ["node"], ".py": [sys.executable]}
CALLBACK = "https://optional-callback-url.com/to-your-service-when-ready?prompt_id=1"
#: What the documentation shows of a new prompt.
DOCUMENTED = {
    "id", "callback", "text", "negative_prompt", "cfg_scale", "steps", "seed", "trained_at",
    "started_training_at", "created_at", "updated_at", "tune_id", "url",
}  # fmt: skip


@pytest.fixture
def portal(tmp_path: Path, transactional_db: None) -> Iterator[Portal]:
    portal = start_server(tmp_path, workers=1)
    yield portal
    portal.stop()


@pytest.fixture
def tune(alice: User, team: Team) -> Tune:
    return factories.create_tune(team=team, owner=alice, name="man")


def run(name: str, portal: Portal, key: str, tmp_path: Path, **values: object) -> Any:
    """What the example prints, read as JSON."""
    command = PROGRAMS[Path(name).suffix]
    if shutil.which(command[0]) is None and not os.environ.get("REQUIRE_EVERYTHING"):
        pytest.skip(f"{command[0]} is not installed")
    picture = tmp_path / "input.jpg"
    picture.write_bytes(factories.jpeg_bytes(size=(160, 200)))
    ran = subprocess.run(
        [*command, str(EXAMPLES / name)],
        env={
            **os.environ,
            "API": f"{portal.url}/api",
            "API_KEY": key,
            "CALLBACK": CALLBACK,
            "INPUT_IMAGE": str(picture),
            "NODE_PATH": str(EXAMPLES / "shims"),
            **{name: str(value) for name, value in values.items()},
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize(
    "name",
    ["create_prompt.sh", "create_prompt.js", "create_prompt.py", "create_prompt_and_log.js"],
)
def test_create_a_prompt(
    name: str, portal: Portal, alice: User, tune: Tune, tmp_path: Path
) -> None:
    _, key = factories.create_api_key(user=alice)
    answer = run(name, portal, key, tmp_path, TUNE_ID=tune.pk)
    assert set(answer) >= DOCUMENTED, answer
    assert answer["text"] == "a painting of ohwx man in the style of Van Gogh"
    assert answer["callback"] == CALLBACK
    assert answer["super_resolution"] is True
    assert answer["face_correct"] is True
    assert (answer["tune_id"], answer["cfg_scale"], answer["steps"]) == (tune.pk, None, None)
    assert answer["url"] == f"{portal.url}/api/tunes/{tune.pk}/prompts/{answer['id']}.json"
    assert bool(answer["input_image"]) == name.endswith(".py")


def test_retrieve_a_prompt(portal: Portal, alice: User, tune: Tune, tmp_path: Path) -> None:
    _, key = factories.create_api_key(user=alice)
    created = run("create_prompt.sh", portal, key, tmp_path, TUNE_ID=tune.pk)
    wait_until(lambda: Prompt.objects.get().status == "completed", "the pictures")
    ids = {"TUNE_ID": tune.pk, "PROMPT_ID": created["id"]}
    answer = run("retrieve_prompt.js", portal, key, tmp_path, **ids)
    assert set(answer) >= DOCUMENTED | {"status", "images"}
    assert answer["status"] == "completed"
    assert answer["trained_at"]
    assert answer["started_training_at"]
    for url in answer["images"]:
        picture = requests.get(url, timeout=10)
        assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/jpeg")


def test_create_a_tune_with_data_urls_and_a_prompt_as_json(
    portal: Portal, alice: User, team: Team
) -> None:
    headers = {"Authorization": f"Bearer {factories.create_api_key(user=alice)[1]}"}
    body = json.loads((EXAMPLES / "create_tune.json").read_text())
    body["tune"]["callback"] = CALLBACK
    start = body["images"][0].partition("/9j/")[0]
    body["images"] = [
        start + base64.b64encode(factories.jpeg_bytes(color=f"#{n}{n}8844")).decode()
        for n in range(4)
    ]
    response = requests.post(f"{portal.url}/api/tunes", json=body, headers=headers, timeout=30)
    assert response.status_code == 201, response.text
    tune = response.json()
    assert (tune["steps"], tune["face_crop"], tune["title"]) == (500, True, "Model Title")
    prompt = json.loads((EXAMPLES / "create_prompt.json").read_text())
    response = requests.post(
        f"{portal.url}/api/tunes/{tune['id']}/prompts", json=prompt, headers=headers, timeout=30
    )
    assert response.status_code == 201, response.text
    # Made while the tune is in training: it waits for it.
    wait_until(lambda: Prompt.objects.get().status == "completed", "the pictures")
    url = f"{portal.url}/api/tunes/{tune['id']}"
    assert requests.get(url, headers=headers, timeout=10).json()["trained_at"]
    answer = requests.get(response.json()["url"], headers=headers, timeout=10).json()
    assert len(answer["images"]) == 4


def test_the_documented_mistake_is_answered_as_documented(portal: Portal, alice: User) -> None:
    headers = {"Authorization": f"Bearer {factories.create_api_key(user=alice)[1]}"}
    body = json.loads((EXAMPLES / "create_tune.json").read_text()) | {"images": []}
    body["tune"]["callback"] = CALLBACK
    response = requests.post(f"{portal.url}/api/tunes", json=body, headers=headers, timeout=30)
    assert response.status_code == 422
    assert response.json() == {"images": ["Images must contain at least one image"]}
