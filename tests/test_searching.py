"""The gallery's words: what they find, by the index as by walking, and that the index keeps up."""

from __future__ import annotations

import pytest
from django.db import connection

from prompts import gallery, searching
from prompts.models import Image, Membership, Prompt, Tune, User
from prompts.searching import INDEX, ON_SQLITE, prepare_index
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def tune(alice: User, team: object) -> Tune:
    return factories.create_tune(team=alice.teams.get(), owner=alice, title="Ada Ames")


@pytest.fixture(params=["index", "walk"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """By the index, as a rare word; or along the pictures, as a frequent one."""
    if request.param == "walk":
        monkeypatch.setattr(searching, "MOST_PROMPTS", -1)
    return str(request.param)


def hang(tune: Tune, text: str) -> Image:
    return factories.create_image(prompt=factories.create_prompt(tune=tune, text=text))


def found(user: User, text: str) -> list[Image]:
    membership = Membership.objects.get(user=user)
    return list(gallery.filtered(membership, {"q": text}).order_by("pk"))


@pytest.mark.parametrize(
    "words",
    ["zebra", "ZEBRA", "ebr", "zebra crossing", "crossing ada", "Ames", "at", "100%", 'the "old"'],
)
def test_every_word_stands_in_the_text_or_in_the_name(
    words: str, way: str, alice: User, tune: Tune
) -> None:
    wanted = hang(tune, 'at a zebra crossing in the "old" town, 100% real')
    bo = factories.create_tune(team=tune.team, owner=alice, title="Bo")
    hang(bo, "portrait in the forest")
    assert found(alice, words) == [wanted]


@pytest.mark.parametrize(
    "words", ["forest zebra", "giraffe", "f_rest", "f%t", "for*", "forest OR zebra", "text:forest"]
)
def test_what_does_not_stand_there_finds_nothing(
    words: str, way: str, alice: User, tune: Tune
) -> None:
    hang(tune, "portrait in the forest")
    hang(tune, "a zebra")
    assert found(alice, words) == []


def test_a_word_in_more_pictures_than_are_looked_up_finds_them_all(
    alice: User, tune: Tune, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = [hang(tune, "portrait in the forest") for _ in range(5)]
    hang(factories.create_tune(team=tune.team, owner=alice, title="Bo"), "a zebra")
    for limit in ("MOST_IMAGES", "MOST_PROMPTS"):
        monkeypatch.setattr(searching, limit, 4)
        assert found(alice, "forest") == found(alice, "ames") == images


def test_words_of_other_teams_find_nothing(way: str, tune: Tune) -> None:
    stranger = factories.create_user()
    factories.create_membership(team=factories.create_team(name="Other"), user=stranger)
    hang(tune, "a zebra")
    assert found(stranger, "zebra") == []


def test_the_index_keeps_up_with_the_texts(alice: User, tune: Tune) -> None:
    image = hang(tune, "a zebra")
    Prompt.objects.filter(pk=image.prompt_id).update(text="a giraffe")
    assert found(alice, "zebra") == []
    assert found(alice, "giraffe") == [image]
    image.prompt.delete()
    other = hang(tune, "a giraffe")
    assert found(alice, "giraffe") == [other]


def test_an_index_that_a_migration_took_along_is_made_again(alice: User, tune: Tune) -> None:
    if connection.vendor == "sqlite":
        lost = next(name for name in ON_SQLITE if name.endswith("_added"))
        statements = [f"DROP TRIGGER {lost}"]
    else:
        statements = [f"DROP INDEX {INDEX}"]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    image = hang(tune, "a zebra")
    prepare_index()
    assert found(alice, "zebra") == [image]
    later = hang(tune, "another zebra")
    assert found(alice, "zebra") == [image, later]


def test_words_are_looked_up_in_the_index(alice: User, tune: Tune) -> None:
    hang(tune, "a zebra")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"INSERT INTO {INDEX}({INDEX}) VALUES ('delete-all')")  # noqa: S608 - our own name
            assert found(alice, "zebra") == []
        else:
            cursor.execute("SET LOCAL enable_seqscan = off")
            assert INDEX in Prompt.objects.filter(text__icontains="zebra").order_by().explain()


@pytest.mark.parametrize("few", [0, 100])
def test_few_visible_pictures_are_shown_like_many(
    few: int, alice: User, bob: User, tune: Tune, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "FEW_VISIBLE", few)
    own = factories.create_tune(team=tune.team, owner=bob, visibility=Tune.Visibility.PRIVATE)
    hidden = factories.create_tune(team=tune.team, owner=alice, visibility=Tune.Visibility.PRIVATE)
    wanted = [hang(tune, "a zebra"), hang(own, "a zebra")]
    hang(hidden, "a zebra")
    assert found(bob, "zebra") == found(bob, "") == wanted
