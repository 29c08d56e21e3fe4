"""A locked style leaves no room for words of one's own in trigger word and class."""

from __future__ import annotations

import pytest
from django.test import Client

from prompts.engines.studio.words import Prompt as Words
from prompts.jobs.runs import _prompt_request
from prompts.models import Campaign, Preset, Prompt, Team, Tune, User
from prompts.subjects import shared_text, words_in
from tests.factories import ApiClient, create_api_key, create_prompt, create_tune, signed_in

pytestmark = pytest.mark.django_db
LOOK = "corporate headshot of {}, deep blue studio background, soft rim light"


@pytest.fixture
def campaign(team: Team, alice: User) -> Campaign:
    look = Preset.objects.get(slug="corporate-blue")
    return Campaign.objects.create(team=team, preset=look, is_locked=True)


@pytest.mark.parametrize(
    ("token", "class_name", "subject"),
    [
        ("ohwx", "woman", "ohwx woman"),
        ("zwx7", "dog", "zwx7 dog"),
        ("TOK", "man", "TOK man"),
        ("ohwx", "pirate with an eyepatch", "ohwx person"),
        ("ohwx", "style", "ohwx person"),
        ("laughing-pirate", "woman", "ohwx woman"),
        ("laughing_pirate", "woman", "ohwx woman"),
        ("ärger", "woman", "ohwx woman"),
        ("x" * 21, "woman", "ohwx woman"),
        ("Blue", "background", "ohwx person"),
    ],
)
def test_only_known_classes_and_plain_words_count(
    campaign: Campaign, alice: User, token: str, class_name: str, subject: str
) -> None:
    tune = create_tune(team=campaign.team, owner=alice, token=token, name=class_name)
    assert campaign.preset is not None
    assert shared_text(campaign.preset, tune) == LOOK.format(subject)


def free_words(tune: Tune, client: Client) -> None:
    """Writes a text of one's own into class and trigger word, as the page lets one."""
    values = {"title": tune.title, "visibility": "team"}
    values |= {"name": "pirate with an eyepatch", "token": "on-a-ship"}
    assert client.post(f"/tunes/{tune.public_id}/edit/", values).status_code == 302
    tune.refresh_from_db()
    assert tune.subject_words == "on-a-ship pirate with an eyepatch"


def test_the_page_makes_the_plain_text(campaign: Campaign, bob: User) -> None:
    tune, client = create_tune(team=campaign.team, owner=bob), signed_in(bob)
    free_words(tune, client)
    answer = client.post(f"/tunes/{tune.public_id}/prompts/", {"num_images": "1"})
    assert answer.status_code == 302
    assert Prompt.objects.get().text == LOOK.format("ohwx person")


def test_the_gateway_takes_the_plain_text_alone(campaign: Campaign, bob: User) -> None:
    tune = create_tune(team=campaign.team, owner=bob)
    free_words(tune, signed_in(bob))
    _, secret = create_api_key(user=bob, team=campaign.team)

    def post(text: str) -> int:
        values = {"text": text, **campaign.parameters(), "num_images": 1}
        path = f"/api/tunes/{tune.pk}/prompts"
        return ApiClient(secret).post(path, {"prompt": values}, "application/json").status_code

    assert post(LOOK.format(tune.subject_words)) == 403
    assert not Prompt.objects.exists()
    assert post(LOOK.format("ohwx person")) == 201


def test_the_engine_reads_the_words_that_stand_in_the_text(team: Team, alice: User) -> None:
    tune = create_tune(team=team, owner=alice, token="blue", name="background")
    prompt = create_prompt(tune=tune, text=LOOK.format("ohwx person"))
    request = _prompt_request(prompt, [0])
    assert (request.token, request.class_name) == ("ohwx", "person")
    words = Words(request.text, token=request.token, class_name=request.class_name)
    assert "deep blue studio background" in words.text
    own = "portrait of blue, a background"
    assert words_in(own, tune) == ("blue", "background")
