"""Reminders for those who are late, and the pictures that were chosen."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
import time_machine
from asgiref.sync import async_to_sync

from prompts.models import Campaign, Mail, Membership, Role, Tune, User
from tests.factories import (
    create_image,
    create_membership,
    create_prompt,
    create_team,
    create_tune,
    create_user,
    signed_in,
)

pytestmark = pytest.mark.django_db


async def collected(parts: Any) -> bytes:
    return b"".join([part async for part in parts])


def test_those_who_are_late_are_reminded_once_a_day(
    campaign: Campaign, alice: User, bob: User, bobs: Tune
) -> None:
    image = create_image(prompt=create_prompt(tune=create_tune(team=campaign.team, owner=alice)))
    Tune.objects.filter(owner=alice).update(final_image=image)
    client = signed_in(alice)
    with time_machine.travel("2026-03-01T09:00Z", tick=False):
        client.post("/campaign/remind/")
        client.post("/campaign/remind/")
        assert Mail.objects.get().to == bob.email
    mail = Mail.objects.get()
    assert "Make your headshots" in mail.subject and "/campaign/" in mail.text
    with time_machine.travel("2026-03-02T09:00Z", tick=False):
        client.post("/campaign/remind/", {"member": bob.memberships.get().public_id})
    assert Mail.objects.count() == 2


def test_members_of_other_teams_are_never_mailed(campaign: Campaign, alice: User) -> None:
    stranger = create_membership(team=create_team(name="Other"), user=create_user())
    signed_in(alice).post("/campaign/remind/", {"member": stranger.public_id})
    assert not Mail.objects.exists()
    assert Membership.objects.get(pk=stranger.pk).reminded_at is None


def test_the_chosen_pictures_come_named_by_person(campaign: Campaign, alice: User) -> None:
    for name in ("Bea Berg", "Bea Berg", "../../etc/passwd", "=HYPERLINK(1)"):
        user = create_user(name=name)
        create_membership(team=campaign.team, user=user, role=Role.MEMBER)
        tune = create_tune(team=campaign.team, owner=user)
        Tune.objects.filter(pk=tune.pk).update(
            final_image=create_image(prompt=create_prompt(tune=tune))
        )
    archive = zipfile.ZipFile(
        io.BytesIO(
            async_to_sync(collected)(signed_in(alice).get("/campaign/finals.zip").streaming_content)
        )
    )
    names = set(archive.namelist())
    assert "Bea Berg.jpg" in names and len(names) == 4
    assert not any("/" in name or ".." in name for name in names)
    table = signed_in(alice).get("/campaign/status.csv").content.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in table and "Picture chosen" in table and "No photos yet" in table
