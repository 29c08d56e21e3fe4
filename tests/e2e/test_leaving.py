"""Leaving for good, in a browser whose open page hears of it as well."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from prompts.models import Membership, Role, Team, User
from tests.e2e.steps import sign_in
from tests.factories import PASSWORD, create_membership, create_team, create_tune, create_user


def owner_of_two() -> User:
    """Ada has Acme with Bea, another owner, and a team of her own; a person in each."""
    ada, bea = create_user(name="Ada Ames", email="ada@example.com"), create_user(name="Bea Bell")
    acme, own = create_team(name="Acme"), create_team(name="Side project")
    for team, user in ((acme, ada), (acme, bea), (own, ada)):
        create_membership(team=team, user=user, role=Role.OWNER)
    for team in (acme, own):
        create_tune(team=team, owner=ada)
    return ada


def test_an_account_is_deleted_and_the_receipt_stays(
    open_browser: Callable[..., Page], transactional_db: None
) -> None:
    ada = owner_of_two()
    page = open_browser()
    sign_in(page, ada.email)
    page.goto("/account/")
    page.get_by_role("link", name="Delete your account…").click()
    expect(page.get_by_text("You are alone in this team")).to_be_visible()
    heir = page.get_by_label("To", exact=True)
    page.get_by_text("Delete them with all their pictures").click()
    expect(heir).to_be_hidden()
    page.get_by_text("Hand them over").click()
    heir.select_option("Bea Bell")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Delete my account for good").click()
    expect(page.get_by_role("heading", name="Erased")).to_be_visible()
    # Longer than it takes the page to hear that its access has ended.
    page.wait_for_timeout(1500)
    expect(page.get_by_role("heading", name="Erased")).to_be_visible()
    page.goto("/account/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert not User.objects.filter(pk=ada.pk).exists()


def test_a_team_is_deleted_and_pages_of_others_hear_of_it(
    open_browser: Callable[..., Page], transactional_db: None
) -> None:
    ada = owner_of_two()
    vera = create_user(name="Vera Voss", email="vera@example.com")
    acme = Team.objects.get(name="Acme")
    create_membership(team=acme, user=vera, role=Role.VIEWER)
    page, other = open_browser(), open_browser()
    sign_in(page, ada.email)
    sign_in(other, vera.email)
    page.goto("/teams/delete/")
    page.get_by_label("to confirm").fill("acme")
    page.get_by_role("button", name="Delete the team for good").click()
    expect(page.get_by_role("heading", name="Erased")).to_be_visible()
    expect(other.get_by_text("You do not belong to a team yet")).to_be_visible()
    assert list(Membership.objects.values_list("team__name", flat=True)) == ["Side project"]
