"""A link is changed, ended and given another address; what is locked then stays so."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prompts.flows.shares import change_share
from prompts.models import Image, Share, User
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "walnut-lantern-7"


def fields(share: Share, **changes: object) -> dict[str, object]:
    """What the form of a share sends."""
    sent = {"title": share.title, "note": share.note, "slug": share.slug, "password": ""}
    sent |= {"downloads": share.downloads, "lifetime": ""}
    sent |= {name: "on" for name in ("show_recipe", "takes_picks") if getattr(share, name)}
    return sent | changes


def edit(client: Client, share: Share, **changes: object) -> int:
    url = reverse("share_edit", args=[share.public_id])
    status = client.post(url, fields(share, **changes)).status_code
    share.refresh_from_db()
    return status


def test_a_changed_password_locks_out_and_removing_it_lets_everybody_in(
    alice_client: Client, share: Share
) -> None:
    guest = Client()
    assert b"<h1>For the press" in guest.get(share.public_path).content
    assert edit(alice_client, share, password=PASSWORD) == 302
    unlock = reverse("shared_unlock", args=[share.slug])
    assert b"have a password" in guest.get(share.public_path).content
    guest.post(unlock, {"password": PASSWORD})
    assert b"<h1>For the press" in guest.get(share.public_path).content
    edit(alice_client, share, password="quite another")
    assert b"have a password" in guest.get(share.public_path).content
    edit(alice_client, share, remove_password="on")
    assert b"<h1>For the press" in Client().get(share.public_path).content


def test_a_change_without_a_new_password_keeps_guests_in(
    alice: User, alice_client: Client, share: Share
) -> None:
    edit(alice_client, share, password=PASSWORD)
    guest = Client()
    guest.post(reverse("shared_unlock", args=[share.slug]), {"password": PASSWORD})
    edit(alice_client, share, title="For the papers", downloads="off")
    page = guest.get(share.public_path).content.decode()
    assert "<h1>For the papers" in page
    assert "Download" not in page


def test_an_ended_link_lives_again_with_a_new_end_and_a_revoked_one_does_not(
    alice_client: Client, share: Share
) -> None:
    Share.objects.update(expires_at=timezone.now() - dt.timedelta(days=1))
    share.refresh_from_db()
    assert Client().get(share.public_path).status_code == 404
    edit(alice_client, share, lifetime="7")
    assert Client().get(share.public_path).status_code == 200
    share.revoke()
    edit(alice_client, share, lifetime="30")
    assert share.is_revoked
    assert Client().get(share.public_path).status_code == 404


def test_a_change_that_a_revocation_overtook_writes_nothing(share: Share) -> None:
    stale = Share.objects.get()
    share.revoke()
    stale.title = "Too late"
    assert not change_share(stale, ["title"], "new password")
    share.refresh_from_db()
    assert (share.title, share.has_password, share.is_revoked) == ("For the press", False, True)


def test_the_audit_log_names_what_changed_and_never_the_password(
    alice: User, alice_client: Client, share: Share
) -> None:
    edit(alice_client, share, title="For the papers", password=PASSWORD)
    edit(alice_client, share)
    (entry,) = share.team.audit_entries.filter(action="share_edited")
    assert entry.actor == alice
    assert entry.details == {"changed": ["password", "title"]}


def test_two_changes_of_the_password_side_by_side_lock_out_twice(share: Share) -> None:
    first, second = Share.objects.get(), Share.objects.get()
    change_share(first, [], "the first one")
    between = Share.objects.get().password_version
    change_share(second, [], "the second one")
    assert Share.objects.get().password_version > between


def test_a_new_address_kills_the_old_and_may_not_be_one_that_is_taken(
    alice: User, alice_client: Client, share: Share, images: list[Image]
) -> None:
    factories.create_share(author=alice, images=images, slug="taken-address")
    old = share.public_path
    assert edit(alice_client, share, slug="taken-address") == 422
    assert edit(alice_client, share, slug="press-kit") == 302
    assert Client().get(old).status_code == 404
    assert Client().get("/s/press-kit/").status_code == 200


def test_an_address_taken_in_the_same_moment_is_told_as_such(
    alice: User,
    alice_client: Client,
    share: Share,
    images: list[Image],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    factories.create_share(author=alice, images=images, slug="taken-address")
    monkeypatch.setattr(Share, "validate_unique", lambda *_, **__: None)
    monkeypatch.setattr(Share, "validate_constraints", lambda *_, **__: None)
    sent = fields(share, slug="taken-address", lifetime="7")
    made = alice_client.post(reverse("share_new"), {**sent, "images": images[0].public_id})
    assert made.status_code == 422
    assert "This address is taken." in made.content.decode()
    assert edit(alice_client, share, slug="taken-address") == 422
    assert Share.objects.count() == 2
