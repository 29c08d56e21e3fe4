"""Callbacks are hints: who may give one, what is stored of it, and what it does."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from prompts import callbacks, spool
from prompts.callbacks import MAX_BYTES, claimed_id, replay_spooled
from prompts.models import Handover, Prompt, PromptStatus, Team, User
from tests.factories import create_prompt, create_tune

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def prompt(team: Team, alice: User) -> Prompt:
    """Handed over, to be looked at in an hour."""
    return create_prompt(
        tune=create_tune(team=team, owner=alice),
        status=PromptStatus.PROCESSING,
        run_after=timezone.now() + HOUR,
    )


@pytest.fixture
def handover(prompt: Prompt) -> Handover:
    row = Handover.of(prompt, "https://portal.example")
    row.note(remote_id=7, sent_at=timezone.now())
    return row


@pytest.fixture
def spool_folder(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path / "spool"


def path_of(handover: Handover) -> str:
    return handover.callback.removeprefix("https://portal.example")


def post(path: str, body: Any = None, **headers: str) -> int:
    data = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return Client().post(path, data, content_type="application/json", headers=headers).status_code


def is_due(prompt: Prompt) -> bool:
    return Prompt.objects.runnable().filter(pk=prompt.pk).exists()


@pytest.mark.parametrize(
    "body", [{"prompt": {"id": 7}}, {"id": 7}, [{"id": 7}], {"id": "7"}, {}, [], {"prompt": None}]
)
def test_every_shape_of_body_is_a_hint(prompt: Prompt, handover: Handover, body: Any) -> None:
    assert not is_due(prompt)
    assert post(path_of(handover), body) == 200
    assert is_due(prompt)


def test_a_forged_token_is_404_and_stores_nothing(
    prompt: Prompt, handover: Handover, spool_folder: Path
) -> None:
    before = Handover.objects.values().get(), Prompt.objects.values().get()
    assert post("/callbacks/prompt/" + "x" * 43 + "/", {"prompt": {"id": 7}}) == 404
    assert post(path_of(handover).replace("/prompt/", "/tune/"), {"id": 7}) == 404
    assert post(path_of(handover).replace("/prompt/", "/other/"), {"id": 7}) == 404
    assert (Handover.objects.values().get(), Prompt.objects.values().get()) == before
    assert not spool_folder.exists()


def test_the_right_token_with_a_wrong_id_is_not_believed(
    prompt: Prompt, handover: Handover
) -> None:
    assert post(path_of(handover), {"prompt": {"id": 666, "images": ["http://evil/"]}}) == 200
    handover.refresh_from_db()
    assert (handover.remote_id, handover.hinted_id) == (7, None)
    assert is_due(prompt), "the service is asked what is true"


def test_an_id_is_a_hint_only_while_none_is_known(prompt: Prompt, handover: Handover) -> None:
    handover.note(remote_id=None)
    assert post(path_of(handover), {"prompt": {"id": 12}}) == 200
    handover.refresh_from_db()
    assert (handover.remote_id, handover.hinted_id) == (None, 12)


def test_a_second_one_changes_nothing(prompt: Prompt, handover: Handover) -> None:
    post(path_of(handover), {})
    before = Handover.objects.values().get(), Prompt.objects.values().get()
    assert post(path_of(handover), {}) == 200
    assert (Handover.objects.values().get(), Prompt.objects.values().get()) == before


@pytest.mark.parametrize("status", set(PromptStatus) - {PromptStatus.PROCESSING})
def test_one_for_a_prompt_that_has_ended_changes_nothing(
    prompt: Prompt, handover: Handover, status: PromptStatus
) -> None:
    Prompt.objects.update(status=status)
    before = Prompt.objects.values().get()
    assert post(path_of(handover), {"prompt": {"id": 7}}) == 200
    assert Prompt.objects.values().get() == before


def test_one_for_a_deleted_prompt_is_discarded(prompt: Prompt, handover: Handover) -> None:
    prompt.delete()
    assert post(path_of(handover), {"prompt": {"id": 7}}) == 200
    assert not Prompt.objects.exists()
    assert Handover.objects.get().called_back_at is None


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"7", b'"text"', b"null", b"[" * 10_000])
def test_what_is_no_json_object_is_400(prompt: Prompt, handover: Handover, body: bytes) -> None:
    assert post(path_of(handover), body) == 400
    assert not is_due(prompt)


def test_a_body_over_1_mib_is_413(prompt: Prompt, handover: Handover) -> None:
    padding = "x" * (MAX_BYTES - 20)
    assert post(path_of(handover), {"a": padding}) == 200
    assert post(path_of(handover), {"a": padding + "x" * 20}) == 413
    assert post(path_of(handover), b" " * (10 * 2**20)) == 413


def test_only_post_is_answered_and_no_session_or_csrf_token_is_needed(handover: Handover) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.get(path_of(handover)).status_code == 405
    answer = client.post(path_of(handover), "{}", content_type="application/json")
    assert answer.status_code == 200
    assert not answer.cookies


def test_while_the_database_is_locked_the_hint_waits_in_a_file(
    prompt: Prompt, handover: Handover, spool_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: Any) -> bool:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(callbacks, "take_hint", locked)
        assert post(path_of(handover), {"prompt": {"id": 7}}) == 200
        with pytest.raises(OperationalError):
            replay_spooled()
    files = list(spool_folder.iterdir())
    assert len(files) == 1 and files[0].stat().st_mode & 0o077 == 0
    assert not is_due(prompt)
    assert replay_spooled() == 1
    assert is_due(prompt)
    assert list(spool_folder.iterdir()) == []


def test_the_spool_has_an_end(spool_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "MAX_FILES", 2)
    assert [spool.keep({}) for _ in range(3)] == [True, True, False]


def test_damaged_files_of_the_spool_are_dropped(spool_folder: Path) -> None:
    spool.keep({"kind": "prompt", "token": "unknown", "id": None})
    (spool_folder / "0.json").write_text("{")
    assert replay_spooled() == 1
    assert list(spool_folder.iterdir()) == []


@pytest.mark.parametrize("number", [0, -1, 2**63, True, 1.5, "1e3", "9" * 30, [], {}])
def test_ids_that_no_service_has_are_none(number: Any) -> None:
    assert claimed_id("prompt", json.dumps({"prompt": {"id": number}}).encode()) is None


def test_the_same_object_has_one_address_however_often_it_is_asked_for(prompt: Prompt) -> None:
    addresses = {Handover.of(prompt, f"https://{n}.example").callback for n in range(3)}
    assert len(addresses) == 1
    token = addresses.pop().split("/")[-2]
    assert len(token) == 43


def test_two_objects_never_share_an_address(team: Team, alice: User) -> None:
    tune = create_tune(team=team, owner=alice)
    rows = [Handover.of(job, "") for job in (tune, create_prompt(tune=tune))]
    assert all(a.callback != b.callback for a, b in itertools.combinations(rows, 2))
    assert all(row.callback.startswith("https://callbacks.invalid/") for row in rows)
