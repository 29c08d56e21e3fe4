"""The client against the fake Astria and against our own gateway: both must be alike.

The gateway runs in a real server process with a real worker.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from prompts.engines.astria.client import AstriaClient
from prompts.engines.astria.downloads import download_picture
from prompts.engines.astria.encoding import Upload
from prompts.engines.astria.errors import KeyRefused, NotThere, Refused
from prompts.models import User
from tests.astria.server import KEY, FakeAstria
from tests.factories import create_api_key, jpeg_bytes
from tests.processes import Portal, start_server, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

PHOTOS = [Upload(f"photo-{n}.jpg", jpeg_bytes(color=f"#{n}{n}6644")) for n in range(4)]
TUNE = {"title": "Ada", "name": "woman", "branch": "flux1", "model_type": "lora"}


@pytest.fixture
def portal(tmp_path: Path, transactional_db: None) -> Iterator[Portal]:
    """Web and one worker on the test database; its teams use the instant engine."""
    portal = start_server(tmp_path, workers=1)
    yield portal
    portal.stop()


@pytest.fixture(params=["fake", "gateway"])
def client(request: pytest.FixtureRequest, settings: Settings) -> AstriaClient:
    """A client of either."""
    if request.param == "fake":
        astria: FakeAstria = request.getfixturevalue("astria")
        # It knows no Idempotency-Key, but the account's setting.
        astria.options.idempotent = True
        return AstriaClient(astria.url, KEY)
    portal: Portal = request.getfixturevalue("portal")
    alice: User = request.getfixturevalue("alice")
    settings.FETCH_ALLOWED_HOSTS = [portal.url.removeprefix("http://")]
    _, key = create_api_key(user=alice)
    return AstriaClient(f"{portal.url}/api", key)


def a_trained_tune(client: AstriaClient) -> int:
    number = client.create_tune(TUNE, PHOTOS, once="https://portal.example/callbacks/t").id
    wait_until(lambda: client.tune(number).is_trained, "trained")
    return number


def test_our_gateway_tells_the_account_and_refuses_a_wrong_key(
    portal: Portal, alice: User, settings: Settings
) -> None:
    settings.FETCH_ALLOWED_HOSTS = [portal.url.removeprefix("http://")]
    _, key = create_api_key(user=alice)
    assert AstriaClient(f"{portal.url}/api", key).account().email == alice.email
    with pytest.raises(KeyRefused):
        AstriaClient(f"{portal.url}/api", "sd_wrong").account()


def test_a_tune_and_its_prompts_live_their_whole_life(client: AstriaClient) -> None:
    number = a_trained_tune(client)
    assert [tune.id for tune in client.tunes()] == [number]
    assert client.update_tune(number, {"title": "Grace"}).title == "Grace"
    fields = {"text": "ohwx woman, studio", "num_images": 2, "seed": 3, "w": 256, "h": 320}
    prompt = client.create_prompt(number, fields)
    wait_until(lambda: client.prompt(prompt.id).is_done, "done")
    done = client.prompt(prompt.id, number)
    assert (done.text, done.num_images, done.seed) == ("ohwx woman, studio", 2, 3)
    for image in done.images:
        picture = download_picture(image.url, tries=0)
        assert (picture.width, picture.height) == (256, 320)

    again = client.duplicate_prompt(prompt.id, {"text": "ohwx woman, garden"})
    assert (again.text, again.num_images) == ("ohwx woman, garden", 2)
    wait_until(lambda: client.prompt(again.id).is_done, "done")
    assert [p.id for p in client.prompts(number)] == [again.id, prompt.id]
    assert [p.id for p in client.prompts(before_id=again.id)] == [prompt.id]

    client.like(prompt.id)
    assert client.prompt(prompt.id).liked
    client.unlike(prompt.id)
    assert not client.prompt(prompt.id).liked

    client.delete_prompt(again.id)
    client.delete_prompt(prompt.id, number)
    client.delete_tune(number)
    for gone in (lambda: client.prompt(again.id), lambda: client.tune(number)):
        with pytest.raises(NotThere):
            gone()


def test_a_prompt_with_pictures_goes_through_a_form(client: AstriaClient) -> None:
    number = a_trained_tune(client)
    fields = {
        "text": "ohwx woman",
        "num_images": 1,
        "input_image": Upload("input.jpg", jpeg_bytes()),
        "denoising_strength": 0.4,
        "film_grain": True,
        "controlnet": "pose",
    }
    prompt = client.create_prompt(number, fields)
    wait_until(lambda: client.prompt(prompt.id).is_done, "done")


def test_a_repeated_order_makes_nothing_twice(client: AstriaClient) -> None:
    number = a_trained_tune(client)
    callback = "https://portal.example/callbacks/prompts/1"
    fields = {"text": "ohwx woman", "callback": callback}
    one, two = (client.create_prompt(number, fields, once=callback) for _ in range(2))
    assert one.id == two.id
    found = client.find_prompt(number, callback)
    assert found is not None and found.id == one.id
    assert len(client.prompts(number)) == 1


def test_what_is_wrong_is_told_field_by_field(client: AstriaClient) -> None:
    with pytest.raises(Refused) as caught:
        client.create_tune(TUNE)
    assert "images" in caught.value.fields
    with pytest.raises(Refused) as caught:
        client.create_prompt(a_trained_tune(client), {"text": "", "num_images": 9})
    assert {"text", "num_images"} <= set(caught.value.fields)


def test_a_tune_that_fails_says_so(client: AstriaClient) -> None:
    number = a_trained_tune(client)
    prompt = client.create_prompt(number, {"text": "fail: no such thing, ohwx woman"})
    wait_until(lambda: client.prompt(prompt.id).is_failed, "failed")
    assert client.prompt(prompt.id).user_error == "no such thing"


def test_a_photo_is_inspected(client: AstriaClient) -> None:
    assert isinstance(client.inspect("woman", PHOTOS[0]), dict)


def test_models_and_packs_are_listed(client: AstriaClient) -> None:
    assert isinstance(client.gallery_tunes(), list)
    assert isinstance(client.packs(), list)
    assert isinstance(client.gallery_packs(), list)
