"""Template tags: icons, pictures, times, numbers and fields."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
import time_machine
from django import forms
from django.conf import settings

from prompts.models import Image
from prompts.templatetags import pages, pictures, words

NOON = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)


def picture_of(width: int, height: int) -> Image:
    return Image(public_id="abcdefgh23456789", width=width, height=height, color="#a1b2c3")


@pytest.mark.parametrize(
    ("size", "name"),
    [
        ((1024, 1280), "r-80"),
        ((1000, 1000), "r-100"),
        ((1920, 1080), "r-178"),
        ((1096, 1288), "r-85"),
        ((2048, 128), "r-300"),
        ((64, 2048), "r-33"),
        ((0, 0), "r-80"),
    ],
)
def test_a_picture_gets_its_own_shape(size: tuple[int, int], name: str) -> None:
    assert pictures.ratio_class(size) == name
    assert pictures.ratio_class(picture_of(*size)) == name


def test_every_shape_has_its_style() -> None:
    css = (settings.BASE_DIR / "static/css/shapes.css").read_text()
    for hundredths in range(33, 301):
        assert pictures.ratio_class((hundredths, 100)) == f"r-{hundredths}"
        assert f".r-{hundredths} {{ --ratio: {hundredths / 100:.2f}; }}" in css


def test_a_picture_is_offered_in_the_widths_it_has() -> None:
    html = pictures.picture(picture_of(1024, 1280), alt='Ada "the first"', sizes="50vw")
    assert "/320.webp 320w" in html and "/640.webp 640w" in html and "/1280.webp 1024w" in html
    assert 'width="1024" height="1280"' in html
    assert 'alt="Ada &quot;the first&quot;"' in html
    assert 'data-color="#a1b2c3"' in html


def test_a_small_picture_is_offered_once() -> None:
    html = pictures.picture(picture_of(200, 250))
    assert html.count(" 200w") == 1 and "1280.webp" not in html


@pytest.mark.parametrize(
    ("size", "wide", "wide_dense", "narrow", "narrow_dense"),
    [
        ((1024, 1280), 320, 320, 320, 320),
        ((1024, 1024), 320, 640, 320, 320),
        ((1920, 1080), 640, 640, 320, 640),
    ],
)
def test_a_tile_asks_for_the_thumbnail_it_needs(
    size: tuple[int, int], wide: int, wide_dense: int, narrow: int, narrow_dense: int
) -> None:
    assert pictures.tile_sizes(picture_of(*size)) == (
        f"(min-width: 48rem) and (min-resolution: 1.5dppx) {wide_dense // 2}px, "
        f"(min-width: 48rem) {wide}px, (min-resolution: 2.5dppx) {narrow_dense // 3}px, "
        f"(min-resolution: 1.5dppx) {narrow_dense // 2}px, {narrow}px"
    )


def test_only_the_picture_in_view_at_once_is_not_lazy() -> None:
    assert 'loading="lazy"' in pictures.picture(picture_of(100, 100))
    eager = pictures.picture(picture_of(100, 100), eager=True)
    assert 'loading="lazy"' not in eager and 'fetchpriority="high"' in eager


def test_pictures_and_icons_carry_no_inline_style() -> None:
    image = picture_of(100, 100)
    rendered = pictures.picture(image) + pictures.icon("house") + pictures.shape("4:5")
    assert "style=" not in rendered


def test_icons_are_hidden_from_screen_readers() -> None:
    assert 'aria-hidden="true"' in pictures.icon("house", 20)
    assert 'width="20"' in pictures.icon("house", 20)


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (dt.timedelta(seconds=20), "just now"),
        (dt.timedelta(minutes=3, seconds=40), "3 min ago"),
        (dt.timedelta(hours=5), "5 h ago"),
        (dt.timedelta(hours=30), "yesterday"),
        (dt.timedelta(days=4), "4 days ago"),
        (dt.timedelta(days=40), "12 Oct"),
        (dt.timedelta(days=400), "17 Oct 2025"),
    ],
)
@time_machine.travel(NOON, tick=False)
def test_times_are_told_as_people_would(ago: dt.timedelta, said: str) -> None:
    assert words.time_words(NOON - ago) == said


@time_machine.travel(NOON, tick=False)
def test_the_exact_time_is_on_hover() -> None:
    html = words.relative_time(NOON - dt.timedelta(minutes=3))
    assert 'datetime="2026-11-21T11:57:00+00:00"' in html
    assert 'title="21 November 2026, 11:57 UTC"' in html
    assert words.relative_time(None) == ""


@time_machine.travel(NOON, tick=False)
def test_days_have_names() -> None:
    assert words.day_words(dt.date(2026, 11, 21)) == "Today"
    assert words.day_words(dt.date(2026, 11, 20)) == "Yesterday"
    assert words.day_words(dt.date(2026, 11, 16)) == "Monday 16 November"
    assert words.day_words(dt.date(2025, 11, 16)) == "Sunday 16 November 2025"


def test_long_numbers_are_grouped_by_thin_spaces() -> None:
    assert words.thin(12480) == "12\u202f480"
    assert words.thin("about 3") == "about 3"
    assert words.thin(None) == ""


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ada Lovelace", "AL"), ("ada@example.com", "A"), ("Ada King Noel", "AN"), ("", "")],
)
def test_a_person_is_known_by_initials(name: str, letters: str) -> None:
    assert words.initials(name) == letters


class SmallForm(forms.Form):
    steps = forms.IntegerField(required=False, help_text="0 to 50.")
    film_grain = forms.BooleanField(required=False)
    style = forms.CharField(required=False)


def test_a_widget_keeps_what_describes_it() -> None:
    html = pages.widget(SmallForm({"steps": "many"})["steps"], data_role="x")
    assert 'data-role="x"' in html and 'aria-invalid="true"' in html
    assert 'aria-describedby="id_steps_helptext id_steps_error"' in html


def test_a_folded_topic_names_what_is_filled_in() -> None:
    form = SmallForm(initial={"steps": 30, "film_grain": True, "style": ""})
    infos = [
        SimpleNamespace(field=form[name], parameter=SimpleNamespace(label=name))
        for name in ("steps", "film_grain", "style")
    ]
    assert pages.filled_in(infos) == [("steps", "30"), ("film_grain", "on")]


def test_a_contact_sheet_has_frames_for_what_may_still_come() -> None:
    assert len(pages.frames_left(20, ["one", "two"])) == 18
    assert len(pages.frames_left(20, "")) == 20
    assert len(pages.frames_left(1, ["one", "two"])) == 0


def test_the_chosen_presets_kind_is_shown_first() -> None:
    plain, chosen = SimpleNamespace(is_chosen=False), SimpleNamespace(is_chosen=True)
    groups = [("headshot", "Headshot", [plain]), ("action", "Action", [plain, chosen])]
    assert pages.kind_of_chosen(groups) == "action"
    assert pages.kind_of_chosen(groups[:1]) == "headshot"
    assert pages.kind_of_chosen([]) == ""
