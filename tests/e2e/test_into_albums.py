"""From chosen pictures to the album they are in."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from prompts.models import Album, User
from tests.e2e.steps import Open, hang_pictures
from tests.processes import Portal


def ask_for_album(page: Page, count: int) -> None:
    for number in range(count):
        page.locator("[data-choose]").nth(number).check(force=True)
    page.locator("[data-do=album]").click()


def test_chosen_pictures_lead_to_their_album(as_ada: Open, ada: User, portal: Portal) -> None:
    hang_pictures(ada.teams.get(), ada, portal, prompts=1)
    page = as_ada()
    ask_for_album(page, 2)
    page.get_by_label("New album").fill("Team page")
    page.get_by_role("button", name="Make it").click()
    expect(page).to_have_url(re.compile(Album.objects.get().public_id))
    expect(page.get_by_text("2 pictures added to “Team page”.")).to_be_visible()
    page.goto("/gallery/")
    ask_for_album(page, 3)
    page.get_by_role("button", name="Team page").click()
    expect(page.get_by_text("1 picture added to “Team page”.")).to_be_visible()
    expect(page.locator("a.tile")).to_have_count(3)
    assert Album.objects.count() == 1
