from __future__ import annotations

import pytest

from prompts.engines.base import MemoryCache, TrainingRequest
from prompts.engines.studio.engine import StudioEngine
from prompts.sample import sample_photos

from .people import Person, silent, sources


@pytest.fixture(scope="session")
def person() -> Person:
    """The sample person, trained from three photos."""
    photos, cache = sources(*(data for _, data in sample_photos()[:3])), MemoryCache()
    request = TrainingRequest(class_name="woman", token="ohwx", photos=photos, cache=cache)
    return Person(photos, cache, StudioEngine().train(request, silent))
