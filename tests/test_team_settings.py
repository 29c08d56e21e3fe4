"""What a team's admins set: its name and the backdrop everybody shares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from prompts.models import Campaign, Preset, Prompt, User
from tests import factories
from tests.factories import jpeg_bytes

pytestmark = pytest.mark.django_db
URL = "/settings/backdrop/"


def picture(color: str = "#224466") -> SimpleUploadedFile:
    return SimpleUploadedFile("lobby.jpg", jpeg_bytes(color=color), "image/jpeg")


def test_team_is_renamed(alice_client: Client, alice: User) -> None:
    alice_client.post(reverse("team_settings"), {"name": "Acme & Sons"})
    assert alice.teams.get().name == "Acme & Sons"


def test_colour_becomes_a_preset_of_the_team_alone(
    alice_client: Client, charlie: User, alice: User
) -> None:
    alice_client.post(URL, {"color": "#0B3D91"})
    preset = Preset.objects.get(team=alice.teams.get())
    assert preset.text.endswith("#0b3d91")
    assert preset not in Preset.objects.for_team(charlie.teams.get())
    assert b'value="#0b3d91"' in alice_client.get(reverse("team_settings")).content


def test_empty_colour_takes_the_preset_away(alice_client: Client) -> None:
    alice_client.post(URL, {"color": "#0b3d91"})
    alice_client.post(URL, {"color": ""})
    assert not Preset.objects.filter(slug="our-colour").exists()


@pytest.mark.parametrize("color", ["blue", "#12", "#0b3d9z"])
def test_colour_that_is_none_is_refused_at_its_field(alice_client: Client, color: str) -> None:
    response = alice_client.post(URL, {"color": color})
    assert response.status_code == 422
    assert response.context["backdrop_form"].errors.keys() == {"color"}
    assert not Preset.objects.exclude(team=None).exists()


def test_picture_that_is_none_is_refused_at_its_field(alice_client: Client, media: str) -> None:
    bad = SimpleUploadedFile("lobby.jpg", b"no picture", "image/jpeg")
    response = alice_client.post(URL, {"picture": bad})
    assert response.status_code == 422
    assert response.context["backdrop_form"].errors.keys() == {"picture"}
    assert [path for path in Path(media).rglob("*") if path.is_file()] == []


def test_prompts_made_from_the_preset_start_from_the_teams_picture(
    alice_client: Client, alice: User
) -> None:
    alice_client.post(URL, {"picture": picture()})
    tune = factories.create_tune(team=alice.teams.get(), owner=alice)
    data = {"text": "headshot of ohwx woman", "num_images": 1, "preset": "our-backdrop"}
    alice_client.post(reverse("prompt_list", args=[tune.public_id]), data)
    assert Prompt.objects.get().input_image
    alice_client.post(reverse("prompt_list", args=[tune.public_id]), data | {"preset": "executive"})
    assert Prompt.objects.order_by("-id")[0].input_image == ""


def test_replaced_and_removed_pictures_leave_no_file(
    alice_client: Client, media: str, django_capture_on_commit_callbacks: Any
) -> None:
    def files() -> int:
        return len([path for path in Path(media).rglob("*") if path.is_file()])

    with django_capture_on_commit_callbacks(execute=True):
        alice_client.post(URL, {"picture": picture()})
    with django_capture_on_commit_callbacks(execute=True):
        alice_client.post(URL, {"picture": picture("#aa3311")})
    assert files() == 1
    with django_capture_on_commit_callbacks(execute=True):
        alice_client.post(URL, {"remove_picture": "on"})
    assert files() == 0
    assert not Preset.objects.exclude(team=None).exists()


@pytest.mark.parametrize(
    ("look", "removal"),
    [("our-colour", {"color": ""}), ("our-backdrop", {"color": "#0b3d91", "remove_picture": "on"})],
)
def test_the_look_of_team_headshots_stays(
    alice_client: Client, alice: User, look: str, removal: dict[str, str]
) -> None:
    alice_client.post(URL, {"color": "#0b3d91", "picture": picture()})
    preset = Preset.objects.get(slug=look)
    campaign = Campaign.objects.create(team=alice.teams.get(), preset=preset, is_locked=True)
    answer = alice_client.post(URL, removal)
    assert answer.status_code == 422 and b"Give them another look first" in answer.content
    assert Campaign.objects.get() == campaign and Preset.objects.filter(slug=look).exists()
    assert alice_client.post(URL, {"color": "#111111", "picture": picture()}).status_code == 302
    campaign.delete()
    assert alice_client.post(URL, removal).status_code == 302
    assert not Preset.objects.filter(slug=look).exists()
