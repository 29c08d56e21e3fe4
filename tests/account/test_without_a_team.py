"""Who is in no team still has an account."""

from __future__ import annotations

import pytest

from tests.factories import create_user, signed_in

pytestmark = pytest.mark.django_db


def test_the_account_is_reached_from_the_page_without_a_team() -> None:
    client = signed_in(create_user(email="alone@example.com"))
    page = client.get("/").content.decode()
    assert "You do not belong to a team yet" in page
    assert 'href="/account/"' in page
    assert client.get("/account/").status_code == 200
