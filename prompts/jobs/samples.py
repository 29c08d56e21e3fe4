"""Small pictures of a tune's person in every built-in preset."""

from __future__ import annotations

import logging
import zlib

from django.core.files.storage import default_storage

from prompts.engines.base import Engine, Progress, PromptRequest, TrainingRequest
from prompts.engines.errors import EngineError
from prompts.imaging import make_thumbnail
from prompts.models import Preset, Tune
from prompts.storage import content_name, save_bytes

logger = logging.getLogger(__name__)

#: In px: what a preset's card shows on a sharp screen.
SAMPLE_WIDTH = 320


def make_samples(
    tune: Tune, engine: Engine, training: TrainingRequest, progress: Progress
) -> dict[str, str]:
    """Renders the built-in presets with a tune whose `training_data` is there.

    Answers preset slug → storage name. A preset the engine cannot show is left out: it must not
    keep a person from their training.
    """
    presets = list(Preset.objects.filter(team=None))
    samples = {}
    for number, preset in enumerate(presets):
        progress(number / len(presets), f"Trying on the presets {number + 1} of {len(presets)}")
        try:
            picture = engine.preview(_request(tune, preset, training), SAMPLE_WIDTH)
        except EngineError as error:
            logger.warning("No sample of %s for tune %s: %s", preset.slug, tune.pk, error)
            continue
        sample = make_thumbnail(picture, SAMPLE_WIDTH)
        name = content_name(f"{tune.prefix}/samples", sample, ".webp")
        samples[preset.slug] = save_bytes(default_storage, name, sample)
    return samples


def _request(tune: Tune, preset: Preset, training: TrainingRequest) -> PromptRequest:
    return PromptRequest(
        text=preset.text_for(tune),
        parameters={**preset.parameters, "num_images": 1},
        num_images=1,
        indexes=(0,),
        seed=preset.parameters.get("seed", zlib.crc32(preset.slug.encode())),
        token=tune.token,
        class_name=tune.name,
        photos=training.photos,
        cache=training.cache,
        training_data=tune.training_data,
    )
