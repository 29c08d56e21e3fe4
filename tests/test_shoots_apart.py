"""Shoots name people, so they are seen by those who may see one of the people."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from prompts.models import Pack, Role, Shoot, Team, Tune, User
from tests import factories
from tests.factories import signed_in

pytestmark = pytest.mark.django_db

TITLE = "Corporate headshots: Hidden Hanna"


@pytest.fixture
def shoot(team: Team, alice: User) -> Shoot:
    """Of one person, whom her owner has made private since."""
    hanna = factories.create_tune(
        team=team, owner=alice, title="Hidden Hanna", visibility=Tune.Visibility.PRIVATE
    )
    shoot = Shoot.objects.create(team=team, author=alice, title=TITLE)
    for title in (TITLE, "Another of hers"):
        other = Shoot.objects.create(team=team, author=alice, title=title)
        factories.create_image(prompt=factories.create_prompt(tune=hanna, shoot=other))
    factories.create_prompt(tune=hanna, shoot=shoot)
    return shoot


def test_the_title_of_a_private_persons_shoot_is_kept_from_colleagues(
    shoot: Shoot, alice_client: Client, bob_client: Client, vera_client: Client
) -> None:
    for name in ("pack_list", "gallery"):
        assert TITLE in alice_client.get(reverse(name)).content.decode()
        for client in (bob_client, vera_client):
            assert TITLE not in client.get(reverse(name)).content.decode()
    assert alice_client.get(shoot.get_absolute_url()).status_code == 200
    assert bob_client.get(shoot.get_absolute_url()).status_code == 404
    page = bob_client.get(reverse("gallery"), {"shoot": shoot.public_id}).content.decode()
    assert TITLE not in page


def test_a_shoot_is_seen_with_the_first_person_who_may_be_seen(
    shoot: Shoot, bob_client: Client, team: Team, alice: User
) -> None:
    factories.create_prompt(tune=factories.create_tune(team=team, owner=alice), shoot=shoot)
    assert bob_client.get(shoot.get_absolute_url()).status_code == 200
    assert TITLE in bob_client.get(reverse("pack_list")).content.decode()


def test_a_pack_of_another_team_is_not_run_here(team: Team, bob: User) -> None:
    second = factories.create_team(name="Second")
    factories.create_membership(team=second, user=bob, role=Role.OWNER)
    preset = second.presets.create(slug="own", kind="portrait", title="Secret look", text="{token}")
    pack = Pack.objects.create(team=second, slug="second", title="Second")
    pack.items.create(preset=preset)
    tune = factories.create_tune(team=team, owner=bob)
    values = {"tunes": [tune.public_id], "presets": ["own"], "num_images": 1}
    client = signed_in(bob)
    client.post(reverse("team_switch", args=[team.public_id]))
    assert client.post(pack.get_absolute_url(), values).status_code == 422
    assert not Shoot.objects.exists()
    own = factories.create_tune(team=second, owner=bob)
    client.post(reverse("team_switch", args=[second.public_id]))
    answer = client.post(pack.get_absolute_url(), values | {"tunes": [own.public_id]})
    assert answer.status_code == 302
