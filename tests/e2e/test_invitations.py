"""Inviting, coming in and being shown the door: two browsers, a real server, a real worker."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from prompts.models import Membership, User
from tests.e2e.steps import Open, sign_in
from tests.processes import Portal, wait_until

BEA = "bea@example.com"


def letter_to(portal: Portal, email: str) -> str:
    """The mail that the worker has written to this address."""
    letters: list[str] = []

    def arrived() -> bool:
        files = Path(portal.data_dir / "mail").glob("*")
        letters[:] = [text for file in files if f"To: {email}" in (text := file.read_text())]
        return bool(letters)

    wait_until(arrived, f"a mail to {email}")
    return letters[-1]


def test_somebody_is_invited_comes_in_and_is_removed(
    open_browser: Open, portal: Portal, ada: User
) -> None:
    page = open_browser()
    sign_in(page, ada.email)
    page.get_by_role("link", name="Team", exact=True).first.click()
    page.get_by_role("link", name="Invite", exact=True).click()
    page.get_by_label("E-mail addresses").fill(f"Bea Brandt <{BEA}>")
    page.get_by_role("button", name="Send the invitations").click()
    expect(page.get_by_text("1 is invited.")).to_be_visible()

    path = re.search(r"(/join/[\w-]+/)", letter_to(portal, BEA))
    assert path is not None
    theirs = open_browser(width=390)
    asked: list[str] = []
    theirs.on("request", lambda request: asked.append(request.headers.get("referer", "")))
    theirs.goto(path[1])
    expect(theirs.get_by_role("heading", name="Join Acme")).to_be_visible()
    expect(theirs.get_by_label("Your name")).to_have_value("Bea Brandt")
    theirs.get_by_label("Password").fill("a long enough phrase")
    theirs.get_by_role("button", name="Make the account and join").click()
    expect(theirs.get_by_text("Welcome to Acme.")).to_be_visible()
    assert not [referer for referer in asked if path[1] in referer]

    page.goto("/members/")
    page.get_by_role("link", name="Manage Bea Brandt").click()
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Bea Brandt is no longer in the team.")).to_be_visible()
    # What is open goes away by itself.
    expect(theirs.get_by_text("You do not belong to a team yet")).to_be_visible()
    assert not Membership.objects.filter(user__email=BEA).exists()
