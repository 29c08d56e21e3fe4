"""A link from end to end: chosen, opened by a stranger with its password, picked from, revoked."""

from __future__ import annotations

import re
import zipfile

import pytest
from playwright.sync_api import Page, Response, expect

from prompts.models import Image, Share, User
from tests import factories
from tests.e2e.axe import faults, on_screens
from tests.e2e.fingers import Finger
from tests.e2e.steps import DESKTOP, PHONE, Open, hang_pictures, sign_in
from tests.processes import Portal

PASSWORD = "plum tomato"


@pytest.fixture
def images(ada: User, portal: Portal) -> list[Image]:
    return hang_pictures(ada.teams.get(), ada, portal, prompts=1)


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_link_is_made_used_and_ended(
    open_browser: Open, ada: User, images: list[Image], device: dict[str, int]
) -> None:
    owner = open_browser(**device)
    sign_in(owner, ada.email)
    address = share_three(owner, images)

    stranger = open_browser(**device)
    seen = addresses_of(stranger)
    stranger.goto(address)
    expect(stranger.get_by_role("heading", name="These pictures have a password")).to_be_visible()
    assert not [where for where in seen if re.search(r"webp|file/|zip", where)]
    enter(stranger, "plum")
    expect(stranger.get_by_text("That is not the password.")).to_be_visible()
    enter(stranger, PASSWORD)
    expect(stranger.get_by_role("heading", name="For the press")).to_be_visible()
    expect(stranger.locator("[data-shared]")).to_have_count(3)

    picked = stranger.get_by_role("button", name="Favourite: picture 2")
    picked.click()
    expect(picked).to_have_attribute("aria-pressed", "true")
    with stranger.expect_download() as coming:
        stranger.get_by_role("link", name="Download picture 1").click()
    seen.add(coming.value.url)
    with stranger.expect_download() as coming:
        stranger.get_by_role("link", name="Download all").click()
    seen.add(coming.value.url)
    with zipfile.ZipFile(coming.value.path()) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 3
    stranger.locator("[data-shared]").first.click()
    expect(stranger.locator("[data-shared-large]")).to_be_visible()
    stranger.wait_for_load_state("networkidle")
    seen |= told_to_programs(stranger, address)

    owner.reload()
    expect(owner.get_by_text("1 guest", exact=True)).to_be_visible()
    expect(owner.locator(".share-sums")).to_have_text(re.compile(r"1 view\s*2 downloads\s*1 pick"))
    assert Share.objects.get().picks.get().image.public_id in picked_tile(stranger)

    kinds = ("/s/", r"320\.webp|640\.webp", r"1280\.webp", "/file/", r"\.zip", r"\.json")
    for kind in kinds:
        assert [where for where in seen if re.search(kind, where)], f"never seen: {kind}"
    assert {where: status(stranger, where) for where in seen} == dict.fromkeys(seen, 200)
    owner.get_by_role("button", name="Revoke For the press").click()
    owner.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(owner.locator(".notice")).to_contain_text("Nothing under this link opens any more.")
    # In the very browser that holds the pass.
    assert {where: status(stranger, where) for where in seen} == dict.fromkeys(seen, 404)
    assert "Nothing hangs here any more" in stranger.request.get(address).text()


@on_screens
def test_links_have_no_accessibility_fault(
    open_browser: Open, ada: User, images: list[Image], mode: str, width: int
) -> None:
    share = factories.create_share(
        author=ada, images=images[:4], password=PASSWORD, takes_picks=True, show_recipe=True
    )
    page = open_browser(
        width=width, height=860, color_scheme=mode, reduced_motion="reduce", bypass_csp=True
    )
    found = []
    page.goto(share.public_path)
    expect(page.get_by_role("heading", name="These pictures have a password")).to_be_visible()
    found += faults(page)
    enter(page, "plum")
    found += faults(page)
    enter(page, PASSWORD)
    expect(page.locator("[data-shared]")).to_have_count(4)
    found += faults(page)
    page.get_by_role("button", name="Favourite: picture 2").click()
    expect(page.get_by_label("Your name")).to_be_visible()
    found += faults(page)
    page.locator("[data-shared]").first.click()
    expect(page.locator("[data-shared-large]")).to_be_visible()
    found += faults(page)
    sign_in(page, ada.email)
    own = share.get_absolute_url()
    chosen = f"/shares/new/?images={images[0].public_id}"
    for address in ("/shares/", chosen, own, f"{own}edit/", f"{own}test/"):
        page.goto(address)
        found += faults(page)
    assert found == []


def share_three(owner: Page, images: list[Image]) -> str:
    """Chooses three pictures in the gallery, fills the form in, and reads the address."""
    owner.goto("/gallery/")
    tiles = [owner.locator(f"a[data-image='{image.public_id}']") for image in images[:3]]
    if owner.evaluate("'ontouchstart' in window"):
        place = tiles[0].bounding_box()
        assert place
        Finger(owner).press_long(place["x"] + 40, place["y"] + 40)
    else:
        tiles[0].focus()
        owner.keyboard.press("Space")
    for tile in tiles[1:]:
        tile.click()
    expect(owner.get_by_text("3 chosen")).to_be_visible()
    owner.locator("[data-do=share]").click()
    owner.get_by_label("Title").fill("For the press")
    owner.get_by_label("Password").fill(PASSWORD)
    owner.get_by_label("Let guests pick their favourites").check()
    owner.get_by_role("button", name="Make the link").click()
    address = owner.locator("#share-address").text_content()
    assert address
    return address


def enter(stranger: Page, password: str) -> None:
    stranger.get_by_label("Password").fill(password)
    stranger.get_by_role("button", name="Show the pictures").click()


def addresses_of(page: Page) -> set[str]:
    """All that the page loads under the link, as it comes; what only takes a form is left out."""
    seen: set[str] = set()

    def note(response: Response) -> None:
        if "/s/" in response.url and response.request.method == "GET" and response.ok:
            seen.add(response.url)

    page.on("response", note)
    return seen


def told_to_programs(stranger: Page, address: str) -> set[str]:
    """The JSON's address and every address in it."""
    where = f"{address.rstrip('/')}.json"
    pictures = stranger.request.get(where).json()["pictures"]
    thumbs = {url for picture in pictures for url in picture["thumbnails"].values()}
    return {where} | thumbs | {picture["download"] for picture in pictures}


def status(stranger: Page, address: str) -> int:
    return stranger.request.get(address, max_redirects=0).status


def picked_tile(stranger: Page) -> str:
    pressed = stranger.locator("li:has([data-pick] [aria-pressed=true])")
    return str(pressed.get_attribute("id"))
