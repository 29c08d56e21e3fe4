"""Packs and shoots on pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prompts.models import Pack, Prompt, PromptStatus, Shoot, Team, Tune, TuneStatus, User
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def pack(db: None) -> Pack:
    return Pack.objects.get(slug="corporate-headshots")


@pytest.fixture
def tunes(team: Team, alice: User) -> list[Tune]:
    return [factories.create_tune(team=team, owner=alice, title=t) for t in ("Ada", "Grace")]


def run(client: Client, pack: Pack, people: list[Tune], **values: Any) -> Any:
    data = {
        "tunes": [tune.public_id for tune in people],
        "presets": [preset.slug for preset in pack.ordered_presets()],
        "num_images": 1,
    }
    return client.post(pack.get_absolute_url(), data | values)


def test_a_pack_runs_over_several_people_at_once(
    alice_client: Client, alice: User, pack: Pack, tunes: list[Tune]
) -> None:
    response = run(alice_client, pack, tunes)
    shoot = Shoot.objects.get()
    assert (response.status_code, response["Location"]) == (302, shoot.get_absolute_url())
    assert Prompt.objects.filter(shoot=shoot, author=alice, num_images=1).count() == 10
    page = alice_client.get(shoot.get_absolute_url()).content.decode()
    assert "0 of 10 prompts done" in page
    shoot.prompts.filter(tune=tunes[0]).update(status=PromptStatus.COMPLETED)
    assert "5 of 10 prompts done" in alice_client.get(shoot.get_absolute_url()).content.decode()


def test_looks_can_be_left_out(alice_client: Client, pack: Pack, tunes: list[Tune]) -> None:
    run(alice_client, pack, tunes[:1], presets=["executive"])
    assert [prompt.preset.slug for prompt in Prompt.objects.all()] == ["executive"]


@pytest.mark.parametrize("missing", ["tunes", "presets"])
def test_nobody_or_nothing_chosen_is_said_plainly(
    missing: str, alice_client: Client, pack: Pack, tunes: list[Tune]
) -> None:
    response = run(alice_client, pack, tunes, **{missing: []})
    assert response.status_code == 422
    assert "Choose at least one" in response.content.decode()
    assert not Shoot.objects.exists()


def test_members_run_packs_over_their_own_people_only(
    bob_client: Client, bob: User, team: Team, pack: Pack, tunes: list[Tune]
) -> None:
    assert run(bob_client, pack, tunes).status_code == 422
    own = factories.create_tune(team=team, owner=bob, title="Mine")
    page = bob_client.get(pack.get_absolute_url()).content.decode()
    assert "Mine" in page
    assert "Grace" not in page
    assert run(bob_client, pack, [own]).status_code == 302


def test_untrained_people_are_not_offered(
    alice_client: Client, pack: Pack, team: Team, alice: User
) -> None:
    draft = factories.create_tune(team=team, owner=alice, status=TuneStatus.DRAFT, title="Draft")
    assert run(alice_client, pack, [draft]).status_code == 422
    assert "Nobody is trained yet" in alice_client.get(pack.get_absolute_url()).content.decode()


def test_viewers_cannot_run(vera_client: Client, pack: Pack, tunes: list[Tune]) -> None:
    assert run(vera_client, pack, tunes).status_code == 403


def test_a_shoot_hides_private_people(
    alice_client: Client, bob_client: Client, pack: Pack, tunes: list[Tune]
) -> None:
    run(alice_client, pack, tunes)
    Tune.objects.filter(pk=tunes[0].pk).update(visibility=Tune.Visibility.PRIVATE)
    page = bob_client.get(Shoot.objects.get().get_absolute_url()).content.decode()
    assert "Grace" in page
    assert "Ada" not in page
    assert "0 of 5 prompts done" in page


def test_the_list_shows_packs_and_shoots_in_constant_queries(
    alice_client: Client, pack: Pack, tunes: list[Tune], django_assert_num_queries: Any
) -> None:
    run(alice_client, pack, tunes)
    alice_client.get(reverse("pack_list"))
    with CaptureQueriesContext(connection) as few:
        page = alice_client.get(reverse("pack_list")).content.decode()
    count = len(few)
    assert "Corporate headshots" in page
    run(alice_client, pack, tunes)
    with django_assert_num_queries(count):
        alice_client.get(reverse("pack_list"))
