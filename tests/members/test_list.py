"""The list of members."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from prompts.models import Role, Team, Tune, User
from tests import factories
from tests.factories import signed_in
from tests.members.team import add

pytestmark = pytest.mark.django_db


def test_the_list_shows_the_team_owners_first_and_finds_by_name_and_address(
    team: Team, alice: User, bob: User, charlie: User, alice_client: Client
) -> None:
    page = alice_client.get("/members/")
    assert [m.user for m in page.context["page_obj"]] == [alice, bob]
    assert charlie.email not in page.content.decode()
    found = alice_client.get("/members/?q=BROWN").context["page_obj"]
    assert [m.user for m in found] == [bob]
    assert "Nobody is called that" in alice_client.get("/members/?q=zzz").content.decode()


def test_counts_tell_others_nothing_of_private_people(
    team: Team, alice: User, bob: User, vera: User
) -> None:
    factories.create_tune(team=team, owner=bob, visibility=Tune.Visibility.PRIVATE)
    factories.create_tune(team=team, owner=bob)

    def count(client: Client) -> int:
        page = client.get("/members/?q=Brown")
        return int(page.context["page_obj"][0].tune_count)

    assert [count(signed_in(user)) for user in (alice, bob, vera)] == [2, 2, 1]


def test_a_long_list_has_pages_and_few_queries(
    team: Team, alice_client: Client, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    for number in range(60):
        add(team, Role.MEMBER, f"Nova {number}")
    with django_assert_max_num_queries(10):
        page = alice_client.get("/members/?q=nova")
    assert len(page.context["page_obj"]) == 50
    assert "?q=nova&amp;page=2" in page.content.decode()
