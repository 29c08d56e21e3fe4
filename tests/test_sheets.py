"""Tables for spreadsheet programs."""

from __future__ import annotations

import csv
import io

import pytest
from django.http import HttpResponse

from prompts.sheets import csv_response


def read(response: HttpResponse) -> list[list[str]]:
    text = response.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"])
def test_no_cell_begins_like_a_formula(start: str) -> None:
    rows = read(csv_response("picks.csv", ["Name"], [[f'{start}HYPERLINK("https://e.test")']]))
    assert rows[1] == [f'\'{start}HYPERLINK("https://e.test")']


def test_text_lines_and_numbers_come_back_as_they_were() -> None:
    row = ['Zoë, "Z"', "two\nlines", -3, 0.5, None]
    rows = read(csv_response("picks.csv", ["A", "B", "C", "D", "E"], [row]))
    assert rows == [["A", "B", "C", "D", "E"], ['Zoë, "Z"', "two\nlines", "-3", "0.5", ""]]


def test_it_is_a_download_that_no_cache_keeps() -> None:
    response = csv_response("picks.csv", ["A"], [])
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="picks.csv"'
    assert response["Cache-Control"] == "private, no-store"
    assert response.content.startswith("\ufeff".encode())
