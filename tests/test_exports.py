"""Copies of everything about a person, and about somebody with an account."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.files.storage import default_storage
from django.test import Client

from prompts.models import AuditEntry, Image, Photo, Team, Tune, User
from prompts.storage import read_bytes
from tests.factories import (
    PASSWORD,
    create_album,
    create_api_key,
    create_image,
    create_membership,
    create_prompt,
    create_share,
    create_team,
    create_tune,
    signed_in,
)

pytestmark = pytest.mark.django_db


async def _collected(parts: Any) -> bytes:
    return b"".join([part async for part in parts])


def archive(client: Client, path: str) -> zipfile.ZipFile:
    """What that address sends; every member's checksum is right."""
    response = client.get(path)
    assert response.status_code == 200
    found = zipfile.ZipFile(io.BytesIO(async_to_sync(_collected)(response.streaming_content)))
    assert found.testzip() is None
    return found


@pytest.fixture
def tune(team: Team, alice: User) -> Tune:
    tune = create_tune(team=team, owner=alice, photos=2, title="Ada")
    prompt = create_prompt(tune=tune, text="ohwx woman at the sea", status="completed")
    image = create_image(prompt=prompt)
    create_image(prompt=prompt, index=1, trashed_at="2026-01-01T00:00Z")
    create_album(owner=alice, images=[image], title="Website")
    create_share(author=alice, images=[image], title="For the press")
    return tune


def test_a_persons_copy_has_every_file_and_tells_of_each(tune: Tune, alice: User) -> None:
    found = archive(signed_in(alice), f"/tunes/{tune.public_id}/data.zip")
    data = json.loads(found.read("person.json"))
    for photo, told in zip(Photo.objects.order_by("pk"), data["photos"], strict=True):
        assert found.read(told["file"]) == read_bytes(default_storage, photo.file)
        assert told["original_name"] == photo.original_name
    for image, told in zip(Image.objects.order_by("index"), data["pictures"], strict=True):
        assert found.read(told["file"]) == read_bytes(default_storage, image.file)
        assert (told["seed"], told["in_trash"]) == (image.seed, image.index == 1)
    assert data["consent"]["subject"] == "Ada"
    assert [prompt["text"] for prompt in data["prompts"]] == ["ohwx woman at the sea"]
    assert (data["albums"], data["links"][0]["title"]) == (["Website"], "For the press")
    assert len(found.namelist()) == 1 + 2 + 2


def test_ones_own_copy_has_ones_people_of_all_teams(tune: Tune, alice: User, bob: User) -> None:
    elsewhere = create_team(name="Elsewhere")
    create_membership(team=elsewhere, user=alice)
    create_tune(team=elsewhere, owner=alice, photos=1, title="Ada")
    create_tune(team=tune.team, owner=bob, photos=1, title="Bobs own")
    found = archive(signed_in(alice), "/account/data.zip")
    data = json.loads(found.read("account.json"))
    assert {place["team"] for place in data["teams"]} == {"Acme", "Elsewhere"}
    people = [name for name in found.namelist() if name.endswith("person.json")]
    assert len(people) == 2 and not any("Bobs" in name for name in found.namelist())


def test_what_opens_doors_is_not_in_it(tune: Tune, alice: User) -> None:
    _, secret = create_api_key(user=alice, team=tune.team)
    share = create_share(author=alice, images=list(tune.images.all()[:1]), password="open sesame")
    found = archive(signed_in(alice), "/account/data.zip")
    everything = b"".join(found.read(name) for name in found.namelist())
    for word in (secret, PASSWORD, alice.password, share.password or "open sesame", "sesame"):
        assert word.encode() not in everything


def test_people_of_a_team_that_one_has_left_are_not_in_it(tune: Tune, alice: User) -> None:
    client = signed_in(alice)
    alice.memberships.all().delete()
    found = archive(client, "/account/data.zip")
    assert found.namelist() == ["account.json"]


def test_a_lost_file_is_named_and_the_rest_arrives(tune: Tune, alice: User) -> None:
    photo = tune.photos.first()
    assert photo
    default_storage.delete(photo.file)
    found = archive(signed_in(alice), f"/tunes/{tune.public_id}/data.zip")
    assert "photo-001.jpg" in found.read("Missing.txt").decode()


def test_taking_a_copy_is_in_the_log(tune: Tune, alice: User) -> None:
    signed_in(alice).get(f"/tunes/{tune.public_id}/data.zip")
    signed_in(alice).get("/account/data.zip")
    actions = AuditEntry.objects.filter(action__endswith="exported").order_by("pk")
    assert [e.action for e in actions] == ["tune_exported", "account_exported"]
    assert {e.actor for e in actions} == {alice}
