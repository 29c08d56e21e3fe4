"""Albums: who sees what of them, what is put in, and in which order."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from prompts.flows.albums import add_images, move_image
from prompts.models import Album, Image, Tune, User
from tests import factories
from tests.factories import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def pictures(alice: User, team: object) -> list[Image]:
    prompt = factories.create_prompt(
        tune=factories.create_tune(team=alice.teams.get(), owner=alice)
    )
    return [factories.create_image(prompt=prompt, index=index) for index in range(4)]


@pytest.fixture
def album(alice: User, pictures: list[Image]) -> Album:
    return factories.create_album(owner=alice, images=pictures)


def order_of(album: Album) -> list[int]:
    """The places of the pictures within their prompt, in the album's order."""
    return list(album.places.values_list("image__index", flat=True))


def keys(images: list[Image]) -> set[int]:
    return {image.pk for image in images}


def test_chosen_pictures_come_into_a_new_album_in_their_order(
    alice_client: Client, pictures: list[Image]
) -> None:
    chosen = [pictures[2].public_id, pictures[0].public_id]
    answer = alice_client.post("/albums/new/", {"title": "Press", "images": chosen})
    album = Album.objects.get(title="Press")
    assert answer["Location"] == album.get_absolute_url()
    assert order_of(album) == [2, 0]


def test_an_album_without_a_name_is_not_made(alice_client: Client, pictures: list[Image]) -> None:
    answer = alice_client.post("/albums/new/", {"title": " ", "images": pictures[0].public_id})
    assert answer.status_code == 422
    assert pictures[0].public_id in answer.content.decode()
    assert not Album.objects.exists()


def test_a_picture_is_in_an_album_once(album: Album, pictures: list[Image], alice: User) -> None:
    assert add_images(album, [pictures[1], pictures[1]], alice) == 0
    assert order_of(album) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (1, [2, 0, 1, 3]),
        (2, [0, 2, 1, 3]),
        (3, [0, 1, 2, 3]),
        (4, [0, 1, 3, 2]),
        (99, [0, 1, 3, 2]),
    ],
)
def test_a_picture_moves_to_the_place_one_says(
    album: Album, pictures: list[Image], place: int, expected: list[int]
) -> None:
    assert move_image(album, pictures[2], place, keys(pictures))
    assert order_of(album) == expected


def test_places_are_counted_among_the_pictures_one_sees(
    album: Album, pictures: list[Image]
) -> None:
    seen = keys([pictures[1], pictures[3]])
    assert move_image(album, pictures[3], 1, seen)
    assert order_of(album) == [0, 3, 1, 2]


def test_a_picture_that_is_not_in_the_album_moves_nowhere(
    album: Album, pictures: list[Image]
) -> None:
    album.places.filter(image=pictures[0]).delete()
    assert not move_image(album, pictures[0], 1, keys(pictures))
    assert order_of(album) == [1, 2, 3]


def test_taking_a_picture_out_leaves_it_in_the_gallery(
    alice_client: Client, album: Album, pictures: list[Image]
) -> None:
    alice_client.post(f"{album.get_absolute_url()}remove/", {"images": pictures[1].public_id})
    assert order_of(album) == [0, 2, 3]
    assert pictures[1].public_id in alice_client.get("/gallery/").content.decode()


def test_deleting_an_album_keeps_its_pictures(alice_client: Client, album: Album) -> None:
    alice_client.post(f"{album.get_absolute_url()}delete/")
    assert not Album.objects.exists()
    assert Image.objects.present().count() == 4


def test_a_teammate_sees_an_album_without_the_pictures_that_are_private(
    album: Album, bob: User, bob_client: Client, alice: User, pictures: list[Image]
) -> None:
    private = factories.create_tune(
        team=album.team, owner=alice, visibility=Tune.Visibility.PRIVATE, title="Hidden Harry"
    )
    hidden = factories.create_image(prompt=factories.create_prompt(tune=private))
    add_images(album, [hidden], alice)
    Album.objects.update(cover=hidden)
    for page in (album.get_absolute_url(), "/albums/"):
        text = bob_client.get(page).content.decode()
        assert pictures[0].public_id in text and "4 pictures" in text
        assert hidden.public_id not in text and "Hidden Harry" not in text


def test_an_album_of_which_one_sees_nothing_is_not_there(
    album: Album, bob_client: Client, alice_client: Client
) -> None:
    Tune.objects.update(visibility=Tune.Visibility.PRIVATE)
    assert bob_client.get(album.get_absolute_url()).status_code == 404
    assert album.title not in bob_client.get("/albums/").content.decode()
    assert album.title in alice_client.get("/albums/").content.decode()


def test_pictures_in_the_trash_are_in_no_album(
    alice_client: Client, album: Album, pictures: list[Image]
) -> None:
    Image.objects.filter(pk=pictures[0].pk).update(trashed_at="2026-11-01T00:00Z")
    text = alice_client.get(album.get_absolute_url()).content.decode()
    assert pictures[0].public_id not in text and "3 pictures" in text


def test_pictures_of_another_team_never_come_into_an_album(album: Album, alice: User) -> None:
    other = factories.create_team(name="Other")
    factories.create_membership(team=other, user=alice)
    prompt = factories.create_prompt(tune=factories.create_tune(team=other, owner=alice))
    foreign = factories.create_image(prompt=prompt)
    answer = signed_in(alice).post(
        f"{album.get_absolute_url()}images/", {"images": foreign.public_id}
    )
    assert answer.status_code == 404
    assert order_of(album) == [0, 1, 2, 3]


def test_a_member_fills_only_albums_of_their_own(
    album: Album, bob: User, bob_client: Client, pictures: list[Image]
) -> None:
    own = factories.create_album(owner=bob, title="Bob's choice", team=album.team)
    text = bob_client.get(f"/albums/choose/?images={pictures[0].public_id}").content.decode()
    assert own.get_absolute_url() in text and album.get_absolute_url() not in text


def test_the_number_of_queries_does_not_grow_with_the_albums(
    alice: User, alice_client: Client, album: Album, pictures: list[Image]
) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            alice_client.get(address)
        return len(captured)

    before = [queries("/albums/"), queries("/albums/choose/")]
    for number in range(6):
        factories.create_album(owner=alice, title=f"Album {number}", images=pictures[number % 3 :])
    assert [queries("/albums/"), queries("/albums/choose/")] == before
