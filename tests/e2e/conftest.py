"""A real server with a real worker on the test database, and a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    sync_playwright,
)

from prompts.models import Role, User
from tests import factories
from tests.e2e.steps import Open, sign_in
from tests.processes import Portal, start_portal

# Playwright's synchronous API keeps an event loop in this thread; the ORM is only used between
# its calls.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """The browser to drive: CHROMIUM names it, else the usual names are looked for."""
    names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks everything here, and skips it without a browser unless nothing may be skipped."""
    absent = find_chromium() is None and not os.environ.get("REQUIRE_EVERYTHING")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            if absent:
                item.add_marker(pytest.mark.skip(reason="no Chromium found; set CHROMIUM"))


# Both end with their module: a worker left running would take the jobs of other tests, and
# Playwright's event loop would be in the way of theirs.
@pytest.fixture(scope="module")
def portal(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Portal]:
    """Web and one worker, as `make run` starts them, on the test database."""
    with django_db_blocker.unblock():
        running = start_portal(tmp_path_factory.mktemp("portal"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield chromium
        chromium.close()


#: A form that was not accepted, and what going offline on purpose brings.
EXPECTED = (
    "status of 422",
    "net::ERR_INTERNET_DISCONNECTED",
    "htmx:sendError",
    "htmx:afterRequest",
)


def complaint_of(message: ConsoleMessage) -> list[str]:
    """The message if it is an error that nobody expected."""
    expected = any(words in message.text for words in EXPECTED)
    return [message.text] if message.type == "error" and not expected else []


@pytest.fixture
def open_browser(browser: Browser, portal: Portal, transactional_db: None) -> Iterator[Open]:
    """Opens fresh browsers (own cookies); what they complain about fails the test at its end."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def fresh(*, width: int = 1280, height: int = 860, **options: Any) -> Page:
        context = browser.new_context(
            base_url=portal.url, viewport={"width": width, "height": height}, **options
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.extend(complaint_of(message)))
        return page

    yield fresh
    # Closed before the database is flushed, so that no stream reads while it is emptied.
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def ada(transactional_db: None) -> User:
    """Owns a team."""
    user = factories.create_user(name="Ada Ames", email="ada@example.com")
    factories.create_membership(team=factories.create_team(), user=user, role=Role.OWNER)
    return user


@pytest.fixture
def as_ada(open_browser: Open, ada: User) -> Open:
    """Opens fresh browsers in which Ada has signed in, at an address."""

    def fresh(address: str = "/gallery/", **options: Any) -> Page:
        page = open_browser(**options)
        sign_in(page, ada.email)
        page.goto(address)
        return page

    return fresh
