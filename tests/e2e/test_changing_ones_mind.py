"""Marks of pictures that change each other, and what their undo brings back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from prompts.models import Image, Like, Tune, User
from tests.e2e.steps import Open, hang_pictures
from tests.processes import Portal


@pytest.fixture
def images(ada: User, portal: Portal) -> list[Image]:
    """Six pictures of one person."""
    return hang_pictures(ada.teams.get(), ada, portal, prompts=1)


def choose(page: Page, image: Image) -> None:
    page.locator(f"[data-choose][value='{image.public_id}']").check(force=True)


def undo(page: Page) -> None:
    page.get_by_role("button", name="Undo").last.click()


def test_another_final_picture_takes_the_badge_and_undo_gives_it_back(
    as_ada: Open, images: list[Image]
) -> None:
    first, second = images[:2]
    Tune.objects.update(final_image=first)
    page = as_ada()
    badge = "[data-final-badge='{}']"
    choose(page, second)
    page.locator("[data-do=final]").click()
    expect(page.locator(badge.format(second.public_id))).to_be_visible()
    expect(page.locator(badge.format(first.public_id))).to_be_hidden()
    undo(page)
    expect(page.locator(badge.format(first.public_id))).to_be_visible()
    expect(page.locator(badge.format(second.public_id))).to_be_hidden()
    assert Tune.objects.get().final_image == first


def test_undo_of_what_was_final_already_leaves_it_so(as_ada: Open, images: list[Image]) -> None:
    Tune.objects.update(final_image=images[0])
    page = as_ada()
    choose(page, images[0])
    page.locator("[data-do=final]").click()
    with page.expect_response("**/final/"):
        undo(page)
    expect(page.locator(f"[data-final-badge='{images[0].public_id}']")).to_be_visible()
    assert Tune.objects.get().final_image == images[0]


def test_of_compared_pictures_one_alone_is_final(as_ada: Open, images: list[Image]) -> None:
    page = as_ada(f"/compare/?images={images[0].public_id}&images={images[1].public_id}")
    buttons = page.locator(".compare-column [data-final]")
    for chosen, other in ((0, 1), (1, 0)):
        buttons.nth(chosen).click()
        expect(buttons.nth(chosen)).to_have_attribute("aria-pressed", "true")
        expect(buttons.nth(other)).to_have_attribute("aria-pressed", "false")


def test_undoing_many_likes_keeps_those_from_before(
    as_ada: Open, ada: User, images: list[Image]
) -> None:
    Like.objects.create(user=ada, image=images[0], prompt=images[0].prompt)
    page = as_ada()
    for image in images[:2]:
        choose(page, image)
    page.locator("[data-do=like]").click()
    expect(page.get_by_text("You like 2 pictures.")).to_be_visible()
    with page.expect_response("**/images/like/"):
        undo(page)
    heart = page.locator(f".tile-like[data-like='{images[1].public_id}']")
    expect(heart).to_have_attribute("aria-pressed", "false")
    assert list(Like.objects.values_list("image", flat=True)) == [images[0].pk]
    expect(page.locator("[data-like][aria-pressed=true]")).to_have_count(1)
