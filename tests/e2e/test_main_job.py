"""The main job, in a real browser against a real server and worker with the Studio engine."""

from __future__ import annotations

import io
import os
import signal
import subprocess
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image as PILImage
from playwright.sync_api import Page, expect

from prompts.engines.studio.engine import StudioEngine
from prompts.imaging import read_recipe
from prompts.models import Image, Prompt, PromptStatus, Role, Team, Tune, TuneStatus, User
from tests import factories
from tests.e2e.steps import Open, open_sample, photo_files, sign_in
from tests.processes import Portal

pytestmark = pytest.mark.slow
PICTURES = "article.prompt .strip img"
PATIENCE = 60_000


@pytest.fixture
def studio_team(transactional_db: None) -> Team:
    return factories.create_team(name="Studio team", engine="studio")


@pytest.fixture
def ada(studio_team: Team) -> User:
    user = factories.create_user(name="Ada Ames", email="ada@example.com")
    factories.create_membership(team=studio_team, user=user, role=Role.OWNER)
    return user


def add_person(page: Page, folder: Path) -> None:
    """New person with four photos, up to the trained person's page."""
    page.get_by_role("link", name="People").first.click()
    page.get_by_role("link", name="New person").first.click()
    page.get_by_label("Name", exact=True).fill("Ada")
    page.get_by_label("Class").select_option("woman")
    page.locator("[data-pick]").first.set_input_files(photo_files(folder))
    page.locator("input[name=consent]").check()
    start = page.get_by_role("button", name="Start training")
    expect(start).to_be_enabled(timeout=PATIENCE)
    start.click()
    expect(page.get_by_role("button", name="Generate")).to_be_visible(timeout=PATIENCE)


def test_photos_in_headshots_out(
    open_browser: Open, ada: User, tmp_path: Path, portal: Portal
) -> None:
    page = open_browser(accept_downloads=True)
    sign_in(page, ada.email)
    add_person(page, tmp_path)
    tune = Tune.objects.get()
    assert (tune.status, tune.photos.count()) == (TuneStatus.TRAINED, 4)
    assert tune.consent.confirmed_by == ada

    address = page.url
    page.evaluate("window.unreloaded = true")
    page.get_by_role("link", name="Professional headshot").first.click()
    page.get_by_role("button", name="Generate").click()
    expect(page.locator(PICTURES)).to_have_count(4, timeout=PATIENCE)
    assert page.evaluate("window.unreloaded") is True and page.url.startswith(address)

    page.locator("a[data-lightbox]").first.click()
    expect(page.locator("[data-lightbox-view]")).to_be_visible()
    assert "/images/" in page.url
    with page.expect_download() as download:
        page.keyboard.press("d")
    check_picture(Path(download.value.path()).read_bytes(), tune)
    page.go_back()
    expect(page.locator("[data-lightbox-view]")).to_be_hidden()
    assert page.url.startswith(address)

    files = [portal.data_dir / "media" / image.file for image in Image.objects.all()]
    pictures = [file.read_bytes() for file in files]
    assert len(set(pictures)) == 4
    for picture in pictures:
        check_picture(picture, tune)


def check_picture(data: bytes, tune: Tune) -> None:
    """Decodable, of the asked size, showing one face, carrying its recipe."""
    picture = PILImage.open(io.BytesIO(data))
    picture.load()
    assert picture.size == (1024, 1280)
    assert StudioEngine().inspect(data).faces == 1
    recipe = read_recipe(data)
    assert recipe is not None and recipe["text"].startswith("professional headshot of ohwx woman")


def test_killed_worker_loses_and_doubles_nothing(
    as_ada: Open, ada: User, studio_team: Team, portal: Portal
) -> None:
    tune = open_sample(studio_team, ada, portal)
    page = as_ada(tune.get_absolute_url())
    page.get_by_role("button", name="Generate").click()
    expect(page.locator(PICTURES).first).to_be_visible(timeout=PATIENCE)
    (worker,) = children(portal.process.pid)
    os.kill(worker, signal.SIGKILL)
    expect(page.locator(PICTURES)).to_have_count(4, timeout=PATIENCE)
    expect(page.get_by_text("ahead of you")).to_have_count(0)
    prompt = Prompt.objects.get()
    assert (prompt.status, prompt.attempts) == (PromptStatus.COMPLETED, 2)
    assert sorted(prompt.images.values_list("index", flat=True)) == [0, 1, 2, 3]


def children(pid: int) -> list[int]:
    """Process ids of the direct children."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True
    )
    return [int(line) for line in listed.stdout.split()]


def test_every_open_window_of_those_who_may_see_it_fills_in(
    open_browser: Open, ada: User, studio_team: Team
) -> None:
    mate = factories.create_user(name="Mia", email="mia@example.com")
    factories.create_membership(team=studio_team, user=mate, role=Role.VIEWER)
    tune = factories.create_tune(team=studio_team, owner=ada, engine="fake")
    windows = [open_browser(), open_browser(width=390, height=800)]
    for window, person in zip(windows, (ada, mate), strict=True):
        sign_in(window, person.email)
        window.goto(tune.get_absolute_url())
    expect(windows[1].get_by_role("button", name="Generate")).to_have_count(0)
    windows[0].get_by_role("button", name="Generate").click()
    for window in windows:
        expect(window.locator(PICTURES)).to_have_count(4)


def test_pictures_still_arrive_when_the_stream_is_cut(
    open_browser: Open, ada: User, studio_team: Team
) -> None:
    tune = factories.create_tune(team=studio_team, owner=ada, engine="fake")
    page = open_browser()
    page.route("**/live/", lambda route: route.fulfill(status=204))
    sign_in(page, ada.email)
    page.goto(tune.get_absolute_url())
    page.get_by_role("button", name="Generate").click()
    expect(page.locator(PICTURES)).to_have_count(4, timeout=PATIENCE)


def test_coming_back_shows_the_truth(as_ada: Open, ada: User, studio_team: Team) -> None:
    tune = factories.create_tune(team=studio_team, owner=ada, engine="fake")
    prompt = factories.create_prompt(
        tune=tune,
        status=PromptStatus.PROCESSING,
        lease_expires_at=timezone.now().replace(year=2100),
    )
    page = as_ada(tune.get_absolute_url())
    expect(page.locator("article.prompt")).to_have_attribute("data-live-open", "")
    page.context.set_offline(True)
    Prompt.objects.filter(pk=prompt.pk).update(
        status=PromptStatus.FAILED, error="The lamp has burnt out."
    )
    page.context.set_offline(False)
    expect(page.get_by_text("The lamp has burnt out.")).to_be_visible(timeout=PATIENCE)


def test_without_a_script_the_job_can_be_done_and_errors_lose_nothing(
    as_ada: Open, studio_team: Team, tmp_path: Path
) -> None:
    studio_team.engine = "fake"
    studio_team.save()
    page = as_ada("/tunes/new/", java_script_enabled=False)
    page.get_by_label("Name", exact=True).fill("Ada")
    page.locator("input[name=photos]").set_input_files(photo_files(tmp_path, 3))
    page.locator("input[name=consent]").check()
    page.get_by_role("button", name="Save the photos").click()
    expect(page.get_by_text("3 photos are too few")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Ada")
    page.locator("input[name=photos]").set_input_files(photo_files(tmp_path / "more", 4))
    page.locator("input[name=consent]").check()
    page.get_by_role("button", name="Save the photos").click()
    tune = Tune.objects.get()
    page.wait_for_url(f"**{tune.get_absolute_url()}")
    page.wait_for_timeout(1500)
    page.reload()
    page.locator("textarea[name=text]").fill("ohwx person on the moon")
    page.locator("details:has(input[name=w]) > summary").first.click()
    page.locator("input[name=w]").fill("1001")
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_text("Must be a multiple of 8: 1000 or 1008.").first).to_be_visible()
    expect(page.locator("textarea[name=text]")).to_have_value("ohwx person on the moon")
    page.locator("input[name=w]").fill("1000")
    page.get_by_role("button", name="Generate").click()
    page.wait_for_timeout(1500)
    page.reload()
    expect(page.locator(PICTURES)).to_have_count(4)


def test_pictures_stay_while_the_page_fetches_itself_anew(
    as_ada: Open, ada: User, studio_team: Team
) -> None:
    tune = factories.create_tune(team=studio_team, owner=ada, engine="fake")
    page = as_ada(tune.get_absolute_url(), width=390, height=800)
    for count in (4, 8):
        page.get_by_role("button", name="Generate").last.click()
        expect(page.locator(PICTURES)).to_have_count(count)
    for _ in range(5):
        page.evaluate("window.dispatchEvent(new Event('online'))")
        page.wait_for_timeout(120)
    page.wait_for_timeout(1500)
    expect(page.locator(PICTURES)).to_have_count(8)
