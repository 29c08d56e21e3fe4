"""What a visitor does, in words."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image as PILImage
from PIL import ImageEnhance
from playwright.sync_api import Page, expect
from prompts.sample import sample_photos

from tests.factories import PASSWORD


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Through the form, as a person would."""
    page.goto("/")
    page.get_by_label("E-mail").first.fill(email)
    page.get_by_label("Password").first.fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("link", name="People").first).to_be_visible()


def photo_files(folder: Path, count: int = 4) -> list[Path]:
    """Photos of the sample person in files, all of the same name in folders of their own."""
    photos = sample_photos()
    files = []
    for number in range(count):
        _, data = photos[number % len(photos)]
        if number >= len(photos):
            picture = PILImage.open(io.BytesIO(data))
            buffer = io.BytesIO()
            ImageEnhance.Brightness(picture).enhance(0.9 + number / 100).save(buffer, "JPEG")
            data = buffer.getvalue()
        file = folder / str(number) / "IMG_0001.jpg"
        file.parent.mkdir(parents=True)
        file.write_bytes(data)
        files.append(file)
    return files
