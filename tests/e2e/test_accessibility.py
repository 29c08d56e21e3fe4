"""No page has a fault that axe can find (WCAG 2.2 A and AA, best practice)."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from prompts.models import Tune, TuneStatus, User
from tests import factories
from tests.e2e.axe import faults, on_screens
from tests.e2e.steps import Open, sign_in

PAGES = [
    "/", "/tunes/", "/tunes/new/", "/gallery/", "/settings/", "/parameters/", "/keys/", "/api/docs",
    "/members/", "/members/leave/", "/teams/new/", "/settings/mails/", "/members/invitations/",
    "/members/invite/", "/members/invite/link/", "/campaign/", "/campaign/style/", "/account/",
    "/account/delete/", "/teams/delete/", "/settings/limits/", "/settings/data/",
    "/settings/engine/", "/usage/", "/audit/", "/erasures/", "/deliveries/", "/packs/", "/trash/",
    "/albums/new/",
]  # fmt: skip


@on_screens
def test_pages_have_no_accessibility_fault(
    open_browser: Open, ada: User, mode: str, width: int
) -> None:
    team = ada.teams.get()
    tune = factories.create_tune(team=team, owner=ada)
    failed = factories.create_tune(
        team=team, owner=ada, title="Bo", status=TuneStatus.FAILED, error="No face was found."
    )
    page = open_browser(
        width=width,
        height=800,
        color_scheme=mode,
        reduced_motion="reduce",  # axe would measure colours half-way through a fade
        bypass_csp=True,  # it measures by means of inline styles
    )
    page.goto("/")
    found = faults(page)
    sign_in(page, ada.email)
    for address in [*PAGES, failed.get_absolute_url(), tune.get_absolute_url()]:
        page.goto(address)
        found += faults(page)
    found += faults_of_the_job(page, tune)
    assert found == []


def faults_of_the_job(page: Page, tune: Tune) -> list[str]:
    """A form with errors, a card with pictures, the lightbox, the picture's own page."""
    page.locator("details:has(input[name=w]) > summary").first.click()
    page.locator("input[name=w]").fill("1001")
    page.get_by_role("button", name="Generate").last.click()
    expect(page.get_by_text("Must be a multiple of 8").first).to_be_visible()
    found = faults(page)
    page.goto(tune.get_absolute_url())
    page.get_by_role("button", name="Generate").last.click()
    expect(page.locator("article.prompt .strip img")).to_have_count(4)
    found += faults(page)
    page.locator("a[data-lightbox]").first.click()
    expect(page.locator("[data-lightbox-view]")).to_be_visible()
    found += faults(page)
    page.reload()
    return found + faults(page)
