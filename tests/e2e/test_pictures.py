"""Looking at pictures and choosing among them: by keyboard, mouse and finger."""

from __future__ import annotations

import re
import zipfile

import pytest
from playwright.sync_api import Locator, Page, expect

from prompts.models import Image, Like, Prompt, Tune, User
from tests import factories
from tests.e2e.axe import faults, on_screens
from tests.e2e.fingers import CHOSEN, Finger
from tests.e2e.steps import PHONE, Open, sign_in
from tests.processes import Portal

VIEW = "[data-lightbox-view]"


@pytest.fixture
def images(ada: User, portal: Portal) -> list[Image]:
    """Six pictures, newest first, in the portal's own media folder."""
    tune = factories.create_tune(team=ada.teams.get(), owner=ada)
    prompt = factories.create_prompt(tune=tune, status="completed", num_images=6)
    return [picture(prompt, index, portal) for index in range(6)][::-1]


def picture(prompt: Prompt, index: int, portal: Portal) -> Image:
    image = factories.create_image(prompt=prompt, index=index)
    Image.objects.filter(pk=image.pk).update(width=512, height=640)
    data = factories.jpeg_bytes(color=f"#{index * 40:02x}6688", size=(512, 640))
    for name in image.files:
        path = portal.data_dir / "media" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return image


def tile(page: Page, image: Image) -> Locator:
    return page.locator(f"a[data-image='{image.public_id}']")


def box(page: Page, image: Image) -> Locator:
    return page.locator(f"[data-choose][value='{image.public_id}']")


def expect_open(page: Page, image: Image) -> None:
    expect(page.locator(VIEW)).to_have_attribute("data-image", image.public_id)
    expect(page).to_have_url(re.compile(image.public_id))


def test_keyboard_alone_leads_through_the_pictures(
    as_ada: Open, ada: User, images: list[Image]
) -> None:
    page = as_ada()
    tile(page, images[0]).focus()
    page.keyboard.press("Enter")
    expect_open(page, images[0])
    page.keyboard.press("l")
    expect(page.locator(".lightbox-bar [data-like]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowRight")
    expect_open(page, images[1])
    page.keyboard.press("f")
    expect(page.get_by_text("This is now Ada’s final picture.")).to_be_visible()
    page.keyboard.press("End")
    expect_open(page, images[5])
    page.keyboard.press("Home")
    expect_open(page, images[0])
    page.keyboard.press("ArrowRight")
    expect_open(page, images[1])
    page.keyboard.press("i")
    expect(page.locator("#lightbox-panel")).to_be_visible()
    expect(page.locator("#lightbox-panel")).to_contain_text("Ada’s final picture")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(VIEW)).to_be_visible()
    page.go_back()
    expect(page.locator(VIEW)).to_have_count(0)
    expect(page).to_have_url(re.compile("/gallery/$"))
    expect(tile(page, images[1])).to_be_focused()
    expect(page.locator(f"[data-final-badge='{images[1].public_id}']")).to_be_visible()
    assert list(Like.objects.values_list("user", "image")) == [(ada.pk, images[0].pk)]
    assert Tune.objects.get().final_image == images[1]


def test_trash_in_the_lightbox_moves_on_and_can_be_undone(
    as_ada: Open, images: list[Image]
) -> None:
    page = as_ada()
    tile(page, images[2]).click()
    expect_open(page, images[2])
    page.keyboard.press("Delete")
    expect_open(page, images[3])
    page.keyboard.press("ArrowLeft")
    expect_open(page, images[1])
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect_open(page, images[2])
    assert Image.objects.present().count() == 6


def test_three_chosen_with_shift_are_downloaded_put_away_and_brought_back(
    as_ada: Open, images: list[Image]
) -> None:
    page = as_ada(accept_downloads=True)
    tile(page, images[1]).hover()
    box(page, images[1]).click()
    box(page, images[3]).click(modifiers=["Shift"])
    expect(page.locator("[data-selection-count]")).to_have_text("3 chosen")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert len(archive.namelist()) == 3 and archive.testzip() is None
    page.get_by_role("button", name="Trash").click()
    expect(tile(page, images[2])).to_be_hidden()
    expect(page.locator("#selection")).to_be_hidden()
    expect(page.get_by_text("3 pictures", exact=True)).to_be_visible()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(tile(page, images[2])).to_be_visible()
    expect(page.get_by_text("6 pictures", exact=True)).to_be_visible()
    assert Image.objects.present().count() == 6


def test_boxes_are_chosen_by_key_and_by_dragging(as_ada: Open, images: list[Image]) -> None:
    page = as_ada()
    tile(page, images[0]).focus()
    page.keyboard.press("Space")
    tile(page, images[2]).focus()
    page.keyboard.press("Shift+Space")
    expect(page.locator(CHOSEN)).to_have_count(3)
    page.keyboard.press("Control+a")
    expect(page.locator(CHOSEN)).to_have_count(6)
    page.keyboard.press("Escape")
    expect(page.locator(CHOSEN)).to_have_count(0)
    start, end = box(page, images[0]).bounding_box(), tile(page, images[3]).bounding_box()
    assert start and end
    page.mouse.move(start["x"] + 12, start["y"] + 12)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 40, steps=8)
    page.mouse.up()
    expect(page.locator(CHOSEN)).to_have_count(4)
    expect(page.locator(VIEW)).to_have_count(0)
    tile(page, images[5]).click()
    expect(page.locator(CHOSEN)).to_have_count(5)


def test_pictures_zoom_and_move_together_side_by_side(as_ada: Open, images: list[Image]) -> None:
    page = as_ada()
    for image in images[:3]:
        tile(page, image).hover()
        box(page, image).click()
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".compare-column")).to_have_count(3)
    page.wait_for_load_state()
    page.keyboard.press("2")
    page.keyboard.press("Shift+Digit3")
    expect(page.get_by_text("This is now Ada’s final picture.")).to_be_visible()
    page.keyboard.press("+")
    expect(page.locator("[data-zoomed]")).to_have_count(3)
    views = page.locator(".compare-stage img").evaluate_all(
        "all => all.map(i => i.style.transform)"
    )
    assert len(set(views)) == 1 and "scale(1.4)" in views[0]
    page.get_by_role("link", name="Take picture 1 out").click()
    expect(page.locator(".compare-column")).to_have_count(2)
    expect(page.locator("[data-like][aria-pressed=true]")).to_have_count(1)
    assert list(Like.objects.values_list("image", flat=True)) == [images[1].pk]
    assert Tune.objects.get().final_image == images[2]


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("width", [1280, 390])
def test_all_that_is_compared_is_in_view(
    open_browser: Open, ada: User, images: list[Image], width: int, count: int
) -> None:
    page = open_browser(width=width, height=800)
    sign_in(page, ada.email)
    chosen = "&".join(f"images={image.public_id}" for image in images[:count])
    page.goto(f"/compare/?{chosen}")
    expect(page.locator(".compare-stage img")).to_have_count(count)
    for part in (".compare-stage img", ".compare-bar [data-like]"):
        for one in page.locator(part).all():
            expect(one).to_be_in_viewport(ratio=0.99)


def test_fingers_swipe_pinch_and_choose(as_ada: Open, images: list[Image]) -> None:
    page = as_ada(**PHONE)
    finger = Finger(page)
    tile(page, images[0]).tap()
    expect_open(page, images[0])
    finger.swipe(330, 60)
    expect_open(page, images[1])
    # Not by tap: a browser takes one that soon after a fling for the fling's end.
    page.locator("[data-act=info]").click()
    expect(page.locator("#lightbox-panel")).to_be_visible()
    page.locator("[data-act=info]").click()
    expect(page.locator("#lightbox-panel")).to_be_hidden()
    finger.pinch(195, 400)
    expect(page.locator("[data-zoomed]")).to_have_count(1)
    finger.swipe(330, 60)
    expect_open(page, images[1])
    page.go_back()
    expect(page.locator(VIEW)).to_have_count(0)
    place = tile(page, images[2]).bounding_box()
    assert place
    finger.press_long(place["x"] + 60, place["y"] + 60)
    tile(page, images[3]).tap()
    expect(page.locator(CHOSEN)).to_have_count(2)
    page.get_by_role("button", name="Like", exact=True).tap()
    expect(page.get_by_text("You like 2 pictures.")).to_be_visible()
    assert set(Like.objects.values_list("image", flat=True)) == {images[2].pk, images[3].pk}


def test_without_a_script_pictures_can_be_chosen_and_put_away(
    as_ada: Open, images: list[Image]
) -> None:
    page = as_ada(java_script_enabled=False)
    box(page, images[0]).check()
    box(page, images[1]).check()
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".compare-column")).to_have_count(2)
    page.get_by_role("button", name="Like picture 1").click()
    expect(page.get_by_role("button", name="Like picture 1")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.goto("/gallery/")
    box(page, images[0]).check()
    page.get_by_role("button", name="Trash").click()
    expect(page.get_by_text("1 picture moved to the trash.")).to_be_visible()
    expect(page).to_have_url(re.compile("/gallery/$"))
    expect(tile(page, images[0])).to_have_count(0)
    tile(page, images[1]).click()
    page.get_by_role("link", name="Previous picture").click()
    page.get_by_role("button", name="Trash").click()
    expect(page).to_have_url(re.compile("/tunes/.*#prompt-"))
    assert Image.objects.present().count() == 4


@on_screens
def test_choosing_and_comparing_have_no_accessibility_fault(
    as_ada: Open, images: list[Image], mode: str, width: int
) -> None:
    page = as_ada(
        width=width, height=1200, color_scheme=mode, reduced_motion="reduce", bypass_csp=True
    )
    tile(page, images[0]).focus()
    page.keyboard.press("Space")
    tile(page, images[1]).focus()
    page.keyboard.press("Space")
    found = faults(page)
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".compare-column")).to_have_count(2)
    found += faults(page)
    page.goto("/gallery/")
    tile(page, images[0]).click()
    expect_open(page, images[0])
    page.keyboard.press("i")
    expect(page.locator("#lightbox-panel")).to_be_visible()
    found += faults(page)
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    found += faults(page)
    assert found == []
