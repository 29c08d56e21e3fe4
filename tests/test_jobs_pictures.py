"""What a prompt's flow stores, publishes and leaves behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from prompts.engines.base import Picture
from prompts.flows.prompts import cancel_prompt, delete_prompt, retry_prompt, submit_prompt
from prompts.flows.results import keep_picture, remove_strays
from prompts.imaging import read_recipe
from prompts.models import Change, Image, Prompt, PromptStatus, Team, Tune, User
from prompts.storage import read_bytes, save_bytes
from tests.factories import create_prompt, create_tune, jpeg_bytes


@pytest.fixture
def tune(team: Team, alice: User) -> Tune:
    return create_tune(team=team, owner=alice)


@pytest.fixture
def prompt(tune: Tune) -> Prompt:
    """Claimed, as a worker holds it."""
    create_prompt(tune=tune)
    claimed = Prompt.objects.claim("worker")
    assert isinstance(claimed, Prompt)
    return claimed


def picture(index: int = 0, *, color: str = "#885533") -> Picture:
    data = jpeg_bytes(color=color, size=(400, 500))
    return Picture(index, data, 400, 500, 7 + index, {"scene": "studio"})


def files_of(prompt: Prompt, media: str) -> set[str]:
    folder = Path(media) / prompt.prefix
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_submitting_queues_a_prompt_and_tells_the_tunes_page(tune: Tune, alice: User) -> None:
    prompt = submit_prompt(tune=tune, author=alice, text="hi", parameters={"w": 512}, num_images=2)
    prompt.refresh_from_db()
    assert (prompt.status, prompt.engine) == (PromptStatus.QUEUED, tune.engine)
    assert (prompt.parameters, prompt.num_images) == ({"w": 512}, 2)
    topics = Change.objects.latest("pk").topics.split()
    assert set(topics) == {
        f"prompt-{prompt.public_id}",
        f"prompts-{tune.public_id}",
        f"team-{tune.team.public_id}",
    }


@pytest.mark.parametrize(("given", "used"), [(0, 0), (17, 17), (2**32, 0)])
def test_a_given_seed_is_used_within_32_bits(tune: Tune, given: int, used: int) -> None:
    prompt = submit_prompt(
        tune=tune, author=None, text="hi", parameters={"seed": given}, num_images=1
    )
    assert prompt.base_seed == used


def test_without_a_seed_every_prompt_draws_its_own(tune: Tune) -> None:
    seeds = {
        submit_prompt(tune=tune, author=None, text="hi", parameters={}, num_images=1).base_seed
        for _ in range(5)
    }
    assert len(seeds) == 5


def test_input_and_mask_are_stored_below_the_prompt(tune: Tune) -> None:
    prompt = submit_prompt(
        tune=tune, author=None, text="hi", parameters={}, num_images=1,
        input_image=b"input", mask_image=b"mask",
    )  # fmt: skip
    for name, data in ((prompt.input_image, b"input"), (prompt.mask_image, b"mask")):
        assert name.startswith(prompt.prefix)
        assert read_bytes(default_storage, name) == data


def test_a_kept_picture_has_its_file_thumbnails_recipe_and_row(prompt: Prompt) -> None:
    image = keep_picture(prompt, picture(2))
    assert image is not None
    assert (image.index, image.width, image.height, image.seed) == (2, 400, 500, 9)
    for name in (image.file, *(image.thumbnail(size) for size in (320, 640, 1280))):
        assert default_storage.exists(name)
    data = read_bytes(default_storage, image.file)
    assert len(data) == image.size
    embedded = read_recipe(data)
    assert embedded is not None and embedded["text"] == prompt.text
    assert image.recipe["scene"] == "studio"
    assert (image.recipe["engine"], image.recipe["engine_version"]) == ("fake", "1")
    assert f"prompt-{prompt.public_id}" in Change.objects.latest("pk").topics.split()


def test_keeping_a_picture_twice_changes_nothing(prompt: Prompt, media: str) -> None:
    first = keep_picture(prompt, picture())
    present = files_of(prompt, media)
    assert keep_picture(prompt, picture()) == first
    assert keep_picture(prompt, picture(color="#112233")) == first
    assert prompt.images.count() == 1
    assert files_of(prompt, media) == present


def test_a_cancelled_prompt_takes_no_more_pictures_and_keeps_those_it_has(
    prompt: Prompt, media: str
) -> None:
    keep_picture(prompt, picture(0))
    present = files_of(prompt, media)
    assert cancel_prompt(prompt)
    assert keep_picture(prompt, picture(1)) is None
    assert prompt.images.count() == 1
    assert files_of(prompt, media) == present


def test_a_late_writer_leaves_the_same_picture_of_its_successor_alone(
    prompt: Prompt, media: str
) -> None:
    cancel_prompt(prompt)
    retry_prompt(prompt)
    successor = Prompt.objects.claim("other")
    assert isinstance(successor, Prompt)
    kept = keep_picture(successor, picture())
    assert keep_picture(prompt, picture()) is None
    assert kept is not None and default_storage.exists(kept.file)
    assert len(files_of(prompt, media)) == 4


def test_strays_of_a_killed_worker_are_removed_and_nothing_else(prompt: Prompt) -> None:
    kept = keep_picture(prompt, picture())
    inputs = save_bytes(default_storage, f"{prompt.prefix}/input/a.jpg", b"input")
    stray = save_bytes(default_storage, f"{prompt.prefix}/{'0' * 64}-1.jpg", b"stray")
    assert remove_strays(prompt) == 1
    assert not default_storage.exists(stray)
    assert kept is not None and default_storage.exists(kept.thumbnail(640))
    assert default_storage.exists(inputs)


@pytest.mark.django_db(transaction=True)
def test_deleting_takes_rows_and_files_and_bars_the_worker(prompt: Prompt, media: str) -> None:
    keep_picture(prompt, picture())
    delete_prompt(Prompt.objects.get(pk=prompt.pk))
    assert not Prompt.objects.exists() and not Image.objects.exists()
    assert files_of(prompt, media) == set()
    assert keep_picture(prompt, picture(1)) is None
    assert files_of(prompt, media) == set()


def test_nothing_is_told_of_a_transition_that_did_not_happen(prompt: Prompt) -> None:
    assert cancel_prompt(prompt)
    told = Change.objects.count()
    assert not cancel_prompt(prompt)
    assert Change.objects.count() == told
