"""What others have written of somebody who is erased."""

from __future__ import annotations

import pytest

from prompts.flows.account_erasure import erase_account
from prompts.flows.erasure import erase_person
from prompts.models import Pick, Team, User
from tests import factories
from tests.leaving import leaving
from tests.traces import image_of

pytestmark = pytest.mark.django_db


def test_guests_words_on_pictures_of_others_lose_the_name(team: Team, alice: User) -> None:
    jane = factories.create_tune(team=team, owner=alice, title="Jane Doe")
    grace = factories.create_tune(team=team, owner=alice, title="Grace")
    image = image_of(grace)
    share = factories.create_share(author=alice, images=[image])
    Pick.objects.create(
        share=share, image=image, visitor="1", name="Jane Doe", comment="Lighter, as Jane Doe’s."
    )
    Pick.objects.create(share=share, image=image, visitor="2", name="Joe", comment="This one.")
    erase_person(jane, by=alice)
    words = " ".join(f"{pick.name} {pick.comment}" for pick in Pick.objects.all())
    assert "Jane" not in words
    assert "Lighter" in words
    assert "Joe This one." in words


def test_addresses_that_a_deleted_account_gave_on_pages_are_forgotten(
    team: Team, alice: User, bob: User
) -> None:
    tune = factories.create_tune(team=team, owner=alice)
    prompt = factories.create_prompt(
        tune=tune, author=bob, parameters={"callback": "https://bob.example.com/", "steps": 20}
    )
    team.deliveries.create(event="prompt", url="https://bob.example.com/", prompt=prompt)
    other = factories.create_prompt(tune=tune, parameters={"callback": "https://example.com/"})
    erase_account(bob, leaving(bob), by=bob)
    prompt.refresh_from_db()
    other.refresh_from_db()
    assert prompt.parameters == {"steps": 20}
    assert other.parameters == {"callback": "https://example.com/"}
    assert not team.deliveries.exists()
