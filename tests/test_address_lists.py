"""Lists of people as they are pasted from mails and exported from tables."""

from __future__ import annotations

import time

import pytest

from prompts.forms.address_lists import Entry, read_pasted, read_table, write_table
from prompts.models import Role


def test_pasted_lists_are_read_as_people_write_them() -> None:
    text = (
        'Ada Ames <Ada@Example.com>; "Bo, Jr." <bo@example.com>,\n'
        "cy@example.com dee@example.com\tmailto:ed@example.com\n\n; cy@example.com,"
    )
    entries, problems = read_pasted(text, Role.MEMBER)
    assert [e.email for e in entries] == [
        f"{n}@example.com" for n in ("ada", "bo", "cy", "dee", "ed")
    ]
    assert entries[0].name == "Ada Ames"
    assert problems == []
    entries, problems = read_pasted("fine@example.com, Bob, x@y, a b <c@>", Role.MEMBER)
    assert [e.email for e in entries] == ["fine@example.com"]
    assert len(problems) == 3


@pytest.mark.parametrize(
    "text", ["a" * 60_000, "a " * 30_000, '"' * 60_000, "@" * 60_000, "< " * 30_000]
)
def test_long_nonsense_is_read_in_a_moment(text: str) -> None:
    began = time.monotonic()
    assert read_pasted(text, Role.MEMBER)[0] == []
    assert time.monotonic() - began < 2


def test_tables_are_read_with_and_without_a_head() -> None:
    lines = read_table("a@example.com\nb@example.com,Bo,viewer\na@example.com\n,x\n")
    assert [(line.number, bool(line.entry)) for line in lines] == [
        (1, True), (2, True), (3, False), (4, False),
    ]  # fmt: skip
    assert "above" in lines[2].error
    entries = [line.entry for line in lines if line.entry]
    assert entries[1] == Entry("b@example.com", "Bo", Role.VIEWER)
    again = [line.entry for line in read_table(write_table(entries))]
    assert again == entries
    [line] = read_table('name,email\n"Bo, =HYPERLINK()\n",b@example.com\n')
    assert line.entry is not None and "HYPERLINK" in line.entry.name
