"""Where a team wants equal objects only once, even calls at the same moment make one."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from prompts.models import Pack, Photo, Prompt, Team, Tune, User
from tests import factories
from tests.factories import ApiClient, jpeg_bytes
from tests.side_by_side import side_by_side

pytestmark = pytest.mark.django_db(transaction=True)

CALLS = 4


def test_equal_prompts_at_once_are_one(alice: User, team: Team) -> None:
    Team.objects.update(api_idempotency=True)
    tune = factories.create_tune(team=team, owner=alice)
    _, key = factories.create_api_key(user=alice)

    def call() -> int:
        values = {"prompt[text]": "ohwx", "prompt[callback]": "https://example.com/1"}
        answer = ApiClient(key).post(f"/api/tunes/{tune.pk}/prompts", values)
        return int(answer.json()["id"])

    assert len(set(side_by_side([call] * CALLS))) == 1
    assert Prompt.objects.count() == 1


def test_packs_with_one_title_at_once_get_slugs_of_their_own(alice: User, team: Team) -> None:
    _, key = factories.create_api_key(user=alice)

    def call() -> str:
        answer = ApiClient(key).post("/api/packs", {"pack[title]": "Sea", "pack[public]": "1"})
        assert answer.status_code == 201, answer.content
        return str(answer.json()["slug"])

    assert sorted(side_by_side([call] * CALLS)) == ["sea", "sea-2", "sea-3", "sea-4"]
    assert not Pack.objects.filter(team=team, public_at=None).exists()


def test_equal_titles_at_once_are_one_person(alice: User, team: Team) -> None:
    Team.objects.update(api_idempotency=True)
    _, key = factories.create_api_key(user=alice)
    data = [jpeg_bytes(color=f"#{n}{n}6644") for n in range(1, 5)]

    def call() -> int:
        photos = [SimpleUploadedFile(f"{n}.jpg", d, "image/jpeg") for n, d in enumerate(data)]
        values = {"tune[title]": "Ada", "tune[name]": "woman", "tune[images][]": photos}
        return int(ApiClient(key).post("/api/tunes", values).json()["id"])

    assert len(set(side_by_side([call] * CALLS))) == 1
    assert Tune.objects.count() == 1
    assert Photo.objects.count() == 4
