"""Messages say what whoever hears of them may see at that moment, and nothing else."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse
from pytest_httpserver import HTTPServer

from prompts import deliveries
from prompts.flows.prompts import finish_prompt
from prompts.models import ApiKey, Delivery, DeliveryStatus, Prompt, Role, Team, Tune, User
from tests import factories
from tests.deliveries.sending import running, send_next
from tests.factories import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(team: Team) -> User:
    user = factories.create_user(name="Dan Dorn")
    factories.create_membership(team=team, user=user, role=Role.ADMIN)
    return user


@pytest.fixture
def private(team: Team, bob: User) -> Tune:
    return factories.create_tune(
        team=team, owner=bob, title="Hidden Hanna", visibility=Tune.Visibility.PRIVATE
    )


def demote(user: User) -> None:
    user.memberships.update(role=Role.MEMBER)


@pytest.mark.parametrize("how", ["first", "replayed"])
def test_who_is_no_admin_any_more_hears_nothing_of_a_private_person(
    how: str, receiver: HTTPServer, admin: User, private: Tune
) -> None:
    receiver.expect_request("/").respond_with_data("ok")
    key = factories.create_api_key(user=admin)[0]
    prompt = running(private, receiver.url_for("/"), key, author=admin)
    factories.create_image(prompt=prompt)
    finish_prompt(prompt)
    if how == "replayed":
        assert send_next().replay()
        receiver.clear_log()
    demote(admin)
    assert send_next().status == DeliveryStatus.CANCELLED
    assert receiver.log == []


def test_the_log_of_who_is_no_admin_any_more_shows_no_private_person(
    admin: User, private: Tune
) -> None:
    key = factories.create_api_key(user=admin)[0]
    prompt = running(private, "https://example.com/", key, author=admin)
    image = factories.create_image(prompt=prompt)
    finish_prompt(prompt)
    address = reverse("delivery_detail", args=[Delivery.objects.get().public_id])
    client = signed_in(admin)
    assert client.get(address).status_code == 200
    demote(admin)
    assert client.get(address).status_code == 404
    page = client.get(reverse("delivery_list")).content.decode()
    assert private.title not in page
    assert image.public_id not in page


def test_an_order_tells_of_those_that_may_still_be_seen(
    team: Team, admin: User, private: Tune
) -> None:
    open_to_all = factories.create_tune(team=team, owner=admin)
    _, prompts = factories.start_order(admin, private, open_to_all)
    for prompt in prompts:
        finish_prompt(prompt.take_lease("w"))
    delivery = Delivery.objects.get()
    assert len(deliveries.payload(delivery)) == 2
    demote(admin)
    [told] = deliveries.payload(delivery)
    assert told["tune_id"] == open_to_all.pk


@pytest.mark.parametrize("how", ["left the team", "disabled", "deleted"])
def test_who_is_gone_hears_nothing_of_prompts_from_pages(
    how: str, receiver: HTTPServer, tune: Tune, bob: User
) -> None:
    finish_prompt(running(tune, receiver.url_for("/"), author=bob))
    if how == "disabled":
        User.objects.filter(pk=bob.pk).update(is_active=False)
    elif how == "deleted":
        bob.delete()
    else:
        bob.memberships.all().delete()
    assert send_next().status == DeliveryStatus.CANCELLED
    assert receiver.log == []


def test_originals_are_told_to_those_who_may_change_the_person(
    team: Team, admin: User, bob: User
) -> None:
    tune = factories.create_tune(team=team, owner=bob, photos=1)
    key: ApiKey = factories.create_api_key(user=admin)[0]
    delivery = team.deliveries.create(
        api_key=key, event="tune", url="https://example.com/", tune=tune
    )
    assert len(deliveries.payload(delivery)["tune"]["orig_images"]) == 1
    demote(admin)
    assert deliveries.payload(delivery)["tune"]["orig_images"] == []


def test_what_is_told_is_of_one_prompt_alone(tune: Tune, key: ApiKey) -> None:
    finish_prompt(running(tune, "https://example.com/", key))
    other: Prompt = factories.create_prompt(tune=tune)
    told = json.dumps(deliveries.payload(Delivery.objects.get()))
    assert f"/prompts/{other.pk}.json" not in told
