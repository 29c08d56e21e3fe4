"""The endless gallery: where Back and a reload lead to, arrow keys, albums, accessibility."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from prompts.flows.images import trash_images
from prompts.models import Image, User
from tests import factories
from tests.e2e.axe import faults, on_screens
from tests.e2e.fingers import Finger
from tests.e2e.steps import DESKTOP, PHONE, Open, hang_pictures, sign_in
from tests.processes import Portal

TOP_OF = """(id) => document.querySelector(`a[data-image='${id}']`).getBoundingClientRect().top"""
#: The page counts as resting when it has written its place into its address.
RESTED = """() => history.state?.gallery && Math.abs(history.state.gallery.y - scrollY) < 2"""


@pytest.fixture
def images(ada: User, portal: Portal) -> list[Image]:
    """Three pages of pictures."""
    return hang_pictures(ada.teams.get(), ada, portal, prompts=30)


def photograph(page: Page, name: str) -> None:
    """Keeps what the page looks like, for whoever asks for it by SCREENSHOTS."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def scroll_to(page: Page, image: Image) -> None:
    """As a person does: down until the picture is there."""
    tile = page.locator(f"a[data-image='{image.public_id}']")
    for _ in range(60):
        if tile.count():
            break
        page.mouse.wheel(0, 1500) if not page.evaluate("'ontouchstart' in window") else (
            page.evaluate("scrollBy({top: 1500, behavior: 'instant'})")
        )
        page.wait_for_timeout(50)
    tile.evaluate("(tile) => tile.scrollIntoView({block: 'center', behavior: 'instant'})")
    page.wait_for_function(RESTED)


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_back_and_reload_lead_to_the_same_place(
    as_ada: Open, images: list[Image], device: dict[str, int]
) -> None:
    page = as_ada(**device)
    photograph(page, f"gallery-{device['width']}")
    scroll_to(page, images[150])
    before = page.evaluate("history.state.gallery.at")
    top = page.evaluate(TOP_OF, before)
    assert f"at={before}" in page.url

    page.locator(f"a[data-image='{images[150].public_id}']").click()
    expect(page.locator("[data-lightbox-view]")).to_be_visible()
    assert images[150].get_absolute_url() in page.url
    page.go_back()
    expect(page.locator("[data-lightbox-view]")).to_have_count(0)
    assert abs(page.evaluate(TOP_OF, before) - top) < 3

    page.goto(images[150].get_absolute_url())
    page.go_back()
    expect(page.locator(f"a[data-image='{before}']")).to_be_in_viewport()
    assert abs(page.evaluate(TOP_OF, before) - top) < 3

    page.reload()
    expect(page.locator(f"a[data-image='{before}']")).to_be_in_viewport()
    page.wait_for_timeout(500)  # what is loaded above must not push it away
    assert abs(page.evaluate(TOP_OF, before) - top) < 3
    photograph(page, f"gallery-middle-{device['width']}")

    for _ in range(40):
        page.evaluate("scrollBy({top: -3000, behavior: 'instant'})")
        page.wait_for_timeout(50)
    ids = page.eval_on_selector_all("a.tile", "(tiles) => tiles.map((t) => t.dataset.image)")
    assert ids[:151] == [image.public_id for image in images[:151]]
    expect(page.locator("[data-day]")).to_have_count(1)


def test_arrow_keys_move_along_and_across_rows(as_ada: Open, images: list[Image]) -> None:
    page = as_ada()
    focused = "document.activeElement.dataset.image"
    top = "document.activeElement.getBoundingClientRect().top + scrollY"
    page.locator(f"a[data-image='{images[0].public_id}']").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused) == images[1].public_id
    before = page.evaluate(top)
    page.keyboard.press("ArrowDown")
    assert page.evaluate(top) > before
    page.keyboard.press("ArrowUp")
    assert abs(page.evaluate(top) - before) < 1
    page.keyboard.press("Home")
    assert page.evaluate(focused) == images[0].public_id
    page.keyboard.press("/")
    page.keyboard.type("nobody")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="No picture is all of that")).to_be_visible()
    photograph(page, "gallery-nothing")


def test_closing_leads_to_the_picture_one_has_come_to(as_ada: Open, images: list[Image]) -> None:
    """Also where the list had not been loaded so far."""
    page = as_ada("/gallery/?order=oldest")
    page.locator("a.tile").first.click()
    view = page.locator("[data-lightbox-view]")
    expect(view).to_be_visible()
    page.keyboard.press("End")
    loaded = page.locator("a.tile").count()
    last = images[-loaded]
    expect(view).to_have_attribute("data-image", last.public_id)
    page.keyboard.press("ArrowRight")
    beyond = images[-loaded - 1]
    expect(view).to_have_attribute("data-image", beyond.public_id)
    page.keyboard.press("Escape")
    expect(view).to_have_count(0)
    expect(page.locator(f"a[data-image='{beyond.public_id}']")).to_be_in_viewport()
    assert f"order=oldest&at={beyond.public_id}" in page.url


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_drag_at_the_edge_goes_on_choosing(
    as_ada: Open, images: list[Image], device: dict[str, int]
) -> None:
    page = as_ada(**device)
    box = page.locator("[data-choose]").first
    place = box.bounding_box()
    assert place
    x, y, edge = place["x"] + 12, place["y"] + 12, device["height"] - 20
    if device is DESKTOP:
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x, y + 60)
        page.mouse.move(x, edge, steps=4)
    else:
        finger = Finger(page)
        finger.send("touchStart", (x, y))
        expect(page.locator("[data-choose]:checked")).to_have_count(1)
        finger.send("touchMove", (x, y + 60))
        finger.send("touchMove", (x, edge))
    page.wait_for_function(f"() => scrollY > {2 * device['height']}")
    page.mouse.up() if device is DESKTOP else finger.send("touchEnd")
    states = page.eval_on_selector_all("[data-choose]", "(all) => all.map((b) => b.checked)")
    number = states.count(True)
    assert number > 20
    assert all(states[:number])
    page.keyboard.press("Escape")
    expect(page.locator("[data-choose]:checked")).to_have_count(0)


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_rows_are_filled_and_keep_the_shapes(
    as_ada: Open, images: list[Image], device: dict[str, int]
) -> None:
    page = as_ada(**device)
    boxes = page.eval_on_selector_all(
        "a.tile",
        "(tiles) => tiles.map((t) => [t.getBoundingClientRect(), t.querySelector('img')])"
        ".map(([b, i]) => [Math.round(b.top + scrollY), b.right, b.width / b.height,"
        " i.getAttribute('width') / i.getAttribute('height')])",
    )
    edges: dict[int, float] = {}
    for top, right, shown, natural in boxes:
        assert abs(shown - natural) < 0.02
        edges[top] = right
    *full, _ = edges.values()
    edge = page.eval_on_selector("[data-gallery]", "(e) => e.getBoundingClientRect().right")
    assert len(full) > 5
    assert [right for right in full if abs(right - edge) >= 2] == []


def test_an_album_is_arranged_by_mouse_and_by_keyboard(
    as_ada: Open, ada: User, images: list[Image]
) -> None:
    album = factories.create_album(owner=ada, images=images[:4])

    def order() -> list[int]:
        return [images.index(place.image) for place in album.places.select_related("image")]

    page = as_ada(album.get_absolute_url())
    page.get_by_role("link", name="Arrange").click()
    photograph(page, "album-arrange")
    with page.expect_response("**/order/"):
        page.get_by_role("button", name="Move picture 1 back").click()
    assert order() == [1, 0, 2, 3]
    pictures = page.locator(".arrange-picture")
    with page.expect_response("**/order/"):
        pictures.nth(3).hover()
        page.mouse.down()
        box = pictures.nth(0).bounding_box()
        assert box
        page.mouse.move(box["x"] + 40, box["y"] + 60, steps=6)
        page.mouse.up()
    assert order() == [3, 1, 0, 2]
    page.reload()
    shown = page.eval_on_selector_all(
        "[data-arrange] > li", "(all) => all.map((i) => i.dataset.image)"
    )
    assert shown == [images[index].public_id for index in (3, 1, 0, 2)]


@on_screens
def test_gallery_albums_and_trash_have_no_accessibility_fault(
    open_browser: Open, ada: User, images: list[Image], mode: str, width: int
) -> None:
    album = factories.create_album(owner=ada, images=images[:4])
    trash_images(images[5:8], ada)
    page = open_browser(
        width=width, height=860, color_scheme=mode, reduced_motion="reduce", bypass_csp=True
    )
    sign_in(page, ada.email)
    address = album.get_absolute_url()
    pages = ["/gallery/", "/gallery/?q=nobody&liked=1", "/albums/", "/albums/new/", "/trash/"]
    pages += [address, f"{address}?arrange", f"/albums/choose/?images={images[0].public_id}"]
    found = []
    for number, where in enumerate(pages):
        page.goto(where)
        photograph(page, f"{number}-{mode}-{width}")
        found += faults(page)
    assert found == []
