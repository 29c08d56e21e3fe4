"""Pictures that are fetched from Astria: every way an address can disappoint."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from prompts.engines.astria.client import AstriaClient
from prompts.engines.astria.downloads import MAX_MISSES, PictureMissing, download_picture
from tests.astria.faults import Fault
from tests.astria.server import FakeAstria
from tests.factories import jpeg_bytes
from tests.processes import wait_until

FIELDS = {"title": "Ada", "name": "woman", "image_urls": ["https://example.com/1.jpg"]}


@pytest.fixture
def addresses(client: AstriaClient) -> list[str]:
    """Where the three pictures of a finished prompt lie."""
    tune = client.create_tune(FIELDS)
    prompt = client.create_prompt(tune.id, {"text": "ohwx woman", "num_images": 3})
    wait_until(lambda: client.prompt(prompt.id).is_done, "done", 10)
    return [image.url for image in client.prompt(prompt.id).images]


def missing(url: str, **values: Any) -> PictureMissing:
    with pytest.raises(PictureMissing) as caught:
        download_picture(url, **({"tries": 0} | values))
    assert caught.value.message.endswith(".")
    assert caught.value.retryable == (caught.value.retry_in is not None)
    return caught.value


def test_a_picture_is_fetched_as_it_is(addresses: list[str], astria: FakeAstria) -> None:
    picture = download_picture(addresses[0], tries=0)
    assert picture.data == astria.world.pictures[addresses[0].rpartition("/")[2]]
    assert (picture.width, picture.height, picture.content_type) == (256, 320, "image/jpeg")
    (request,) = astria.asked("PICTURE", ".*")
    assert "Authorization" not in request.headers


@pytest.mark.parametrize(
    ("fault", "words", "comes_back"),
    [
        (Fault("status", status=404), "404", True),
        (Fault("status", status=403), "403", True),
        (Fault("status", status=410), "410", False),
        (Fault("status", status=500), "500", True),
        (Fault("status", status=429), "429", True),
        (Fault("reset"), "broke off", True),
        (Fault("cut"), "broke off", True),
        (Fault("drip"), "did not answer completely", True),
        (Fault("silence"), "did not answer completely", True),
        (Fault("html"), "is none", True),
        (Fault("truncated"), "incomplete or damaged", True),
        (Fault("huge"), "larger than", False),
        (Fault("gzip"), "packed", False),
        (Fault("redirect", location="http://127.0.0.1/"), "public internet", False),
        (Fault("redirect", location="http://169.254.169.254/x"), "public internet", False),
        (Fault("redirect", location="file:///etc/passwd"), "http", False),
    ],
    ids=lambda value: f"{value.kind} {value.status}" if isinstance(value, Fault) else "",
)
def test_one_bad_address_costs_one_picture(
    addresses: list[str],
    astria: FakeAstria,
    settings: Settings,
    fault: Fault,
    words: str,
    comes_back: bool,
) -> None:
    settings.PHOTO_MAX_BYTES = 2**20
    astria.picture_faults = {1: [fault]}
    is_slow = fault.kind in ("drip", "silence")
    error = missing(addresses[1], seconds=1 if is_slow else 30)
    assert words in error.message
    assert error.retryable == comes_back
    for other in (addresses[0], addresses[2]):
        assert download_picture(other, tries=0).width == 256


def test_a_picture_that_comes_late_is_there_at_the_next_try(
    addresses: list[str], astria: FakeAstria
) -> None:
    astria.picture_faults = {0: [Fault("status", status=404)] * 2}
    waits = [missing(addresses[0], tries=n).retry_in for n in range(2)]
    assert waits == [5, 10]
    assert download_picture(addresses[0], tries=2).width == 256


def test_a_missing_picture_is_asked_for_five_times_more(
    addresses: list[str], astria: FakeAstria
) -> None:
    astria.picture_faults = {0: [Fault("status", status=404)] * 10}
    answers = [missing(addresses[0], tries=n).retry_in for n in range(MAX_MISSES + 1)]
    assert answers == [5, 10, 20, 40, 80, None]


def test_an_address_inside_is_not_asked(settings: Settings, astria: FakeAstria) -> None:
    settings.FETCH_ALLOWED_HOSTS = []
    assert missing(f"{astria.url}/pictures/1-0-x.jpg").retry_in is None
    assert missing("http://127.0.0.1/pictures/1-0-x.jpg").retry_in is None
    assert astria.requests == []


def test_a_picture_with_too_many_pixels_is_refused(
    addresses: list[str], astria: FakeAstria, settings: Settings
) -> None:
    settings.PHOTO_MAX_PIXELS = 1000
    assert "more pixels" in missing(addresses[0]).message


def test_anything_that_decodes_is_taken_whatever_its_claimed_type(
    addresses: list[str], astria: FakeAstria
) -> None:
    name = addresses[0].rpartition("/")[2]
    astria.world.pictures[name] = jpeg_bytes(size=(40, 50))
    assert download_picture(addresses[0], tries=0).height == 50
