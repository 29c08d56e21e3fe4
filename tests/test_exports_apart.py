"""A copy of what is kept of one person tells of nobody else."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from prompts.models import Team, Tune, User
from tests import factories
from tests.test_exports import archive
from tests.traces import image_of

pytestmark = pytest.mark.django_db


def test_words_on_a_link_that_shows_others_too_are_left_out(
    team: Team, alice: User, bob: User, bob_client: Client
) -> None:
    own = factories.create_tune(team=team, owner=bob, title="Bea")
    hidden = factories.create_tune(
        team=team, owner=alice, title="Hidden Hanna", visibility=Tune.Visibility.PRIVATE
    )
    images = [image_of(own), image_of(hidden)]
    factories.create_share(author=alice, images=images[:1], title="Bea alone")
    factories.create_share(author=alice, images=images, title="Bea or Hidden Hanna?")
    found = archive(bob_client, reverse("tune_export", args=[own.public_id]))
    data = found.read("person.json").decode()
    assert "Hanna" not in data
    links = json.loads(data)["links"]
    assert [link.get("title") for link in links] == ["Bea alone", None]
    assert all(link["created_at"] for link in links)
