"""Touch, which Playwright itself knows as single taps only."""

from __future__ import annotations

from playwright.sync_api import Page, expect

CHOSEN = "[data-choose]:checked"


class Finger:
    """One finger on the screen, as the browser's own protocol moves it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.session = page.context.new_cdp_session(page)

    def send(self, kind: str, *points: tuple[float, float]) -> None:
        """A touch of that kind, with a finger at each point."""
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        event = {"type": kind, "touchPoints": touches}
        self.session.send("Input.dispatchTouchEvent", event)

    def swipe(self, start: float, end: float, y: float = 400) -> None:
        self.send("touchStart", (start, y))
        for step in range(1, 6):
            self.page.wait_for_timeout(20)
            self.send("touchMove", (start + (end - start) * step / 5, y))
        self.send("touchEnd")

    def press_long(self, x: float, y: float) -> None:
        self.send("touchStart", (x, y))
        expect(self.page.locator(CHOSEN)).to_have_count(1)
        self.send("touchEnd")

    def pinch(self, x: float, y: float) -> None:
        self.send("touchStart", (x - 20, y), (x + 20, y))
        for step in range(1, 6):
            self.send("touchMove", (x - 20 - 15 * step, y), (x + 20 + 15 * step, y))
        self.send("touchEnd")
