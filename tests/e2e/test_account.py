"""A passkey, from the account page to the next sign-in, with a virtual authenticator."""

from __future__ import annotations

from playwright.sync_api import expect

from prompts.models import User
from tests.e2e.steps import Open
from tests.factories import PASSWORD
from tests.processes import Portal


def test_a_passkey_is_added_and_signs_in(open_browser: Open, portal: Portal, ada: User) -> None:
    page = open_browser()
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    # Passkeys belong to a name, never to a number.
    home = portal.url.replace("127.0.0.1", "localhost")
    page.goto(home)
    page.locator("input[name=login]").last.fill(ada.email)
    page.locator("input[name=password]").last.fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("link", name="People").first).to_be_visible()
    page.goto(f"{home}/account/")
    page.get_by_role("link", name="Add passkeys").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill("This laptop")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    page.wait_for_url("**/recovery-codes/**")
    page.goto(f"{home}/account/")
    expect(page.get_by_text("1 added")).to_be_visible()
    page.context.clear_cookies()
    page.goto(f"{home}/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("link", name="People").first).to_be_visible()


def test_a_number_instead_of_a_name_offers_no_passkeys(as_ada: Open) -> None:
    page = as_ada("/account/")
    expect(page.get_by_text("Passkeys need an address with a name")).to_be_visible()
    expect(page.get_by_role("link", name="Add passkeys")).to_have_count(0)
