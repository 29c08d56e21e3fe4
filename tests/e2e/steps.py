"""What a visitor does, in words."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image as PILImage
from PIL import ImageEnhance
from playwright.sync_api import Page, expect

from prompts.imaging import clean_photo, make_thumbnail
from prompts.models import Image, Photo, PromptStatus, Team, Tune, TuneStatus, User
from prompts.sample import sample_photos
from tests import factories
from tests.factories import PASSWORD
from tests.processes import Portal

#: Opens a page in a fresh browser.
Open = Callable[..., Page]
DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
TRAINING_SECONDS = 60


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Through the form, as a person would."""
    page.goto("/")
    page.locator("input[name=login]").last.fill(email)
    page.locator("input[name=password]").last.fill(password)
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


def open_sample(team: Team, owner: User, portal: Portal) -> Tune:
    """The sample person in the team, trained by the portal's own worker."""
    tune = factories.create_tune(team=team, owner=owner, status=TuneStatus.DRAFT)
    for name, data in sample_photos():
        photo = clean_photo(data, name=name)
        file = f"{tune.prefix}/photos/{photo.sha256}.jpg"
        path = portal.data_dir / "media" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(photo.data)
        row = Photo.objects.create(
            tune=tune,
            file=file,
            sha256=photo.sha256,
            original_name=name,
            width=photo.width,
            height=photo.height,
            color=photo.color,
        )
        path.with_name(Path(row.thumbnail).name).write_bytes(make_thumbnail(photo.data, 320))
    Tune.objects.filter(pk=tune.pk).update(status=TuneStatus.QUEUED)
    until = time.monotonic() + TRAINING_SECONDS
    while time.monotonic() < until:
        tune.refresh_from_db()
        if tune.is_trained:
            return tune
        time.sleep(0.1)
    raise AssertionError(f"{tune.status}: {tune.error}")


def hang_pictures(team: Team, owner: User, portal: Portal, prompts: int) -> list[Image]:
    """Finished prompts of six pictures each, of several shapes; the pictures newest first.

    All have the same thumbnail.
    """
    tune = factories.create_tune(team=team, owner=owner)
    shapes = ((1024, 1280), (1280, 1024), (1024, 1024), (720, 1280))
    images = []
    for _ in range(prompts):
        prompt = factories.create_prompt(tune=tune, status=PromptStatus.COMPLETED, num_images=6)
        images += [factories.create_image(prompt=prompt, index=index) for index in range(6)]
    data = factories.jpeg_bytes(color="#446688", size=(256, 320))
    for number, image in enumerate(images):
        width, height = shapes[number % len(shapes)]
        Image.objects.filter(pk=image.pk).update(width=width, height=height)
        for name in image.files:
            path = portal.data_dir / "media" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return images[::-1]
