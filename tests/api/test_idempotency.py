"""A call that is sent again does nothing twice."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from prompts.api.answers import json_answer
from prompts.api.auth import ApiRequest, api
from prompts.api.errors import Invalid
from prompts.api.idempotency import answer_once
from prompts.models import IdempotencyKey, Team, User
from tests.factories import create_api_key
from tests.side_by_side import side_by_side

pytestmark = pytest.mark.django_db
factory = RequestFactory()


@api(methods=["POST"])
def make_team(request: ApiRequest) -> HttpResponse:
    """Makes something and answers about it; told to, it fails on the way."""
    if request.params.get("refuse"):
        raise Invalid({"title": ["can't be blank"]})

    def make() -> Team:
        team = Team.objects.create(name=str(request.params.get("title")))
        if request.params.get("crash"):
            raise RuntimeError
        return team

    return answer_once(request, make, lambda team: {"id": team.pk, "title": team.name})


@api(methods=["POST"])
def like(request: ApiRequest) -> HttpResponse:
    return json_answer({"teams": Team.objects.count()}, 200)


@pytest.fixture
def plain(alice: User) -> str:
    return create_api_key(user=alice)[1]


def post(plain: str, name: str, data: Any, view: Any = make_team, **headers: str) -> HttpResponse:
    headers |= {"Authorization": f"Bearer {plain}", "Idempotency-Key": name}
    response: HttpResponse = view(factory.post("/api/teams", data, headers=headers))
    return response


def made() -> int:
    return Team.objects.filter(name="Made").count()


def test_a_repeated_call_gets_the_same_answer_and_makes_nothing(plain: str) -> None:
    first = post(plain, "a", {"title": "Made"})
    again = post(plain, "a", {"title": "Made"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert made() == 1


def test_json_and_form_of_the_same_call_are_the_same(plain: str) -> None:
    post(plain, "a", {"title": "Made"})
    headers = {"Authorization": f"Bearer {plain}", "Idempotency-Key": "a"}
    request = factory.post(
        "/api/teams.json", '{"title": "Made"}', "application/json", headers=headers
    )
    assert make_team(request).status_code == 201
    assert made() == 1


def test_another_name_and_no_name_make_another(plain: str) -> None:
    for name in ("a", "b", "", ""):
        assert post(plain, name, {"title": "Made"}).status_code == 201
    assert made() == 4


def test_a_name_belongs_to_its_key(plain: str, bob: User) -> None:
    other = create_api_key(user=bob)[1]
    assert post(plain, "a", {"title": "Made"}).status_code == 201
    assert post(other, "a", {"title": "Made"}).status_code == 201
    assert made() == 2


def test_the_same_name_for_another_request_is_422(plain: str) -> None:
    post(plain, "a", {"title": "Made"})
    response = post(plain, "a", {"title": "Other"})
    assert response.status_code == 422
    assert list(json.loads(response.content)) == ["base"]
    other_file = {"title": "Made", "file": SimpleUploadedFile("a.jpg", b"1")}
    assert post(plain, "b", other_file).status_code == 201
    other_file = {"title": "Made", "file": SimpleUploadedFile("a.jpg", b"2")}
    assert post(plain, "b", other_file).status_code == 422
    assert made() == 2


def test_a_refused_call_leaves_its_name_free(plain: str) -> None:
    assert post(plain, "a", {"refuse": "1"}).status_code == 422
    assert post(plain, "a", {"title": "Made"}).status_code == 201


def test_a_failed_call_leaves_its_name_free_and_makes_nothing(plain: str) -> None:
    with pytest.raises(RuntimeError):
        post(plain, "a", {"title": "Made", "crash": "1"})
    assert made() == 0
    assert post(plain, "a", {"title": "Made"}).status_code == 201


def unfinished(plain: str, *, expired: bool) -> IdempotencyKey:
    """A row as a caller leaves it that dies in the middle."""
    post(plain, "a", {"title": "Made"})
    Team.objects.filter(name="Made").delete()
    end = timezone.now() + dt.timedelta(minutes=-1 if expired else 1)
    IdempotencyKey.objects.update(status=None, body="", lease_expires_at=end)
    return IdempotencyKey.objects.get()


def test_a_call_in_progress_is_409(plain: str) -> None:
    unfinished(plain, expired=False)
    response = post(plain, "a", {"title": "Made"})
    assert response.status_code == 409
    assert int(response["Retry-After"]) > 0
    assert made() == 0


def test_a_call_that_died_before_it_made_anything_is_begun_anew(plain: str) -> None:
    unfinished(plain, expired=True)
    assert post(plain, "a", {"title": "Made"}).status_code == 201
    assert post(plain, "a", {"title": "Made"})["Idempotent-Replayed"] == "true"
    assert made() == 1


def test_a_call_that_was_overtaken_makes_nothing(plain: str) -> None:
    @api(methods=["POST"])
    def slow(request: ApiRequest) -> HttpResponse:
        IdempotencyKey.objects.update(fence=7)
        return answer_once(request, lambda: Team.objects.create(name="Made"), lambda team: {})

    assert post(plain, "a", {"title": "Made"}, slow).status_code == 409
    assert made() == 0


def test_answers_of_other_views_are_kept_too(plain: str) -> None:
    first = post(plain, "a", {}, like)
    Team.objects.create(name="Another")
    assert post(plain, "a", {}, like).content == first.content


def test_an_answer_is_kept_for_a_day(plain: str) -> None:
    post(plain, "a", {"title": "Made"})
    IdempotencyKey.objects.update(created_at=timezone.now() - dt.timedelta(hours=23))
    assert IdempotencyKey.objects.outdated().count() == 0
    IdempotencyKey.objects.update(created_at=timezone.now() - dt.timedelta(hours=25))
    assert post(plain, "a", {"title": "Made"}).status_code == 201
    assert made() == 2


@pytest.mark.parametrize("name", ["x" * 256, "a\tb"])
def test_a_name_that_cannot_be_one_is_400(plain: str, name: str) -> None:
    assert post(plain, name, {"title": "Made"}).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_parallel_equal_calls_make_one(plain: str) -> None:
    def work() -> int:
        return post(plain, "a", {"title": "Made"}).status_code

    statuses = side_by_side([work] * 6)
    assert made() == 1
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
