"""Photos on the contact sheet that wait for who they show."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from prompts.models import Tune
from tests.e2e.steps import Open, photo_files


def test_a_waiting_photo_can_be_taken_out_and_is_not_sent(as_ada: Open, tmp_path: Path) -> None:
    page = as_ada("/tunes/new/")
    frames = page.locator("[data-slot]")
    page.locator("[data-pick]").first.set_input_files(photo_files(tmp_path))
    expect(page.get_by_text("Waits for name and consent")).to_have_count(4)
    frames.nth(1).get_by_role("button", name="Remove").click()
    expect(frames).to_have_count(3)

    page.get_by_label("Name", exact=True).fill("Ada")
    page.locator("input[name=consent]").check()
    expect(page.locator("[data-slot][id^=photo-]")).to_have_count(3, timeout=30_000)
    assert Tune.objects.get().photos.count() == 3
