"""What every engine promises, asked of each."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from django.utils.module_loading import import_string

from prompts.engines.base import (
    Engine,
    MemoryCache,
    PromptRequest,
    SourcePhoto,
    Support,
    TrainingRequest,
)
from prompts.parameters import OWN_COLUMNS, PARAMETERS
from prompts.sample import sample_photos

ENGINES = {
    "fake": "prompts.engines.fake.FakeEngine",
    "studio": "prompts.engines.studio.engine.StudioEngine",
}
#: The portal's own doing, not the engines'.
PORTAL = {"callback", "input_image_url", "mask_image_url"}


def silent(fraction: float, step: str) -> None:
    """Progress nobody watches."""


@pytest.fixture(scope="module", params=ENGINES)
def trained(request: pytest.FixtureRequest) -> tuple[Engine, dict[str, Any]]:
    """An engine that has learnt the sample person, and what a request needs of it."""
    engine = import_string(ENGINES[request.param])()
    photos = [
        SourcePhoto(id=f"p{i}", read=lambda data=data: data)
        for i, (_, data) in enumerate(sample_photos())
    ]
    cache = MemoryCache()
    steps: list[tuple[float, str]] = []
    result = engine.train(
        TrainingRequest(class_name="woman", token="ohwx", photos=photos, cache=cache),
        lambda fraction, step: steps.append((fraction, step)),
    )
    assert steps and all(0 <= fraction <= 1 and step for fraction, step in steps)
    common = {
        "token": "ohwx",
        "class_name": "woman",
        "photos": photos,
        "cache": cache,
        "training_data": result.data,
    }
    return engine, common


def request_for(common: dict[str, Any], **values: Any) -> PromptRequest:
    base = {
        "text": "professional headshot of ohwx woman, studio lighting",
        "parameters": {"w": 256, "h": 320},
        "num_images": 3,
        "indexes": [0, 1, 2],
        "seed": 11,
    }
    return PromptRequest(**(base | common | values))


def decode(data: bytes) -> np.ndarray[Any, Any]:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture


def test_every_parameter_is_decided(trained: tuple[Engine, dict[str, Any]]) -> None:
    engine, _ = trained
    undecided = {p.name for p in PARAMETERS} - PORTAL - set(engine.capabilities)
    assert undecided == set()
    for name, capability in engine.capabilities.items():
        if capability.support != Support.HONOURED:
            assert capability.note, f"{name} needs a sentence that says how"


def test_pictures_come_in_order_decodable_and_of_the_asked_size(
    trained: tuple[Engine, dict[str, Any]],
) -> None:
    engine, common = trained
    pictures = list(engine.generate(request_for(common), silent))
    assert [picture.index for picture in pictures] == [0, 1, 2]
    for picture in pictures:
        assert decode(picture.data).shape[:2] == (320, 256) == (picture.height, picture.width)
        assert picture.seed == 11 + picture.index
        assert picture.recipe
    assert len({picture.data for picture in pictures}) == 3


def test_a_picture_does_not_depend_on_which_others_are_asked_for(
    trained: tuple[Engine, dict[str, Any]],
) -> None:
    engine, common = trained
    together = list(engine.generate(request_for(common), silent))
    alone = list(engine.generate(request_for(common, indexes=[2]), silent))
    assert alone[0].data == together[2].data


def test_seed_wraps_at_thirty_two_bits(trained: tuple[Engine, dict[str, Any]]) -> None:
    engine, common = trained
    request = request_for(common, seed=2**32 - 1, indexes=[1])
    assert next(iter(engine.generate(request, silent))).seed == 0


@pytest.mark.parametrize("parameters", [{"w": 384, "h": 256}, {"aspect_ratio": "1:1"}])
def test_output_size_is_what_comes_out(
    trained: tuple[Engine, dict[str, Any]], parameters: dict[str, Any]
) -> None:
    engine, common = trained
    request = request_for(common, parameters=parameters, num_images=1, indexes=[0])
    (picture,) = engine.generate(request, silent)
    size = decode(picture.data).shape[1::-1]
    assert engine.output_size(parameters) == (picture.width, picture.height) == size


def test_preview_is_small_and_decodable(trained: tuple[Engine, dict[str, Any]]) -> None:
    engine, common = trained
    preview = decode(engine.preview(request_for(common, parameters={}), 160))
    assert preview.shape[1] == 160


def test_progress_that_raises_stops_the_engine(trained: tuple[Engine, dict[str, Any]]) -> None:
    engine, common = trained

    class Cancelled(Exception):
        pass

    def refuse(fraction: float, step: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        list(engine.generate(request_for(common), refuse))


def test_capabilities_name_only_known_parameters(trained: tuple[Engine, dict[str, Any]]) -> None:
    engine, _ = trained
    assert set(engine.capabilities) <= {p.name for p in PARAMETERS} | OWN_COLUMNS
