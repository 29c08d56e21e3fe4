"""The gallery: what it shows, how it goes on, and what its filters ask for."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from prompts import gallery
from prompts.models import Image, Like, Pack, Preset, Prompt, Shoot, Tune, User
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def tune(alice: User, team: object) -> Tune:
    return factories.create_tune(team=alice.teams.get(), owner=alice)


def hang(tune: Tune, count: int = 1, **fields: object) -> list[Image]:
    """Pictures of one prompt, oldest first."""
    prompt = factories.create_prompt(tune=tune, **fields)
    return [factories.create_image(prompt=prompt, index=index) for index in range(count)]


def shown(client: Client, address: str = "/gallery/", **headers: str) -> list[str]:
    """The public ids of the pictures on that page, in order."""
    page = client.get(address, headers=headers).content.decode()
    return re.findall(r'id="tile-(\w+)"', page)


def ids(images: list[Image]) -> list[str]:
    return [image.public_id for image in images]


def link_to(page: str, place: str) -> str:
    """The address of the page below (`at`) or above, as the plain link has it."""
    found = re.search(rf'href="(/gallery/\?[^"]*{place}=\w+)"', page)
    assert found, f"no link with {place}"
    return found[1].replace("&amp;", "&")


def test_pages_follow_each_other_without_gap_or_overlap(
    alice_client: Client, tune: Tune, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "PER_PAGE", 3)
    wanted = ids(hang(tune, 8))[::-1]
    found, address = shown(alice_client), "/gallery/"
    while len(found) < len(wanted):
        address = link_to(alice_client.get(address).content.decode(), "at")
        found += shown(alice_client, address)
    assert found == wanted
    back = link_to(alice_client.get(address).content.decode(), "above")
    assert shown(alice_client, back) == wanted[3:6]


def test_pictures_that_arrive_meanwhile_move_no_page(
    alice_client: Client, tune: Tune, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "PER_PAGE", 3)
    wanted = ids(hang(tune, 6))[::-1]
    address = link_to(alice_client.get("/gallery/").content.decode(), "at")
    hang(tune, 2)
    assert shown(alice_client, address) == wanted[3:]


def test_a_place_holds_when_its_picture_is_in_the_trash(alice_client: Client, tune: Tune) -> None:
    images = hang(tune, 4)
    Image.objects.filter(pk=images[2].pk).update(trashed_at=timezone.now())
    assert shown(alice_client, f"/gallery/?at={images[2].public_id}") == ids(images[1::-1])


def test_a_place_that_never_was_gives_the_first_page(alice_client: Client, tune: Tune) -> None:
    images = hang(tune, 2)
    assert shown(alice_client, "/gallery/?at=nonsense") == ids(images)[::-1]


def test_oldest_first(alice_client: Client, tune: Tune) -> None:
    images = hang(tune, 3)
    assert shown(alice_client, "/gallery/?order=oldest") == ids(images)
    at = f"/gallery/?order=oldest&at={images[1].public_id}"
    assert shown(alice_client, at) == ids(images[1:])


@pytest.mark.parametrize(
    "query",
    [
        "person={tune}",
        "preset=neon-rain",
        "pack={pack}",
        "shoot={shoot}",
        "kind=action",
        "style=Lowpoly",
        "engine=studio",
        "member={bob}",
        "liked=1",
        "final=1",
        "q=zebra",
        "q=GRACE",
        "since={yesterday}&until={yesterday}",
    ],
)
def test_a_filter_shows_what_it_says_and_nothing_else(
    query: str, alice: User, bob: User, alice_client: Client, tune: Tune
) -> None:
    grace = factories.create_tune(team=tune.team, owner=bob, title="Grace")
    neon = Preset.objects.get(slug="neon-rain", team=None)
    Preset.objects.filter(pk=neon.pk).update(kind="action")
    neon.refresh_from_db()
    pack = Pack.objects.filter(team=None).first()
    assert pack
    shoot = Shoot.objects.create(team=tune.team, author=bob, pack=pack, title="Spring")
    (wanted,) = hang(
        grace,
        shoot=shoot,
        preset=neon,
        parameters={"style": "Lowpoly"},
        engine="studio",
        text="a zebra",
    )
    (other,) = hang(tune)
    Like.objects.create(user=alice, prompt=wanted.prompt, image=wanted)
    Like.objects.create(user=bob, prompt=other.prompt, image=other)
    Tune.objects.filter(pk=grace.pk).update(final_image=wanted)
    day = timezone.localtime() - dt.timedelta(days=1)
    Image.objects.filter(pk=wanted.pk).update(created_at=day)
    values = {"tune": grace.public_id, "bob": bob.pk, "yesterday": f"{day:%Y-%m-%d}"}
    values |= {"pack": pack.public_id, "shoot": shoot.public_id}
    assert shown(alice_client, f"/gallery/?{query.format(**values)}") == [wanted.public_id]


def test_filters_add_up_and_each_can_be_left_out(alice_client: Client, tune: Tune) -> None:
    hang(tune, parameters={"style": "Lowpoly"})
    page = alice_client.get(f"/gallery/?style=Lowpoly&kind=action&person={tune.public_id}")
    text = page.content.decode()
    assert "No picture is all of that" in text
    assert f'href="/gallery/?person={tune.public_id}&amp;style=Lowpoly"' in text


def test_filters_that_make_no_sense_are_left_out(alice_client: Client, tune: Tune) -> None:
    images = hang(tune, 2)
    nonsense = "person=nobody&kind=x&member=99999&since=soon&liked=&engine=abacus&order=odd&q="
    assert shown(alice_client, f"/gallery/?{nonsense}") == ids(images)[::-1]


def test_neither_pictures_nor_names_of_hidden_people_are_told(
    bob_client: Client, alice: User, tune: Tune
) -> None:
    private = factories.create_tune(
        team=tune.team, owner=alice, title="Hidden Harry", visibility=Tune.Visibility.PRIVATE
    )
    hang(private, text="secret plan")
    (seen,) = hang(tune)
    for query in ("", "q=Hidden", "q=secret", f"person={private.public_id}", "final=1"):
        page = bob_client.get(f"/gallery/?{query}")
        assert "Hidden Harry" not in page.content.decode()
        assert set(shown(bob_client, f"/gallery/?{query}")) <= {seen.public_id}


def test_new_pictures_are_announced(alice_client: Client, tune: Tune) -> None:
    (first,) = hang(tune)
    assert "new picture" not in alice_client.get("/gallery/").content.decode()
    address = f"/gallery/news/?newest={first.public_id}"
    assert "new picture" not in alice_client.get(address).content.decode()
    hang(tune, 3)
    assert "3 new pictures" in alice_client.get(address).content.decode()
    assert "new picture" not in alice_client.get(f"{address}&style=Lowpoly").content.decode()


def test_many_are_not_counted_to_the_end(
    alice_client: Client, tune: Tune, monkeypatch: pytest.MonkeyPatch
) -> None:
    hang(tune, 4)
    assert "4 pictures" in alice_client.get("/gallery/").content.decode()
    monkeypatch.setattr(gallery, "PER_PAGE", 2)
    assert "4 pictures" in alice_client.get("/gallery/").content.decode()
    monkeypatch.setattr(gallery, "MOST_COUNTED", 3)
    assert "3+ pictures" in alice_client.get("/gallery/").content.decode()
    monkeypatch.setattr(gallery, "MOST_COUNTED_OF_SEARCH", 1)
    assert "1+ pictures" in alice_client.get("/gallery/?q=portrait").content.decode()


@pytest.mark.parametrize("query", ["", "style=Lowpoly", "q=portrait", "liked=1"])
def test_the_number_of_queries_does_not_grow_with_the_pictures(
    query: str, alice: User, alice_client: Client, tune: Tune
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            alice_client.get(f"/gallery/?{query}")
        return len(captured)

    def more() -> None:
        for image in hang(tune, 2, parameters={"style": "Lowpoly"}):
            Like.objects.create(user=alice, prompt=image.prompt, image=image)

    more()
    before = queries()
    for _ in range(4):
        more()
    assert queries() == before


def test_a_picture_keeps_what_it_is_found_by(alice: User, tune: Tune) -> None:
    preset = Preset.objects.filter(kind="portrait").first()
    (image,) = hang(tune, preset=preset, parameters={"style": "Lowpoly"})
    found = Image.objects.get(pk=image.pk)
    assert (found.author, found.preset, found.kind, found.style) == (
        alice,
        preset,
        "portrait",
        "Lowpoly",
    )
    assert Prompt.objects.get().images.get() == image
