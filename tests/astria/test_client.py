"""Every call of the client, against a server that reads requests as Astria does."""

from __future__ import annotations

import dataclasses

import httpx
import pytest

from prompts.engines.astria.client import AstriaClient
from prompts.engines.astria.encoding import Upload
from prompts.engines.astria.errors import KeyRefused, NotThere, Refused
from prompts.parameters import PARAMETERS, Kind, Parameter
from tests.astria.rack import File
from tests.astria.server import KEY, FakeAstria
from tests.factories import jpeg_bytes
from tests.processes import wait_until

PHOTOS = [Upload(f"photo-{n}.jpg", jpeg_bytes(color=f"#{n}{n}6644")) for n in range(4)]
TUNE = {"title": "Ada", "name": "woman", "callback": "https://portal.example/callbacks/tunes/t"}


def a_tune(client: AstriaClient) -> int:
    return client.create_tune(TUNE, PHOTOS).id


def test_the_account_tells_whose_key_it_is(client: AstriaClient) -> None:
    account = client.account()
    assert (account.id, account.email, account.balance_mc) == (7, "ada@example.com", 1234000)


def test_a_wrong_key_is_refused_in_words(astria: FakeAstria) -> None:
    with pytest.raises(KeyRefused, match="does not accept the key: Invalid API key"):
        AstriaClient(astria.url, "sd_wrong").account()


def test_a_tune_is_created_with_its_photos_and_their_names(
    client: AstriaClient, astria: FakeAstria
) -> None:
    fields = TUNE | {
        "steps": 500,
        "face_crop": True,
        "base_tune_id": None,
        "characteristics": {"eye_color": "brown", "hair color": "grün"},
        "prompts_attributes": [
            {"text": "ohwx woman one", "num_images": 2},
            {"text": "ohwx woman two"},
        ],
    }
    tune = client.create_tune(fields, PHOTOS)
    assert (tune.title, tune.name, tune.callback) == ("Ada", "woman", TUNE["callback"])
    (request,) = astria.asked("POST", "/tunes")
    sent = request.params["tune"]
    assert request.headers["Content-Type"].startswith("multipart/form-data")
    assert [(f.name, f.data, f.content_type) for f in sent["images"]] == [
        (photo.name, photo.data, "image/jpeg") for photo in PHOTOS
    ]
    assert "base_tune_id" not in sent
    assert (sent["steps"], sent["face_crop"]) == ("500", "true")
    assert sent["characteristics"] == {"eye_color": "brown", "hair color": "grün"}
    assert sent["prompts_attributes"] == [
        {"text": "ohwx woman one", "num_images": "2"},
        {"text": "ohwx woman two"},
    ]


def test_tunes_are_listed_read_changed_and_deleted(client: AstriaClient) -> None:
    numbers = [client.create_tune(TUNE | {"title": f"Ada {n}"}, PHOTOS).id for n in range(3)]
    assert [tune.id for tune in client.tunes()] == numbers[::-1]
    assert [tune.id for tune in client.tunes(before_id=numbers[2], limit=1)] == [numbers[1]]
    assert [tune.id for tune in client.tunes(title="Ada 1")] == [numbers[1]]
    assert client.tune(numbers[0]).title == "Ada 0"
    assert client.update_tune(numbers[0], {"title": "Grace"}).title == "Grace"
    client.delete_tune(numbers[0])
    with pytest.raises(NotThere):
        client.tune(numbers[0])


def test_a_trained_tune_tells_when_it_expires(client: AstriaClient) -> None:
    number = a_tune(client)
    wait_until(lambda: client.tune(number).is_trained, "trained", 10)
    tune = client.tune(number)
    assert tune.trained_at and tune.expires_at
    assert (tune.expires_at - tune.trained_at).days == 30


def test_base_tunes_come_from_the_gallery(client: AstriaClient) -> None:
    assert [tune.title for tune in client.gallery_tunes()] == ["Realistic Vision", "Flux.1 dev"]


def a_value(parameter: Parameter) -> object:
    """A valid value of every kind."""
    if parameter.choices:
        return parameter.choices[-1]
    return {
        Kind.TEXT: f'{parameter.name}: äöü "quoted" & [brackets]\nand a line',
        Kind.INTEGER: 8 if parameter.multiple_of is None else 512,
        Kind.NUMBER: 0.75,
        Kind.BOOLEAN: True,
        Kind.URL: f"https://example.com/{parameter.name}?a=1&b=2",
        Kind.IMAGE: Upload(f"{parameter.name}.png", jpeg_bytes(), "image/png"),
    }[parameter.kind]


@pytest.mark.parametrize("with_files", [True, False], ids=["multipart", "json"])
def test_every_prompt_parameter_arrives_as_it_was_given(
    client: AstriaClient, astria: FakeAstria, with_files: bool
) -> None:
    fields = {p.name: a_value(p) for p in PARAMETERS if with_files or p.kind is not Kind.IMAGE}
    client.create_prompt(a_tune(client), fields)
    sent = astria.asked("POST", r"/tunes/\d+/prompts")[0].params["prompt"]
    assert set(sent) == set(fields)
    for name, value in fields.items():
        if isinstance(value, Upload):
            assert sent[name] == File(value.name, value.data, value.content_type)
        elif with_files:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            assert sent[name] == text
        else:
            assert sent[name] == value


@pytest.mark.parametrize("images", ["strings", "objects"])
@pytest.mark.parametrize("with_status", [True, False])
def test_both_shapes_of_images_are_read(
    client: AstriaClient, astria: FakeAstria, images: str, with_status: bool
) -> None:
    astria.options.images, astria.options.with_status = images, with_status
    prompt = client.create_prompt(a_tune(client), {"text": "ohwx woman", "num_images": 2})
    assert not prompt.is_done and not prompt.is_failed
    wait_until(lambda: client.prompt(prompt.id).is_done, "done", 10)
    done = client.prompt(prompt.id)
    assert len(done.images) == 2
    assert all(image.url.startswith(astria.url) for image in done.images)


def test_a_failed_prompt_has_astrias_own_words(client: AstriaClient) -> None:
    number = a_tune(client)
    prompt = client.create_prompt(number, {"text": "fail: NSFW detected"})
    wait_until(lambda: client.prompt(prompt.id).is_failed, "failed", 10)
    assert client.prompt(prompt.id, number).user_error == "NSFW detected"


def test_prompts_are_listed_liked_duplicated_and_deleted(
    client: AstriaClient, astria: FakeAstria
) -> None:
    tune, other = a_tune(client), a_tune(client)
    first = client.create_prompt(tune, {"text": "ohwx woman one", "num_images": 2})
    second = client.create_prompt(other, {"text": "ohwx woman two"})
    assert [p.id for p in client.prompts(tune)] == [first.id]
    assert [p.id for p in client.prompts()] == [second.id, first.id]
    client.like(first.id)
    assert client.prompt(first.id).liked
    client.unlike(first.id)
    assert not client.prompt(first.id).liked
    again = client.duplicate_prompt(first.id, {"text": "ohwx woman three"})
    assert (again.text, again.num_images, again.tune_id) == ("ohwx woman three", 2, tune)
    client.delete_prompt(first.id)
    client.delete_prompt(second.id, other)
    assert astria.world.deleted == [f"/prompts/{first.id}", f"/prompts/{second.id}"]
    with pytest.raises(NotThere):
        client.prompt(first.id)


def test_packs_are_listed_and_run(client: AstriaClient, astria: FakeAstria) -> None:
    (pack,) = client.packs(listed=True)
    assert pack.slug == "corporate-headshots"
    assert client.gallery_packs() == [pack] == [client.pack("corporate-headshots")]
    order = client.run_pack(pack.slug, TUNE, PHOTOS)
    assert order.tune is not None and order.tune.title == "Ada"
    assert len(astria.asked("POST", "/p/.*")[0].params["tune"]["images"]) == 4


def test_a_photo_is_inspected(client: AstriaClient, astria: FakeAstria) -> None:
    assert client.inspect("woman", PHOTOS[0])["blurry"] is True
    assert astria.asked("POST", "/images/inspect")[0].params["file"].data == PHOTOS[0].data


def test_what_is_missing_is_told_field_by_field(client: AstriaClient) -> None:
    with pytest.raises(Refused) as caught:
        client.create_tune({"title": "", "name": "woman"})
    assert caught.value.fields == {
        "title": ("can't be blank",),
        "images": ("must contain at least one image",),
    }
    assert caught.value.message == (
        "Astria refused the request (422): "
        "Title can't be blank; Images must contain at least one image."
    )
    assert not caught.value.retryable


def test_the_workspace_is_named_in_a_header(astria: FakeAstria) -> None:
    AstriaClient(astria.url, KEY, workspace="12").account()
    assert astria.requests[0].headers["X-Workspace-Id"] == "12"


def test_ten_seconds_for_a_connection_and_forty_for_an_answer() -> None:
    waits = []

    def answer(request: httpx.Request) -> httpx.Response:
        waits.append(request.extensions["timeout"])
        return httpx.Response(200, stream=httpx.ByteStream(b'{"id": 1}'))

    transport = httpx.MockTransport(answer)
    AstriaClient("https://api.example", KEY, transport=transport).account()
    assert waits == [{"connect": 10, "read": 40, "write": 40, "pool": 40}]


@pytest.mark.parametrize("fields", [{"text": "one"}, {"text": "one", "input_image": PHOTOS[0]}])
def test_a_repeated_request_is_the_same_to_the_byte(
    client: AstriaClient, astria: FakeAstria, fields: dict[str, object]
) -> None:
    number = a_tune(client)
    for _ in range(2):
        client.create_prompt(number, fields, once="https://portal.example/callbacks/p/1")
    one, two = astria.asked("POST", r"/tunes/\d+/prompts")
    assert dataclasses.asdict(one) == dataclasses.asdict(two)
    assert one.headers["Idempotency-Key"]


def test_an_object_is_found_by_its_callback_however_far_back(client: AstriaClient) -> None:
    callback = "https://portal.example/callbacks/prompts/needle"
    number = a_tune(client)
    assert client.find_prompt(number, callback) is None
    needle = client.create_prompt(number, {"text": "x", "callback": callback})
    for n in range(125):
        client.create_prompt(number, {"text": "x", "callback": f"https://portal.example/{n}"})
    assert client.find_prompt(number, callback) == client.prompt(needle.id)
    found = client.find_tune(str(TUNE["callback"]))
    assert found is not None and found.id == number
    assert client.find_tune("https://portal.example/none") is None
