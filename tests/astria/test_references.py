"""References to tunes, on their way out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.engines.astria.references import referenced_ids, to_remote
from prompts.engines.errors import UnsupportedRequest

IDS = {3: 9001, 12: 9002, 9001: 3}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("ohwx man on a beach", "ohwx man on a beach"),
        ("<lora:3:0.8> ohwx man", "<lora:9001:0.8> ohwx man"),
        ("<faceid:12:1> woman, <LoRA:3:1.0>man", "<faceid:9002:1> woman, <LoRA:9001:1.0>man"),
        ("<lora:3> bare", "<lora:9001> bare"),
        ("<lora:9001:1> and <lora:3:1> cross", "<lora:3:1> and <lora:9001:1> cross"),
        ("a < b, lora:3:1, <lora:x:1>", "a < b, lora:3:1, <lora:x:1>"),
        ("<hypernet:3:1>", "<hypernet:3:1>"),
    ],
)  # fmt: skip
def test_ids_are_exchanged(ours: str, theirs: str) -> None:
    assert to_remote(ours, IDS) == theirs


def test_the_ids_of_a_text_are_told_once_each_in_order() -> None:
    assert referenced_ids("<lora:12:1> <faceid:3:1> <lora:12:0.5>") == [12, 3]


def test_an_id_that_is_not_ours_is_refused_in_words() -> None:
    with pytest.raises(UnsupportedRequest, match="tune 4, 5, which has not been trained") as caught:
        to_remote("<lora:4:1> <lora:3:1> <faceid:5:1>", IDS)
    assert not caught.value.retryable


def test_a_public_id_may_stand_for_itself_unless_it_is_ours() -> None:
    assert to_remote("<lora:690204:1> <lora:3:1>", IDS, public=[690204, 3]) == (
        "<lora:690204:1> <lora:9001:1>"
    )


tokens = st.one_of(
    st.sampled_from(["<lora:3:1>", "<faceid:12:0.5>", "<lora:9001>", "<", ">", ":", " man "]),
    st.text(max_size=5),
)


@given(st.lists(tokens).map("".join))
def test_nothing_but_the_ids_is_changed(text: str) -> None:
    if set(referenced_ids(text)) <= set(IDS):
        back = {theirs: ours for ours, theirs in IDS.items()}
        assert to_remote(to_remote(text, IDS), back) == text
    else:
        with pytest.raises(UnsupportedRequest):
            to_remote(text, IDS)
