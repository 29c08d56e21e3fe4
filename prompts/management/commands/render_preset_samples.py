"""Renders the sample pictures of the built-in presets with the sample person."""

from __future__ import annotations

from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from prompts.engines.base import MemoryCache, PromptRequest, SourcePhoto, TrainingRequest
from prompts.engines.registry import get_rendering_engine
from prompts.imaging import make_thumbnail
from prompts.presets import BUILT_IN, BuiltIn
from prompts.sample import sample_photos

FOLDER = Path(settings.BASE_DIR) / "static" / "img" / "presets"
WIDTH = 320
TOKEN, CLASS_NAME = "ohwx", "woman"


class Command(BaseCommand):
    help = f"Writes {FOLDER.relative_to(settings.BASE_DIR)}/SLUG.webp for every built-in preset."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--engine", default=settings.DEFAULT_ENGINE)

    def handle(self, *, engine: str, **options: Any) -> None:
        maker, cache = get_rendering_engine(engine), MemoryCache()
        photos = [SourcePhoto(name, partial(bytes, data)) for name, data in sample_photos()]
        training = TrainingRequest(class_name=CLASS_NAME, token=TOKEN, photos=photos, cache=cache)
        result = maker.train(training, lambda fraction, step: None)
        FOLDER.mkdir(parents=True, exist_ok=True)
        for preset in BUILT_IN:
            picture = maker.preview(_request(preset, training, result.data), 2 * WIDTH)
            (FOLDER / f"{preset.slug}.webp").write_bytes(make_thumbnail(picture, WIDTH))
            self.stdout.write(preset.slug)


def _request(preset: BuiltIn, training: TrainingRequest, data: dict[str, Any]) -> PromptRequest:
    text = preset.text.replace("{token}", TOKEN).replace("{class}", CLASS_NAME)
    return PromptRequest(
        text=text,
        parameters=preset.parameters,
        num_images=1,
        indexes=[0],
        seed=1,
        token=TOKEN,
        class_name=CLASS_NAME,
        photos=training.photos,
        cache=training.cache,
        training_data=data,
    )
