"""From a draft to a trained tune: training is queued, ends, and may be tried again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from prompts.audit import record
from prompts.deliveries import tune_ended
from prompts.models import Photo, PromptStatus, Tune
from prompts.models.turns import line_up

from .photos import photo_meter
from .remote import let_go_of
from .tunes import publish_tune


def start_training(tune: Tune) -> str:
    """Queues a draft; answers what is missing in words, or nothing when it is queued."""
    with transaction.atomic():
        meter = photo_meter(tune)
        if not meter.ready:
            return (
                f"Training needs at least {meter.needed} usable photos; there "
                f"{'is' if meter.usable == 1 else 'are'} {meter.usable}."
            )
        if tune.queue():
            record(
                tune.team, "training_started", target=tune, photos=meter.usable, engine=tune.engine
            )
            publish_tune(tune)
    return ""


def finish_training(tune: Tune, *, learnt: Mapping[str, Any] | None = None, **fields: Any) -> bool:
    """Training has ended well; False when the tune is no longer this worker's.

    `learnt` maps the public ids of photos to what was found out about them.
    """
    with transaction.atomic():
        if not tune.finish(trained_at=Now(), **fields):
            return False
        photos = list(tune.photos.filter(public_id__in=learnt or {}))
        for photo in photos:
            photo.analysis |= (learnt or {})[photo.public_id]
        Photo.objects.bulk_update(photos, ["analysis"])
        _line_up_prompts(tune)
        publish_tune(tune)
        tune_ended(tune)
    return True


def fail_training(tune: Tune, reason: str) -> bool:
    """Training has ended badly; False when the tune is no longer this worker's."""
    with transaction.atomic():
        failed = tune.fail(reason)
        if failed:
            _line_up_prompts(tune)
            publish_tune(tune)
            tune_ended(tune)
        return failed


def _line_up_prompts(tune: Tune) -> None:
    """Those that have waited for the training get their turns as if asked for now."""
    line_up(list(tune.prompts.filter(status=PromptStatus.QUEUED).order_by("pk")))


def retry_training(tune: Tune) -> None:
    """Queues failed training again; harmless when it is no longer failed."""
    with transaction.atomic():
        if tune.retry():
            record(tune.team, "training_retried", target=tune)
            publish_tune(tune)


def reopen_tune(tune: Tune) -> None:
    """Lets the photos of a tune whose training failed be changed."""
    with transaction.atomic():
        if tune.reopen():
            let_go_of(tune)
            record(tune.team, "training_reopened", target=tune)
            publish_tune(tune)
