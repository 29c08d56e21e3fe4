"""Measures what the gallery's first page weighs: `python -m tests.bench_thumbnails`.

The demo's person, made into pictures of every preset and of several shapes by the Studio engine
(about two minutes), is looked at in a real browser at three screens: down until 60 pictures are
loaded. Printed are how many thumbnails of which width that were and what they weigh. Uses a
database of its own; needs Chromium (CHROMIUM names one).
"""

from __future__ import annotations

import collections
import re
import sys
import time
from typing import TYPE_CHECKING, Any

from tests.bench import fresh_portal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Response

PICTURES = 64
IMAGES_A_PROMPT = 4
SHAPES = ("4:5", "1:1", "3:4", "16:9", "2:3", "9:16", "4:5", "3:2")
SCREENS = ((1280, 800, 1.0), (1280, 800, 2.0), (390, 844, 3.0))
GENERATE_SECONDS = 900
LIMIT_MIB = 1.2
MIB = 2**20


def main() -> int:
    """Prints a line a screen; 1 if one of them is too heavy."""
    own = {"FAKE_ENGINE": "0", "DATABASE_URL": "", "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
    with fresh_portal(**own) as folder:
        from django.core.management import call_command

        from tests.e2e.conftest import FLAGS, find_chromium
        from tests.processes import start_portal

        call_command("demo")
        portal = start_portal(folder, FAKE_ENGINE="0")
        try:
            make_pictures()
            from playwright.sync_api import sync_playwright

            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
                weights = [measure(browser, portal.url, *screen) for screen in SCREENS]
                browser.close()
        finally:
            portal.stop()
    return int(max(weights) > LIMIT_MIB)


def make_pictures() -> None:
    """Prompts of all presets, every other one in another shape; back when they are done."""
    from prompts.models import Image, Preset, Tune
    from tests import factories

    tune = Tune.objects.get(is_sample=True)
    presets = list(Preset.objects.filter(team=None))
    for number in range(PICTURES // IMAGES_A_PROMPT):
        preset = presets[number % len(presets)]
        shape = {"aspect_ratio": SHAPES[number % len(SHAPES)]} if number % 2 else {}
        factories.create_prompt(
            tune=tune,
            preset=preset,
            text=preset.text.replace("{token} {class}", tune.subject_words),
            parameters=preset.parameters | shape,
            num_images=IMAGES_A_PROMPT,
            base_seed=100 * number,
        )
    until = time.monotonic() + GENERATE_SECONDS
    while Image.objects.count() < PICTURES:
        assert time.monotonic() < until, "the pictures take too long"
        time.sleep(1)


def measure(browser: Browser, url: str, width: int, height: int, density: float) -> float:
    """MiB of the first 60 thumbnails on such a screen."""
    weights: dict[str, int] = {}
    sizes: dict[str, int] = {}

    def weigh(response: Response) -> None:
        if found := re.search(r"/(\d+)\.webp", response.url):
            sizes[response.url] = int(found[1])
            weights[response.url] = len(response.body())

    context = browser.new_context(
        base_url=url,
        viewport={"width": width, "height": height},
        device_scale_factor=density,
        is_mobile=width < 800,
        has_touch=width < 800,
        bypass_csp=True,  # waiting for a condition evaluates text
    )
    page: Any = context.new_page()
    page.goto("/")
    page.get_by_role("button", name="Sign in as the demo owner").click()
    page.wait_for_load_state("networkidle")
    page.on("response", weigh)
    page.goto("/gallery/")
    first = "[...document.querySelectorAll('a.tile img')].slice(0, 60)"
    page.evaluate(f"async () => {{ for (const i of {first}) {{ i.loading = 'eager'; }} }}")
    page.wait_for_function(f"{first}.every((i) => i.complete && i.naturalWidth)")
    page.wait_for_load_state("networkidle")
    shown = page.evaluate(f"{first}.map((i) => i.currentSrc)")
    boxes = page.evaluate(f"{first}.map((i) => [i.clientWidth, +i.getAttribute('width')])")
    context.close()
    total = sum(weights[src] for src in shown) / MIB
    dense = sorted(
        min(sizes[src], full) / (shown_width * density)
        for src, (shown_width, full) in zip(shown, boxes, strict=True)
    )
    widths = collections.Counter(sizes[src] for src in shown)
    print(
        f"{width:5} px at {density:.0f}x: {len(shown)} thumbnails, {total:.2f} MiB, widths "
        + ", ".join(f"{many} of {size}" for size, many in sorted(widths.items()))
        + f"; their pixels to the screen's {dense[0]:.2f} to {dense[-1]:.2f}"
    )
    return total


if __name__ == "__main__":
    sys.exit(main())
