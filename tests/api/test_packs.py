"""Packs and themes through the gateway."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from prompts.flows.packs import fill_placeholders
from prompts.models import Pack, Prompt, PromptStatus, Shoot, Team, Tune, User
from tests import factories
from tests.factories import ApiClient, jpeg_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def tune(team: Team, alice: User) -> Tune:
    return factories.create_tune(team=team, owner=alice, characteristics={"eye_color": "green"})


def data_urls() -> list[str]:
    pictures = (jpeg_bytes(color=f"#{n}{n}6644") for n in range(4))
    return [f"data:image/jpeg;base64,{base64.b64encode(data).decode()}" for data in pictures]


def post_json(api: ApiClient, url: str, body: Any) -> Any:
    return api.post(url, json.dumps(body), "application/json")


def test_built_in_packs_are_listed_with_their_templates(alice_api: ApiClient) -> None:
    listed = alice_api.get("/api/packs").json()
    assert {pack["slug"] for pack in listed} >= {"corporate-headshots", "portraits"}
    pack = alice_api.get("/api/p/corporate-headshots.json").json()
    assert pack in listed
    assert alice_api.get(f"/api/p/{pack['id']}").json() == pack
    assert len(pack["template_prompts"]) == 5
    assert "ohwx man" in pack["template_prompts"][0]["text"]
    assert pack["costs"]["woman"] == {"cost": 0, "cost_mc": 0, "num_images": 20}
    assert [p["id"] for p in pack["prompts_per_class"]["man"]] == [
        p["id"] for p in pack["template_prompts"]
    ]
    assert alice_api.get("/api/gallery/packs").json() == listed
    assert alice_api.get("/api/p/nothing").status_code == 404


def test_a_pack_runs_on_tunes_that_are_there(
    alice_api: ApiClient, alice: User, team: Team, tune: Tune
) -> None:
    other = factories.create_tune(team=team, owner=alice, title="Bob", name="man", token="sks")
    body = {
        "tune": {
            "tune_ids": [tune.pk, other.pk],
            "prompt_attributes": {"num_images": 1, "seed": 5},
            "prompts_callback": "https://example.com/done",
        }
    }
    response = post_json(alice_api, "/api/p/corporate-headshots/tunes", body)
    assert response.status_code == 201, response.content
    answer = response.json()
    assert answer["order"]["tune_ids"] == [tune.pk, other.pk]
    prompts = Prompt.objects.filter(pk__in=answer["prompt_ids"])
    assert prompts.count() == 10
    assert {(p.num_images, p.parameters["seed"]) for p in prompts} == {(1, 5)}
    assert all("sks man" in p.text for p in prompts.filter(tune=other))
    shoot = Shoot.objects.get(pk=answer["order"]["id"])
    assert (shoot.pack.slug, shoot.prompts_callback) == (
        "corporate-headshots",
        "https://example.com/done",
    )
    listed = alice_api.get(f"/api/prompts?order_id={shoot.pk}&limit=100").json()
    assert [p["id"] for p in listed] == sorted(answer["prompt_ids"], reverse=True)
    assert {p["order_id"] for p in listed} == {shoot.pk}
    assert {p["base_pack_id"] for p in listed} == {shoot.pack_id}


def test_templates_can_be_picked(alice_api: ApiClient, tune: Tune) -> None:
    pack = alice_api.get("/api/p/corporate-headshots").json()
    chosen = [pack["template_prompts"][n]["id"] for n in (0, 2)]
    data = {"tune[tune_ids][]": [tune.pk], "tune[prompt_ids][]": chosen}
    answer = alice_api.post("/api/p/corporate-headshots/tunes", data).json()
    assert len(answer["prompt_ids"]) == 2
    data["tune[prompt_ids][]"] = [10**9]
    refused = alice_api.post("/api/p/corporate-headshots/tunes", data)
    assert (refused.status_code, list(refused.json())) == (422, ["prompt_ids"])


def test_a_pack_runs_on_a_person_who_comes_with_it(alice_api: ApiClient) -> None:
    photos = [
        SimpleUploadedFile(f"{n}.jpg", jpeg_bytes(color=f"#{n}{n}6644"), "image/jpeg")
        for n in range(4)
    ]
    data = {"tune[title]": "Ada", "tune[name]": "woman", "tune[images][]": photos}
    answer = alice_api.post("/api/p/portraits/tunes", data).json()
    tune = Tune.objects.get(pk=answer["id"])
    assert answer["order"]["tune_ids"] == [tune.pk]
    assert tune.prompts.count() == len(answer["prompt_ids"]) == 5
    assert not Prompt.objects.runnable().exists()
    assert tune.consent.text


def test_photos_may_stand_beside_the_person(alice_api: ApiClient) -> None:
    body = {"tune": {"title": "Ada", "name": "woman"}, "images": data_urls()}
    answer = post_json(alice_api, "/api/p/portraits/tunes", body)
    assert answer.status_code == 201, answer.content
    assert len(answer.json()["orig_images"]) == 4


def test_a_pack_runs_once_on_a_person_where_the_team_wants_nothing_twice(
    alice_api: ApiClient, team: Team
) -> None:
    body = {"tune": {"title": "Ada", "name": "woman", "images": data_urls()}}

    def run(slug: str) -> Any:
        answer = post_json(alice_api, f"/api/p/{slug}/tunes", body)
        assert answer.status_code == 201, answer.content
        return answer.json()

    assert run("portraits")["id"] != run("portraits")["id"]
    Team.objects.update(api_idempotency=True)
    first = run("portraits")
    assert run("portraits") == first
    other = run("corporate-headshots")
    assert other["id"] == first["id"]
    assert other["order"]["id"] != first["order"]["id"]
    assert (Tune.objects.count(), Shoot.objects.count()) == (2, 3)


def test_overrides_are_checked_and_nothing_is_made(alice_api: ApiClient, tune: Tune) -> None:
    data = {"tune[tune_ids][]": [tune.pk], "tune[prompt_attributes][num_images]": 9}
    response = alice_api.post("/api/p/portraits/tunes", data)
    assert response.status_code == 422
    assert response.json() == {"prompt_attributes.num_images": ["must be less than or equal to 8"]}
    assert not Shoot.objects.exists()


def test_a_team_makes_packs_of_its_prompts(
    alice_api: ApiClient, charlie_api: ApiClient, tune: Tune
) -> None:
    prompt = factories.create_prompt(
        tune=tune, text="ohwx woman by the sea", parameters={"steps": 20, "seed": 7}, num_images=2
    )
    pack = post_json(alice_api, "/api/packs", {"pack": {"title": "Sea", "subtitle": "x"}}).json()
    assert (pack["slug"], pack["template_prompts"]) == ("sea", [])
    body = json.dumps({"prompt": {"pack_id": pack["id"]}})
    changed = alice_api.patch(f"/api/prompts/{prompt.pk}", body, "application/json").json()
    assert changed["pack_id"] == pack["id"]
    [template] = alice_api.get("/api/p/sea").json()["template_prompts"]
    assert (template["text"], template["steps"]) == ("ohwx man by the sea", 20)
    assert "seed" not in template
    assert template["num_images"] == 2
    assert alice_api.get("/api/p/sea").json()["costs"]["man"]["num_images"] == 2
    ran = alice_api.post("/api/p/sea/tunes", {"tune[tune_ids][]": [tune.pk]}).json()
    assert Prompt.objects.get(pk=ran["prompt_ids"][0]).num_images == 2
    assert charlie_api.get("/api/p/sea").status_code == 404
    assert charlie_api.get(f"/api/p/{pack['id']}").status_code == 404
    again = post_json(alice_api, "/api/packs", {"pack": {"title": "Sea"}}).json()
    assert again["slug"] == "sea-2"
    taken = post_json(alice_api, "/api/packs", {"pack": {"title": "S", "slug": "sea"}})
    assert (taken.status_code, taken.json()) == (422, {"slug": ["has already been taken"]})


def test_a_pack_whose_title_is_a_number_is_found_by_its_slug(alice_api: ApiClient) -> None:
    pack = post_json(alice_api, "/api/packs", {"pack": {"title": "2024"}}).json()
    assert pack["slug"] == "pack-2024"
    assert alice_api.get(f"/api/p/{pack['slug']}.json").json()["id"] == pack["id"]
    refused = post_json(alice_api, "/api/packs", {"pack": {"title": "New", "slug": "2024"}})
    assert (refused.status_code, refused.json()) == (422, {"slug": ["must not be a number"]})


def test_built_in_packs_cannot_be_changed(alice_api: ApiClient, tune: Tune) -> None:
    prompt = factories.create_prompt(tune=tune)
    built_in = Pack.objects.get(slug="portraits")
    body = json.dumps({"prompt": {"pack_id": built_in.pk}})
    response = alice_api.patch(f"/api/prompts/{prompt.pk}", body, "application/json")
    assert response.status_code == 403


def texts_of(numbers: list[int]) -> list[str]:
    """The texts of those prompts, in their order."""
    texts = dict(Prompt.objects.filter(pk__in=numbers).values_list("pk", "text"))
    return [texts[number] for number in numbers]


def test_a_theme_is_ten_prompts_for_everybody(alice_api: ApiClient, tune: Tune) -> None:
    data = {"theme[theme]": "a winter market.", "theme[tune_ids][]": [tune.pk]}
    first = alice_api.post("/api/themes", data)
    assert first.status_code == 201, first.content
    texts = texts_of(first.json()["prompt_ids"])
    assert len(set(texts)) == 10
    assert all(text.startswith("ohwx woman, a winter market, ") for text in texts)
    again = alice_api.post("/api/themes", data).json()["prompt_ids"]
    assert texts_of(again) == texts
    assert alice_api.post("/api/themes", {"theme[tune_ids][]": [tune.pk]}).status_code == 422


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("a man with {{eye_color}} eyes, smiling", "a man with green eyes, smiling"),
        ("a man, {{hair_color}} hair, smiling", "a man, smiling"),
        ("a man, {{ eye_color }} eyes", "a man, green eyes"),
        ("{{hair_color}} hair", ""),
    ],
)
def test_placeholders_are_filled_or_their_phrase_is_left_out(text: str, filled: str) -> None:
    assert fill_placeholders(text, {"eye_color": "green"}) == filled


def test_a_shoot_ends_once_when_its_last_prompt_does(alice_api: ApiClient, tune: Tune) -> None:
    data = {"tune[tune_ids][]": [tune.pk]}
    alice_api.post("/api/p/portraits/tunes", data)
    shoot = Shoot.objects.get()
    assert not shoot.end_if_done()
    shoot.prompts.update(status=PromptStatus.COMPLETED)
    assert shoot.end_if_done()
    assert not shoot.end_if_done()
