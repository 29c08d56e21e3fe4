"""One's own name, picture and address."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from prompts.models import Image, Membership, Team, Tune, User
from tests.account.signing_in import sign_in
from tests.factories import (
    create_image,
    create_membership,
    create_prompt,
    create_team,
    create_tune,
    signed_in,
)

pytestmark = pytest.mark.django_db


def test_the_name_is_changed_and_never_empty(alice: User) -> None:
    client = signed_in(alice)
    assert client.post("/account/", {"name": "  "}).status_code == 422
    client.post("/account/", {"name": "Alice A. Ames"})
    alice.refresh_from_db()
    assert alice.name == "Alice A. Ames"


def test_a_chosen_headshot_stands_for_the_member(alice: User, bob: User, image: Image) -> None:
    place = alice.memberships.get()
    address = reverse("member_picture", args=[place.public_id])
    assert signed_in(bob).get(address).status_code == 404
    signed_in(alice).post("/account/picture/", {"picture": image.public_id})
    answer = signed_in(bob).get(address)
    assert answer.status_code == 200 and answer["Content-Type"] == "image/webp"
    assert address in signed_in(alice).get("/").content.decode()
    signed_in(alice).post("/account/picture/", {"picture": ""})
    assert signed_in(bob).get(address).status_code == 404


def test_a_picture_in_the_trash_stands_for_nobody(alice: User, image: Image) -> None:
    client = signed_in(alice)
    client.post("/account/picture/", {"picture": image.public_id})
    client.post("/images/trash/", {"images": image.public_id})
    address = reverse("member_picture", args=[alice.memberships.get().public_id])
    assert client.get(address).status_code == 404
    assert address not in client.get("/account/").content.decode()


def test_only_ones_own_pictures_of_this_team_can_be_chosen(
    alice: User, bob: User, image: Image
) -> None:
    elsewhere = create_team(name="Elsewhere")
    create_membership(team=elsewhere, user=alice)
    tune = create_tune(team=elsewhere, owner=alice)
    foreign = create_image(prompt=create_prompt(tune=tune))
    for user, picture in ((bob, image), (alice, foreign)):
        client = signed_in(user)
        answer = client.post("/account/picture/", {"picture": picture.public_id})
        assert answer.status_code == 404
    assert not Membership.objects.exclude(picture=None).exists()


def test_finals_are_offered_first(alice: User, team: Team) -> None:
    from prompts.forms.account import MemberPictureForm

    tune = create_tune(team=team, owner=alice)
    images = [create_image(prompt=create_prompt(tune=tune), index=n) for n in range(3)]
    Tune.objects.filter(pk=tune.pk).update(final_image=images[0])
    offered = MemberPictureForm(membership=alice.memberships.get()).offered()
    assert offered == [images[0], images[2], images[1]]


def test_somebody_without_a_team_has_an_account_page(db: None) -> None:
    from tests.factories import create_user

    answer = signed_in(create_user(name="Nora")).get("/account/")
    assert answer.status_code == 200
    assert "Picture</h2>" not in answer.content.decode()


def test_nobody_makes_an_address_theirs_without_proof(alice: User) -> None:
    client = sign_in(alice)
    for action in ("action_add", "action_primary"):
        answer = client.post("/accounts/email/", {action: "", "email": "boss@example.com"})
        assert answer["Location"] == "/account/"
    assert not EmailAddress.objects.filter(email="boss@example.com").exists()
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
