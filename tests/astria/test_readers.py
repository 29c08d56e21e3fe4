"""What the answers say, in all the shapes in which they come."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.engines.astria.readers import (
    Malformed,
    read_account,
    read_order,
    read_pack,
    read_prompt,
    read_tune,
)

NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
GARBAGE: list[Any] = [None, 3, "x", [], {}, {"id": None}, {"id": True}, {"id": "x"}, {"id": -1}]


@pytest.mark.parametrize("data", GARBAGE)
def test_an_entity_without_an_id_is_none(data: Any) -> None:
    for read in (read_tune, read_prompt):
        with pytest.raises(Malformed):
            read(data)


@pytest.mark.parametrize("images", ["x", 3, {"a": 1}, [3], [None], [{}], [{"url": 3}], [""]])
def test_images_of_no_known_shape_are_malformed(images: Any) -> None:
    with pytest.raises(Malformed):
        read_prompt({"id": 1, "images": images})


@pytest.mark.parametrize(
    ("fields", "done", "failed"),
    [
        ({}, False, False),
        ({"images": None}, False, False),
        ({"images": []}, False, False),
        ({"images": ["https://a/1.jpg"]}, True, False),
        ({"images": ["https://a/1.jpg"], "status": "completed"}, True, False),
        ({"images": ["https://a/1.jpg"], "status": "processing"}, False, False),
        ({"images": ["https://a/1.jpg"], "status": "failed"}, True, False),
        ({"images": ["https://a/1.jpg"], "user_error": "one failed"}, True, False),
        ({"user_error": "NSFW"}, False, True),
        ({"user_error": ["one", "two"]}, False, True),
        ({"user_error": ""}, False, False),
        ({"status": "failed"}, False, True),
        ({"status": "cancelled"}, False, True),
        ({"status": "something new"}, False, False),
    ],
)
def test_a_prompt_is_done_with_pictures_and_failed_with_an_error(
    fields: dict[str, Any], done: bool, failed: bool
) -> None:
    prompt = read_prompt({"prompt": {"id": "12", **fields}})
    assert (prompt.id, prompt.is_done, prompt.is_failed) == (12, done, failed)


def test_progress_goes_by_the_eta() -> None:
    tune = read_tune(
        {"id": 1, "created_at": "2026-03-01T11:00:00.000Z", "eta": "2026-03-01T13:00:00Z"}
    )
    assert tune.progress(NOW) == 0.5
    assert tune.progress(NOW + dt.timedelta(days=1)) == 1.0
    assert tune.progress(NOW - dt.timedelta(days=1)) == 0.0
    assert read_tune({"id": 1, "eta": NOW.timestamp()}).eta == NOW
    for eta in (None, "soon", True, 1e300, [], "2026-03-01T10:00:00Z"):
        known = {"id": 1, "created_at": "2026-03-01T11:00:00.000Z", "eta": eta}
        assert read_tune(known).progress(NOW) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
names = st.sampled_from(
    ["id", "images", "url", "eta", "trained_at", "created_at", "user_error", "status", "title",
     "tune_id", "num_images", "seed", "prompt", "tune", "order", "prompt_ids", "costs"]
)  # fmt: skip


@given(st.dictionaries(names, json_values | st.dictionaries(names, json_values)) | json_values)
@pytest.mark.parametrize("read", [read_tune, read_prompt, read_pack, read_account, read_order])
def test_any_json_is_an_entity_or_malformed(read: Callable[[Any], Any], data: Any) -> None:
    with contextlib.suppress(Malformed):
        found = read(data)
        for name in ("is_done", "is_failed", "is_trained"):
            getattr(found, name, None)
