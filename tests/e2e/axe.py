"""What axe finds on a page."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"],
    "preload": False,  # it would ask for imported style sheets at wrong addresses
}

#: Colours depend on the mode alone and places on the width alone, so that two screens show all.
on_screens = pytest.mark.parametrize(("mode", "width"), [("light", 1280), ("dark", 390)])


def faults(page: Page) -> list[str]:
    """What axe finds on the page as it is, a line each."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{page.url} {f['id']}: {f['nodes'][0]['target']}" for f in found]
