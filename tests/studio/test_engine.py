"""The engine as the portal meets it: training, requests, caches, refusals."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from prompts.engines.base import MemoryCache, TrainingRequest
from prompts.engines.errors import EngineError, UnsupportedRequest, UnusablePhotos
from prompts.engines.studio.engine import StudioEngine
from prompts.engines.studio.training import cache_key
from prompts.sample import sample_photos

from .people import Person, decode, jpeg, sample_pixels, silent, sources


def train(*photos: bytes, cache: MemoryCache | None = None) -> Any:
    request = TrainingRequest("woman", "ohwx", sources(*photos), cache or MemoryCache())
    return StudioEngine().train(request, silent)


def test_training_reports_every_photo_and_caches_the_good_ones(person: Person) -> None:
    assert set(person.result.photos) == {"p0", "p1", "p2"}
    assert all(report["used"] for report in person.result.photos.values())
    assert all(cache_key(f"p{i}") in person.cache.items for i in range(3))
    json.dumps(person.result.data)


def test_training_leaves_the_unusable_aside_and_says_why() -> None:
    faceless = jpeg(np.full((300, 300, 3), 90, np.uint8))
    result = train(sample_photos()[0][1], faceless, b"no picture")
    assert [r["id"] for r in result.data["photos"]] == ["p0"]
    assert result.photos["p1"]["problems"][0]["code"] == "no_face"
    assert not result.photos["p2"]["used"]


def test_training_without_a_face_fails_in_words() -> None:
    with pytest.raises(UnusablePhotos, match="No photo shows a face"):
        train(jpeg(np.zeros((8, 8, 3), np.uint8)))


def test_training_tells_its_steps() -> None:
    steps: list[tuple[float, str]] = []
    request = TrainingRequest("woman", "ohwx", sources(sample_photos()[0][1]), MemoryCache())
    StudioEngine().train(request, lambda fraction, step: steps.append((fraction, step)))
    fractions = [fraction for fraction, _ in steps]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert all(step for _, step in steps)


def test_same_request_makes_the_same_bytes(person: Person) -> None:
    assert person.pictures()[0].data == person.pictures()[0].data


def test_threads_do_not_change_a_byte(person: Person) -> None:
    threads = cv2.getNumThreads()
    made, trained = [], []
    try:
        for count in (1, 2):
            cv2.setNumThreads(count)
            cache = MemoryCache()
            result = train(sample_photos()[1][1], cache=cache)
            trained.append((result.data, cache.items[cache_key("p0")]))
            made.append(person.pictures()[0].data)
    finally:
        cv2.setNumThreads(threads)
    assert made[0] == made[1]
    assert trained[0] == trained[1]


def test_order_and_company_do_not_change_a_picture(person: Person) -> None:
    forwards = {p.index: p.data for p in person.pictures(num_images=4, indexes=[0, 1, 2, 3])}
    backwards = {p.index: p.data for p in person.pictures(num_images=4, indexes=[3, 1])}
    assert backwards == {3: forwards[3], 1: forwards[1]}


def test_images_of_a_prompt_differ_in_photo_and_picture(person: Person) -> None:
    pictures = person.pictures(num_images=4, indexes=[0, 1, 2, 3])
    assert len({picture.data for picture in pictures}) == 4
    assert len({picture.recipe["photo"] for picture in pictures}) >= 2


def test_another_seed_makes_another_picture(person: Person) -> None:
    assert person.pictures(seed=1)[0].data != person.pictures(seed=2)[0].data


def test_recipe_tells_what_was_made(person: Person) -> None:
    recipe = person.pictures(seed=2**32 - 1, num_images=2, indexes=[1])[0].recipe
    assert recipe["engine"] == "studio"
    assert recipe["seed"] == 0
    assert (recipe["width"], recipe["height"]) == (256, 320)
    assert (recipe["scene"], recipe["shot"]) == ("grey", "headshot")
    assert recipe["photo"] in {"p0", "p1", "p2"}
    assert {"choice", "value", "words"} <= set(recipe["because"][0])
    json.dumps(recipe)


@pytest.mark.parametrize("size", [(128, 128), (896, 384), (136, 512)])
def test_pictures_have_the_asked_size(person: Person, size: tuple[int, int]) -> None:
    (picture,) = person.pictures(parameters={"w": size[0], "h": size[1]})
    assert decode(picture.data).shape[:2] == (size[1], size[0])
    assert (picture.width, picture.height) == size


def test_preview_shows_the_first_image(person: Person) -> None:
    request = person.request(parameters={"w": 512, "h": 640})
    preview = decode(person.engine.preview(request, 160))
    picture = cv2.resize(decode(person.pictures(parameters=request.parameters)[0].data), (160, 200))
    assert preview.shape == (200, 160, 3)
    assert np.abs(preview.astype(int) - picture.astype(int)).mean() < 6


@pytest.mark.parametrize("damage", [b"", b"garbage", None])
def test_a_damaged_cache_is_made_anew(person: Person, damage: bytes | None) -> None:
    whole = person.pictures()[0].data
    cache = MemoryCache()
    for key, data in person.cache.items.items():
        cache.items[key] = data[: len(data) // 2] if damage is None else damage
    request = replace(person.request(), cache=cache)
    assert next(iter(person.engine.generate(request, silent))).data == whole
    assert any(cache.items[key] == person.cache.items[key] for key in cache.items)


@pytest.mark.parametrize("token", ["<lora:77:0.8>", "<faceid:77:1>"])
def test_a_second_person_is_refused(person: Person, token: str) -> None:
    with pytest.raises(UnsupportedRequest, match="one person"):
        person.pictures(f"ohwx woman and {token} man at the beach")


def test_training_of_another_engine_is_refused(person: Person) -> None:
    with pytest.raises(EngineError, match="Train again"):
        person.pictures(training_data={"tune": 5})


def test_photos_that_are_gone_are_told(person: Person) -> None:
    with pytest.raises(UnusablePhotos, match="gone"):
        person.pictures(photos=[])


def test_removed_photos_are_not_used(person: Person) -> None:
    pictures = person.pictures(photos=person.photos[1:2], num_images=2, indexes=[0, 1])
    assert {picture.recipe["photo"] for picture in pictures} == {"p1"}


def test_a_photo_that_changed_to_faceless_fails_in_words(person: Person) -> None:
    faceless = sources(*[jpeg(np.zeros((50, 50, 3), np.uint8))] * 3)
    with pytest.raises(UnusablePhotos):
        person.pictures(photos=faceless, cache=MemoryCache())


def test_a_grey_photo_makes_a_picture() -> None:
    grey = jpeg(cv2.cvtColor(cv2.cvtColor(sample_pixels(), cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR))
    cache = MemoryCache()
    person = Person(sources(grey), cache, train(grey, cache=cache))
    assert person.picture().std() > 20


def test_two_workers_in_one_process_do_not_disturb_each_other(person: Person) -> None:
    data = sample_photos()[2][1]

    def learn(_: int) -> bytes:
        cache = MemoryCache()
        train(data, cache=cache)
        return cache.items[cache_key("p0")]

    with ThreadPoolExecutor(3) as pool:
        learnt = list(pool.map(learn, range(3)))
        made = list(pool.map(lambda _: person.pictures()[0].data, range(3)))
    assert len(set(learnt)) == len(set(made)) == 1
