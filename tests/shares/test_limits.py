"""Archives of guests and self-tests of members are limited, and neither stands in other's way."""

from __future__ import annotations

import pytest
from django.test import Client

from prompts import limits
from prompts.flows import shares as flow
from prompts.models import Share, User
from tests.factories import create_image, create_prompt, create_share, create_tune, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def share(alice: User) -> Share:
    return share_of(alice)


def share_of(author: User) -> Share:
    prompt = create_prompt(tune=create_tune(team=author.teams.get(), owner=author))
    return create_share(author=author, images=[create_image(prompt=prompt)], downloads="original")


def use_up(name: str, limit: int) -> None:
    while limits.take(name, limit, 3600).allowed:
        pass


def zip_of(share: Share, client: Client) -> int:
    return client.get(f"{share.public_path}pictures.zip").status_code


def test_guests_take_thirty_archives_an_hour(share: Share, alice: User) -> None:
    assert [zip_of(share, Client()) for _ in range(31)] == [200] * 30 + [429]
    refused = Client().get(f"{share.public_path}pictures.zip")
    assert 0 < int(refused["Retry-After"]) <= 120
    shown = refused.content.decode()
    assert "Too many downloads" in shown and f'href="{share.public_path}"' in shown
    assert share.visits.get().downloads == 30
    assert zip_of(share_of(alice), Client()) == 200
    assert zip_of(share, signed_in(alice)) == 200


def test_the_limit_does_not_tell_which_links_exist(share: Share) -> None:
    use_up(f"share-zip:{share.pk}", flow.ZIPS)
    share.revoke()
    assert zip_of(share, Client()) == 404


def test_members_try_twenty_links_out_an_hour(share: Share, alice: User, bob: User) -> None:
    address, client = f"/shares/{share.public_id}/test/", signed_in(alice)
    for _ in range(19):
        limits.take(f"share-test:{alice.pk}", 20, 3600)
    assert client.get(address).status_code == 200
    refused = client.get(address)
    assert refused.status_code == 429 and 0 < int(refused["Retry-After"]) <= 180
    assert f'href="{share.get_absolute_url()}"' in refused.content.decode()
    bobs = share_of(bob)
    assert signed_in(bob).get(f"/shares/{bobs.public_id}/test/").status_code == 200


def test_a_self_test_is_not_disturbed_by_what_guests_took(share: Share, alice: User) -> None:
    def findings() -> object:
        return signed_in(alice).get(f"/shares/{share.public_id}/test/").context["findings"]

    before = findings()
    use_up(f"share-zip:{share.pk}", flow.ZIPS)
    assert before and findings() == before
