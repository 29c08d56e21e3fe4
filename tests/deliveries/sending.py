"""What a worker does about callbacks."""

from __future__ import annotations

from typing import Any

from prompts.jobs.control import Control
from prompts.jobs.deliveries import run_delivery
from prompts.models import ApiKey, Delivery, Prompt, Tune
from tests import factories


def running(tune: Tune, url: str, key: ApiKey | None = None, **fields: Any) -> Prompt:
    """A prompt that a worker holds."""
    prompt = factories.create_prompt(
        tune=tune, parameters={"callback": url}, api_key=key, is_api=key is not None, **fields
    )
    return Prompt.objects.select_related("team", "tune__team").get(pk=prompt.pk).take_lease("w")


def send_next() -> Delivery:
    """One try of the delivery that is due."""
    delivery = Delivery.objects.claim("w")
    assert delivery is not None
    run_delivery(delivery, Control())
    return Delivery.objects.get(pk=delivery.pk)


def due_now() -> None:
    Delivery.objects.update(run_after=None)
