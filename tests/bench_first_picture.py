"""From the click on Generate to the pictures on the page, in a real browser.

Starts a portal of its own with the demo's sample person in a temporary folder, then measures a
warm server: seconds to the first and to the fourth 1024×1280 picture.

    python -m tests.bench_first_picture [--runs 5]
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
MANAGE = str(ROOT / "manage.py")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE_SECONDS = 60


def start(data_dir: Path) -> tuple[subprocess.Popen[str], str]:
    """A portal with demo data; answers it and its address."""
    env = os.environ | {"DATA_DIR": str(data_dir)}
    for words in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"], ["demo"]):
        subprocess.run([sys.executable, MANAGE, *words], env=env, check=True)
    process = subprocess.Popen(
        [sys.executable, MANAGE, "serve", "--port", "0"],
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    said = re.search(r"http://\S+", process.stdout.readline())
    assert said is not None
    return process, said[0]


def measure(page: Page) -> tuple[float, float]:
    """Presses Generate; answers the seconds to the first and to the fourth picture."""
    loaded = """count => [...document.querySelectorAll('article.prompt')][0]
        ?.querySelectorAll('.strip img').length >= count
        && [...document.querySelectorAll('article.prompt')[0].querySelectorAll('.strip img')]
            .slice(0, count).every(image => image.complete && image.naturalWidth)"""
    before = page.locator("article.prompt").count()
    clicked = time.perf_counter()
    page.get_by_role("button", name="Generate").last.click()
    page.wait_for_function(
        "before => document.querySelectorAll('article.prompt').length > before", arg=before
    )
    times = []
    for count in (1, 4):
        page.wait_for_function(loaded, arg=count, timeout=PATIENCE_SECONDS * 1000)
        times.append(time.perf_counter() - clicked)
    return times[0], times[1]


def main() -> None:
    """Prints a table: a line a run, and the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    browser_path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        portal, url = start(Path(folder))
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        try:
            page = browser.new_page(base_url=url)
            page.goto("/")
            page.get_by_role("button", name="demo").first.click()
            page.goto("/tunes/")
            page.locator("a", has_text="Sample person").first.click()
            page.get_by_role("button", name="Generate").last.wait_for()
            measure(page)
            print("run    first picture    fourth picture")
            results = [measure(page) for _ in range(runs)]
            for number, (first, fourth) in enumerate(results, 1):
                print(f"{number:>3}    {first:>11.2f} s    {fourth:>12.2f} s")
            first, fourth = (statistics.median(column) for column in zip(*results, strict=True))
            print(f"med    {first:>11.2f} s    {fourth:>12.2f} s")
        finally:
            browser.close()
            portal.terminate()
            portal.wait(30)


if __name__ == "__main__":
    main()
