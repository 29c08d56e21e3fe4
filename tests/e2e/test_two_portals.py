"""Two portals on one machine: one has its people trained and pictures made by the other.

Portal A's team uses the engine `astria`, whose address is portal B's gateway; B uses Studio. Real
processes, real HTTP, real callbacks, a database each.
"""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from prompts.accounts import DEMO_EMAIL, DEMO_PASSWORD
from tests.e2e.steps import photo_files, sign_in
from tests.processes import MANAGE, Portal, environment, free_port, start_portal, wait_until

pytestmark = pytest.mark.slow
PATIENCE = 90_000


@dataclass
class Pair:
    """Portal A asks, portal B makes; `key` opens B's gateway."""

    a: Portal
    b: Portal
    key: str


def settings_of(folder: Path, port: int, other: int) -> dict[str, str]:
    """A portal's environment: a database of its own, and the other one within reach."""
    return {
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "FETCH_ALLOWED_HOSTS": f"127.0.0.1:{port},127.0.0.1:{other}",
    }


def manage(folder: Path, values: dict[str, str], *words: str) -> str:
    """What a command of that portal prints."""
    ran = subprocess.run(
        [sys.executable, MANAGE, *words],
        env=environment(folder, **values),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return ran.stdout.strip()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Pair]:
    folders = [tmp_path_factory.mktemp(name) for name in ("portal-a", "portal-b")]
    ports = [free_port(), free_port()]
    values = [
        settings_of(folder, port, other)
        for folder, port, other in zip(folders, ports, reversed(ports), strict=True)
    ]
    for folder, value in zip(folders, values, strict=True):
        manage(folder, value, "migrate", "--verbosity", "0")
        manage(folder, value, "demo")
    key = manage(folders[1], values[1], "create_api_key", DEMO_EMAIL)
    with contextlib.ExitStack() as stack:
        portals = []
        for folder, port, value in zip(folders, ports, values, strict=True):
            portal = start_portal(folder, port=port, **value)
            stack.callback(portal.stop)
            portals.append(portal)
        yield Pair(*portals, key)


def rows(portal: Portal, query: str) -> list[tuple[object, ...]]:
    """What the portal's database answers."""
    with contextlib.closing(sqlite3.connect(portal.data_dir / "db.sqlite3", timeout=20)) as db:
        return db.execute(query).fetchall()


@pytest.fixture
def page(pair: Pair, browser: Browser) -> Iterator[Page]:
    """Portal A, signed in."""
    context = browser.new_context(base_url=pair.a.url, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    page = context.new_page()
    sign_in(page, DEMO_EMAIL, DEMO_PASSWORD)
    yield page
    context.close()


def connect(page: Page, pair: Pair) -> None:
    """The owner chooses the engine and gives B's key."""
    page.goto("/settings/engine/")
    page.get_by_role("radio", name="Astria").check()
    page.locator("input[name=new_key]").fill(pair.key)
    page.locator("input[name=callback_base]").fill(pair.a.url)
    page.locator("details.fold summary").first.click()
    page.locator("input[name=base_url]").fill(f"{pair.b.url}/api")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("The key works")


def add_person(page: Page, folder: Path) -> None:
    page.goto("/tunes/new/")
    page.get_by_label("Name", exact=True).fill("Ada")
    page.get_by_label("Class").select_option("woman")
    page.locator("[data-pick]").first.set_input_files(photo_files(folder))
    page.locator("input[name=consent]").check()
    start = page.get_by_role("button", name="Start training")
    expect(start).to_be_enabled(timeout=PATIENCE)
    start.click()


def test_pictures_asked_for_here_are_made_there_and_arrive_live(
    pair: Pair, page: Page, tmp_path: Path
) -> None:
    connect(page, pair)
    add_person(page, tmp_path)
    # The page learns by itself that the other portal has trained the person.
    expect(page.get_by_role("button", name="Generate")).to_be_visible(timeout=PATIENCE)
    page.evaluate("window.unreloaded = true")
    page.get_by_role("link", name="Professional headshot").first.click()
    page.get_by_role("button", name="Generate").click()
    pictures = page.locator("article.prompt .strip img")
    expect(pictures).to_have_count(4, timeout=PATIENCE)
    assert page.evaluate("window.unreloaded")
    loaded = "images => images.every(image => image.complete && image.naturalWidth > 0)"
    wait_until(lambda: pictures.evaluate_all(loaded), "the pictures themselves")

    # B trained that very person with Studio and made the pictures; A has copies of its own.
    [(there, engine, status, photos)] = rows(
        pair.b,
        "SELECT t.id, t.engine, t.status, count(p.id) FROM prompts_tune t JOIN prompts_photo p"
        " ON p.tune_id = t.id WHERE t.title LIKE 'Ada %' GROUP BY t.id",
    )
    assert (engine, status, photos) == ("studio", "trained", 4)
    made = "SELECT sha256 FROM prompts_image i JOIN prompts_tune t ON t.id = i.tune_id"
    assert len(rows(pair.b, f"{made} WHERE t.id = {there}")) == 4
    assert len(rows(pair.a, f"{made} WHERE t.title = 'Ada' AND i.engine = 'astria'")) == 4
    # Both ends were told by a callback that arrived, signed by B's key.
    delivered = rows(pair.b, "SELECT event, status FROM prompts_delivery ORDER BY id")
    assert delivered == [("tune", "delivered"), ("prompt", "delivered")]
    # One create each, nothing doubled.
    assert rows(pair.b, "SELECT count(*) FROM prompts_prompt") == [(1,)]
    assert rows(pair.b, "SELECT count(*) FROM prompts_tune WHERE title LIKE 'Ada %'") == [(1,)]

    delete_here(pair, page)
    gone = "SELECT count(*) FROM prompts_tune WHERE title LIKE 'Ada %'"
    wait_until(lambda: rows(pair.b, gone) == [(0,)], "the deletion over there", seconds=90)


def delete_here(pair: Pair, page: Page) -> None:
    """Deletes the person at A, as the page's own button does."""
    [(public_id,)] = rows(pair.a, "SELECT public_id FROM prompts_tune WHERE title = 'Ada'")
    page.goto(f"/tunes/{public_id}/")
    token = page.evaluate("JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRFToken']")
    answer = page.request.post(
        f"/tunes/{public_id}/delete/", headers={"X-CSRFToken": token, "Referer": pair.a.url}
    )
    assert answer.ok


def test_the_key_is_nowhere_in_the_clear(pair: Pair, page: Page) -> None:
    connect(page, pair)
    assert pair.key not in page.content()
    for file in pair.a.data_dir.rglob("*"):
        if file.is_file():
            assert pair.key.encode() not in file.read_bytes(), file
