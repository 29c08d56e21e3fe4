"""What a page says of how a picture was made."""

from __future__ import annotations

import pytest

from prompts.models import User
from prompts.recipes import recipe_rows
from tests import factories

pytestmark = pytest.mark.django_db


def rows(alice: User, **recipe: object) -> dict[str, str]:
    tune = factories.create_tune(team=alice.teams.get(), owner=alice)
    parameters = {"style": "Cinematic", "film_grain": True, "seed": 5}
    prompt = factories.create_prompt(tune=tune, parameters=parameters, base_seed=5)
    return dict(recipe_rows(factories.create_image(prompt=prompt, index=2, recipe=recipe)))


def test_rows_name_text_parameters_seed_and_size(alice: User) -> None:
    told = rows(alice, engine_version="3")
    assert told["Text"] == "ohwx woman, portrait"
    assert (told["Style"], told["Film grain"]) == ("Cinematic", "on")
    assert (told["Seed"], told["Size"], told["Engine"]) == ("7", "64 × 80", "fake 3")


def test_reasons_quote_the_words_that_chose(alice: User) -> None:
    because = [
        {"choice": "shot", "value": "headshot", "words": ""},
        {"choice": "scene", "value": "Library", "words": "books, library"},
        {"choice": "emphasis", "value": "1.10", "words": "parameter cfg_scale"},
    ]
    told = rows(alice, because=because, scene="library", scene_title="Library")
    assert told["Because of"] == "“books, library” → Library"
    assert told["Scene"] == "Library"


def test_nothing_is_claimed_without_a_reason(alice: User) -> None:
    assert "Because of" not in rows(alice)
