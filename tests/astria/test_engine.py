"""The engine keeps the contract of engines that hand their work over, against a fake Astria."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from prompts.engines.astria.engine import AstriaEngine
from prompts.engines.astria.errors import KeyRefused, OutcomeUnknown, Refused
from prompts.engines.astria.orders import PHOTO_BYTES, fit
from prompts.engines.base import SourcePhoto, Support
from prompts.engines.errors import Gone, UnsupportedRequest
from prompts.engines.handoff import Account, PromptOrder, RemoteState, TuneOrder
from prompts.engines.registry import get_handoff_engine
from prompts.parameters import PARAMETERS
from prompts.sample import sample_photos
from tests.astria.rack import File
from tests.astria.server import KEY, FakeAstria
from tests.factories import jpeg_bytes
from tests.processes import wait_until

PORTAL = {"callback", "input_image_url", "mask_image_url"}
CALLBACK = "https://portal.example/callbacks/tunes/abc"


@pytest.fixture
def engine() -> AstriaEngine:
    return AstriaEngine()


@pytest.fixture
def account(astria: FakeAstria) -> Account:
    return Account(astria.url, KEY, defaults={"scheduler": "dpm++2m_karras"})


def a_photo(name: str, data: bytes) -> SourcePhoto:
    return SourcePhoto(name, lambda: data)


PHOTOS = [a_photo(f"p{n}", jpeg_bytes(color=f"#{n}0{n}0{n}0")) for n in range(4)]


def tune_order(**values: Any) -> TuneOrder:
    base = TuneOrder(
        title="Ada 4f2a", class_name="woman", token="ohwx", photos=PHOTOS, callback=CALLBACK
    )
    return replace(base, **values)


def prompt_order(tune_id: int, **values: Any) -> PromptOrder:
    base = PromptOrder(
        tune_id=tune_id, text="ohwx woman", num_images=2, seed=5, callback=f"{CALLBACK}/1"
    )
    return replace(base, **values)


def sent(astria: FakeAstria, path: str, name: str) -> dict[str, Any]:
    fields: dict[str, Any] = astria.asked("POST", path)[-1].params[name]
    return fields


def a_trained_tune(engine: AstriaEngine, account: Account) -> int:
    number = engine.submit_tune(account, tune_order()).id
    wait_until(lambda: engine.fetch_tune(account, number).state is RemoteState.DONE, "trained", 10)
    return number


def test_it_is_always_installed() -> None:
    assert isinstance(get_handoff_engine("astria"), AstriaEngine)


def test_every_parameter_is_decided(engine: AstriaEngine) -> None:
    assert set(engine.capabilities) == {p.name for p in PARAMETERS} - PORTAL
    for name, capability in engine.capabilities.items():
        assert capability.support is Support.HONOURED or capability.note, name


def test_the_account_is_told_in_words(engine: AstriaEngine, account: Account) -> None:
    assert engine.check(account) == "Ada (ada@example.com), balance $12.34"
    with pytest.raises(KeyRefused):
        engine.check(replace(account, key="sd_other"))


def test_photos_are_inspected_here(engine: AstriaEngine, astria: FakeAstria) -> None:
    _, data = next(iter(sample_photos()))
    assert engine.inspect(data).faces == 1
    assert astria.requests == []


# --- Tunes ------------------------------------------------------------------------------------


def test_a_person_is_trained(engine: AstriaEngine, account: Account, astria: FakeAstria) -> None:
    astria.options.training_seconds = 1
    report = engine.submit_tune(account, tune_order(characteristics={"eye_color": "brown"}))
    assert (report.state, report.callback) == (RemoteState.OPEN, CALLBACK)
    assert report.progress is not None and report.progress < 1
    assert report.eta is not None
    fields = sent(astria, "/tunes", "tune")
    assert [file.name for file in fields.pop("images")] == [
        f"photo-{n + 1:02d}-p{n}.jpg" for n in range(4)
    ]
    assert fields == {
        "title": "Ada 4f2a",
        "name": "woman",
        "token": "ohwx",
        "callback": CALLBACK,
        "branch": "flux1",
        "model_type": "lora",
        "characteristics": {"eye_color": "brown"},
    }
    wait_until(
        lambda: engine.fetch_tune(account, report.id).state is RemoteState.DONE, "trained", 10
    )
    done = engine.fetch_tune(account, report.id)
    assert done.progress == 1 and done.characteristics == {"eye_color": "brown"}
    assert done.expires_at and done.trained_at
    assert done.expires_at - done.trained_at == dt.timedelta(days=30)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, {"branch": "flux1", "model_type": "lora"}),
        ({"branch": "fast"}, {"branch": "fast"}),
        ({"parameters": {"base_tune_id": 690204, "steps": 500}},
         {"base_tune_id": "690204", "steps": "500"}),
        ({"branch": "sd15", "parameters": {"model_type": "faceid", "face_crop": True, "x": 1}},
         {"branch": "sd15", "model_type": "faceid", "face_crop": "true"}),
        ({"parameters": {"model_type": "pti"}}, {"branch": "flux1", "model_type": "pti"}),
    ],
)  # fmt: skip
def test_training_parameters_are_handed_on(
    engine: AstriaEngine,
    account: Account,
    astria: FakeAstria,
    values: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    engine.submit_tune(account, tune_order(**values))
    fields = sent(astria, "/tunes", "tune")
    for name in ("title", "name", "token", "callback", "images"):
        del fields[name]
    assert fields == expected


def test_training_that_fails_says_why(engine: AstriaEngine, account: Account) -> None:
    number = engine.submit_tune(account, tune_order(title="fail: Faces differ")).id
    wait_until(lambda: engine.fetch_tune(account, number).state is RemoteState.FAILED, "failed", 10)
    assert engine.fetch_tune(account, number).error == "Faces differ"


def test_a_refused_order_has_astrias_words(engine: AstriaEngine, account: Account) -> None:
    with pytest.raises(Refused, match="Images must contain at least one image"):
        engine.submit_tune(account, tune_order(photos=[]))


def test_large_photos_are_sent_smaller_and_always_alike() -> None:
    noise = Image.effect_noise((3600, 3600), 120).convert("RGB")
    buffer = io.BytesIO()
    noise.save(buffer, "JPEG", quality=95)
    data = buffer.getvalue()
    assert len(data) > PHOTO_BYTES
    smaller = fit(data)
    assert len(smaller) <= PHOTO_BYTES
    assert fit(data) == smaller
    small = jpeg_bytes()
    assert fit(small) is small


def test_an_order_is_found_again_by_its_callback(engine: AstriaEngine, account: Account) -> None:
    assert engine.find_tune(account, CALLBACK) is None
    number = a_trained_tune(engine, account)
    found = engine.find_tune(account, CALLBACK)
    assert found is not None and found.id == number
    order = prompt_order(number)
    assert engine.find_prompt(account, number, order.callback) is None
    prompt = engine.submit_prompt(account, order)
    again = engine.find_prompt(account, number, order.callback)
    assert again is not None and again.id == prompt.id


def test_an_order_whose_answer_was_lost_is_found(
    engine: AstriaEngine, account: Account, astria: FakeAstria
) -> None:
    number = a_trained_tune(engine, account)
    astria.fault("status", "POST", status=504, done=True)
    with pytest.raises(OutcomeUnknown):
        engine.submit_prompt(account, prompt_order(number))
    found = engine.find_prompt(account, number, f"{CALLBACK}/1")
    assert found is not None
    assert astria.world.creates["prompts"] == 1


def test_deleting_twice_is_no_fault(
    engine: AstriaEngine, account: Account, astria: FakeAstria
) -> None:
    number = a_trained_tune(engine, account)
    prompt = engine.submit_prompt(account, prompt_order(number)).id
    for _ in range(2):
        engine.delete_prompt(account, prompt, number)
    for _ in range(2):
        engine.delete_tune(account, number)
    assert astria.world.deleted == [f"/prompts/{prompt}", f"/tunes/{number}"]
    with pytest.raises(Gone):
        engine.fetch_tune(account, number)
    with pytest.raises(Gone):
        engine.fetch_prompt(account, prompt, number)


# --- Prompts ----------------------------------------------------------------------------------


def test_a_prompt_comes_back_with_its_pictures(
    engine: AstriaEngine, account: Account, astria: FakeAstria
) -> None:
    number = a_trained_tune(engine, account)
    order = prompt_order(
        number,
        text="<lora:3:0.7> ohwx woman",
        parameters={
            "cfg_scale": 7.5,
            "film_grain": True,
            "aspect_ratio": "4:5",
            "callback": "https://client.example/mine",
            "lora_scale": 0.5,
        },
        tunes={3: 9003},
        input_image=jpeg_bytes(),
        mask_image=b"\x89PNG mask",
    )
    report = engine.submit_prompt(account, order)
    assert report.callback == order.callback
    assert sent(astria, r"/tunes/\d+/prompts", "prompt") == {
        "text": "<lora:9003:0.7> ohwx woman",
        "num_images": "2",
        "seed": "5",
        "callback": order.callback,
        "scheduler": "dpm++2m_karras",
        "cfg_scale": "7.5",
        "film_grain": "true",
        "aspect_ratio": "4:5",
        "input_image": File("input.jpg", jpeg_bytes(), "image/jpeg"),
        "mask_image": File("mask.png", b"\x89PNG mask", "image/png"),
    }

    def state() -> RemoteState:
        return engine.fetch_prompt(account, report.id, number).state

    wait_until(lambda: state() is RemoteState.DONE, "done", 10)
    images: Sequence[str] = engine.fetch_prompt(account, report.id, number).images
    assert len(images) == 2 and all(url.startswith(astria.url) for url in images)


def test_given_parameters_win_over_the_accounts_defaults(
    engine: AstriaEngine, account: Account, astria: FakeAstria
) -> None:
    number = a_trained_tune(engine, account)
    engine.submit_prompt(account, prompt_order(number, parameters={"scheduler": "lcm"}))
    assert sent(astria, r"/tunes/\d+/prompts", "prompt")["scheduler"] == "lcm"


def test_a_reference_to_a_stranger_is_not_sent(
    engine: AstriaEngine, account: Account, astria: FakeAstria
) -> None:
    with pytest.raises(UnsupportedRequest, match="tune 4"):
        engine.submit_prompt(account, prompt_order(1, text="<faceid:4:1> ohwx woman"))
    assert astria.asked("POST", ".*") == []


def test_a_reference_to_the_gallery_stands_for_itself(
    engine: AstriaEngine, account: Account, astria: FakeAstria
) -> None:
    number = a_trained_tune(engine, account)
    engine.submit_prompt(account, prompt_order(number, text="<lora:690204:0.5> ohwx woman"))
    assert sent(astria, r"/tunes/\d+/prompts", "prompt")["text"] == "<lora:690204:0.5> ohwx woman"


def test_the_gallery_is_asked_for_once(
    engine: AstriaEngine, account: Account, astria: FakeAstria
) -> None:
    number = a_trained_tune(engine, account)
    for _ in range(2):
        engine.submit_prompt(account, prompt_order(number, text="<lora:690204:0.5> ohwx woman"))
    assert len(astria.asked("GET", "/gallery/tunes")) == 1
    with pytest.raises(KeyRefused):
        engine.submit_prompt(
            replace(account, key="sd_other"), prompt_order(number, text="<lora:690204:0.5> ohwx")
        )


# --- Models and sizes -------------------------------------------------------------------------


def test_models_are_the_accounts_own_and_the_gallerys_and_remembered(
    engine: AstriaEngine, account: Account, astria: FakeAstria
) -> None:
    a_trained_tune(engine, account)
    own = engine.submit_tune(account, tune_order(title="Base", parameters={"model_type": "pti"})).id
    wait_until(lambda: engine.fetch_tune(account, own).state is RemoteState.DONE, "trained", 10)
    titles = [(model.title, model.is_own) for model in engine.base_models(account)]
    assert titles == [("Base", True), ("Realistic Vision", False), ("Flux.1 dev", False)]
    asked = len(astria.requests)
    assert [(model.title, model.is_own) for model in engine.base_models(account)] == titles
    assert len(astria.requests) == asked
    with pytest.raises(KeyRefused):
        engine.base_models(replace(account, key="sd_other"))


@pytest.mark.parametrize(
    ("parameters", "size"),
    [
        ({}, (1024, 1024)),
        ({"w": 512, "h": 768}, (512, 768)),
        ({"w": 512}, (512, 512)),
        ({"h": 800, "aspect_ratio": "4:5"}, (640, 800)),
        ({"aspect_ratio": "4:5"}, (912, 1144)),
        ({"aspect_ratio": "16:9"}, (1368, 768)),
        ({"ar": "portrait"}, (888, 1184)),
        ({"resolution": "2K"}, (2048, 2048)),
        ({"w": 512, "h": 512, "super_resolution": True}, (2048, 2048)),
    ],
)
def test_sizes_are_expected(
    engine: AstriaEngine, parameters: dict[str, Any], size: tuple[int, int]
) -> None:
    assert engine.output_size(parameters) == size
