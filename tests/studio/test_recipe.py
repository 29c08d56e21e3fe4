"""Words choose the picture, and the recipe tells which did."""

from __future__ import annotations

import json
from typing import Any

import pytest

from prompts.engines.studio import vocabulary
from prompts.engines.studio.backdrops import SCENES
from prompts.engines.studio.recipe import Recipe, read
from prompts.engines.studio.words import Prompt


def recipe(text: str, negative: str = "", *, weighted: bool = False, **parameters: Any) -> Recipe:
    prompt = Prompt(text, token="ohwx", class_name="man", weighted=weighted)
    return read(prompt, Prompt(negative), parameters)


@pytest.mark.parametrize(
    ("text", "scene", "shot", "style"),
    [
        (
            "professional headshot of ohwx man, business attire, clean background, studio lighting",
            "grey",
            "headshot",
            "",
        ),
        (
            "artistic portrait of ohwx man, oil painting style, dramatic lighting",
            "dark",
            "portrait",
            "Oil painting",
        ),
        (
            "ohwx man in action movie scene, dynamic pose, cinematic lighting",
            "action",
            "half",
            "",
        ),
        ("a painting of ohwx man in the style of Van Gogh", "canvas", "portrait", "Impasto"),
        ("ohwx man", "grey", "headshot", ""),
        ("close-up of ohwx man, black and white", "charcoal", "close", ""),
        ("Ohwx Man in a LIBRARY", "library", "headshot", ""),
    ],
)
def test_words_choose_scene_shot_and_style(text: str, scene: str, shot: str, style: str) -> None:
    found = recipe(text)
    assert (found.scene, found.shot, found.style) == (scene, shot, style)


@pytest.mark.parametrize("scene", SCENES.values(), ids=lambda scene: scene.name)
def test_every_scene_is_chosen_by_its_own_words(scene: Any) -> None:
    chosen = {recipe(f"photo of ohwx man, {word}").scene for word in scene.words}
    assert scene.name in chosen


def test_the_longer_phrase_wins() -> None:
    assert recipe("headshot, dark grey background").scene == "charcoal"


def test_clothes_are_no_place_and_are_said_to_stay() -> None:
    found = recipe("headshot of ohwx man in a business suit")
    assert found.scene == "grey"
    assert found.not_followed == ("business suit: Clothes stay as in the photo.",)


def test_weights_decide_between_words_only_when_asked() -> None:
    text = "ohwx man, office, (library:1.4)"
    assert recipe(text).scene == "office"
    assert recipe(text, weighted=True).scene == "library"
    assert recipe("ohwx man, office, [library]", weighted=True).scene == "office"


def test_trigger_word_and_class_do_not_choose() -> None:
    prompt = Prompt("portrait of forest beach", token="forest", class_name="beach")
    assert read(prompt, Prompt(""), {}).scene == vocabulary.DEFAULT_SCENES["portrait"]


def test_negative_words_rule_out_what_the_text_asks() -> None:
    assert recipe("ohwx man, office, library", "office").scene == "library"
    assert recipe("ohwx man, oil painting", "painting").style == ""
    assert not recipe("ohwx man", "vignette").vignette
    assert recipe("ohwx man", "plastic skin", face_correct=True).retouch == 0


def test_parameters_win_over_words() -> None:
    found = recipe("ohwx man, oil painting", style="Line art")
    assert (found.medium, found.style) == ("", "Line art")


def test_a_mood_leaves_the_words_their_medium() -> None:
    found = recipe("portrait of ohwx man, oil painting style", style="Fantasy art")
    assert (found.medium, found.style) == ("Oil painting", "Fantasy art")
    assert recipe("portrait of ohwx man", style="Fantasy art").medium == ""


def test_strictness_follows_cfg_scale() -> None:
    low, usual, high = (recipe("ohwx man", cfg_scale=v).emphasis for v in (1, 7.5, 14))
    assert low < usual == 1.0 < high


def test_face_correction_retouches_more_than_usual() -> None:
    assert recipe("ohwx man", face_correct=True).retouch > recipe("ohwx man").retouch > 0


def test_every_choice_names_its_words() -> None:
    reasons = {
        b.choice: b.words for b in recipe("close-up of ohwx man, forest, soft light").because
    }
    assert reasons == {"shot": "close up", "light": "soft light", "scene": "forest"}


def test_recipe_is_plain_json() -> None:
    text = "close-up of ohwx man, forest, soft light, warm tones, smiling"
    assert json.loads(json.dumps(recipe(text).as_json()))["scene"] == "forest"


def test_references_to_others_are_found_and_removed() -> None:
    prompt = Prompt("ohwx man and <lora:123:0.8> woman <FaceID: 7 :1>, office")
    assert [(r.kind, r.tune) for r in prompt.references] == [("lora", "123"), ("faceid", "7")]
    assert "<" not in prompt.text


def test_a_colour_code_is_a_plain_backdrop_in_that_colour() -> None:
    found = recipe("headshot of ohwx man, background #0B3D91, office")
    assert found.colour == "#0b3d91"
    assert found.as_json()["scene_title"] == "#0b3d91"


def test_a_picture_needs_a_place_even_if_every_place_is_unwanted() -> None:
    every_word = ", ".join(word for scene in SCENES.values() for word in scene.words)
    assert recipe("ohwx man", every_word).scene == "grey"


@pytest.mark.parametrize(
    "text", ["", "((((", "(a:99", "[x] (y:", "<lora:>", "#zzzzzz", "(a" * 2000]
)
def test_broken_syntax_is_plain_text(text: str) -> None:
    assert recipe(text, text, weighted=True).scene == "grey"
