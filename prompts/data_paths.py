"""Where something was made, and so where the photos have been."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from prompts.engines.registry import UnknownEngine, get_engine, hands_over
from prompts.models import Handover, Image, Tune

#: In a picture's recipe and a tune's training data: when it was sent, ISO 8601.
SENT_AT = "sent_at"
#: From so many days before it on, the page warns that a tune expires.
WARNING_DAYS = 7


def path_in_words(engine: str, sent_at: dt.datetime | None = None) -> str:
    """ "on this server", or "sent to Astria on 21 November 2026"."""
    try:
        words = get_engine(engine).data_path
    except UnknownEngine:
        return f"by the engine “{engine}”"
    if sent_at is None:
        return words
    local = timezone.localtime(sent_at)
    return f"{words} on {local.day} {local:%B %Y}"


def services() -> list[str]:
    """The labels of the installed engines that photos are sent to, where a team chooses them."""
    return [get_engine(name).label for name in settings.ENGINES if hands_over(name)]


def path_of_image(image: Image) -> str:
    """Where a picture was made; from its recipe, which outlives everything else."""
    return path_in_words(image.engine, _moment(image.recipe.get(SENT_AT)))


def path_of_tune(tune: Tune) -> str:
    """Where a tune's photos have been: nowhere, as long as they have not been sent."""
    if not hands_over(tune.engine):
        return path_in_words(tune.engine)
    sent_at = _moment(tune.training_data.get(SENT_AT)) or (
        Handover.objects.filter(tune=tune).values_list("sent_at", flat=True).first()
    )
    words = path_in_words(tune.engine, sent_at)
    return words if sent_at else f"not {words} yet"


@dataclass(frozen=True)
class Expiry:
    """How long a service still keeps a tune, in words; `soon`: time to act."""

    words: str
    soon: bool


def expiry_of(tune: Tune) -> Expiry | None:
    """None for a tune that does not expire, or has."""
    if tune.expires_at is None or not tune.is_trained:
        return None
    days = max((tune.expires_at - timezone.now()).days, 0)
    words = {0: "less than a day from now", 1: "a day from now"}.get(days, f"in {days} days")
    return Expiry(words, days < WARNING_DAYS)


def _moment(text: object) -> dt.datetime | None:
    return parse_datetime(text) if isinstance(text, str) else None
