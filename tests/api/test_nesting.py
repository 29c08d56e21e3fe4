"""Rack's parameter names."""

from __future__ import annotations

import pytest

from prompts.api.nesting import MAX_DEPTH, MAX_PAIRS, NestingError, nest, split_name


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("text", ["text"]),
        ("prompt[text]", ["prompt", "text"]),
        ("tune[images][]", ["tune", "images", ""]),
        ("tune[prompts_attributes][][text]", ["tune", "prompts_attributes", "", "text"]),
        ("a[b", ["a[b"]),
        ("a]b[c]", ["a]b[c]"]),
        ("a[b]c", ["a[b]c"]),
        ("[a]", ["[a]"]),
        ("", [""]),
    ],
)
def test_a_name_is_split_at_its_brackets(name: str, path: list[str]) -> None:
    assert split_name(name) == path


def test_a_hash_of_a_list_ends_where_a_key_comes_again() -> None:
    pairs = [
        ("tune[prompts_attributes][][text]", "one"),
        ("tune[prompts_attributes][][callback]", "c1"),
        ("tune[prompts_attributes][][text]", "two"),
        ("tune[prompts_attributes][][text]", "three"),
        ("tune[prompts_attributes][][callback]", "c3"),
    ]
    assert nest(pairs) == {
        "tune": {
            "prompts_attributes": [
                {"text": "one", "callback": "c1"},
                {"text": "two"},
                {"text": "three", "callback": "c3"},
            ]
        }
    }


def test_lists_and_hashes_inside_the_hashes_of_a_list() -> None:
    pairs = [("a[][b][]", "1"), ("a[][b][]", "2"), ("a[][c][d]", "3"), ("a[][c][d]", "4")]
    assert nest(pairs) == {"a": [{"b": ["1", "2"], "c": {"d": "3"}}, {"c": {"d": "4"}}]}


def test_the_last_of_equal_names_wins() -> None:
    assert nest([("a[b]", "1"), ("a[b]", "2")]) == {"a": {"b": "2"}}


@pytest.mark.parametrize(
    "pairs",
    [
        [("a", "1"), ("a[b]", "2")],
        [("a[]", "1"), ("a[b]", "2")],
        [("a[b]", "1"), ("a[]", "2")],
        [("a" + "[b]" * (MAX_DEPTH + 1), "1")],
        [("a[]", "1")] * (MAX_PAIRS + 1),
    ],
)
def test_contradictions_and_excess_are_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(NestingError):
        nest(pairs)
