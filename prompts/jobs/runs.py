"""Carries out one claimed job: training a tune, or making the pictures of a prompt.

Jobs run at least once, so everything here may be repeated: a prompt asks only for the pictures it
still misses, and training finds its earlier work in the tune's cache.
"""

from __future__ import annotations

import datetime as dt
import errno
import logging
import secrets

from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, transaction

from prompts import live
from prompts.engines.base import PromptRequest, TrainingRequest
from prompts.engines.errors import EngineError
from prompts.engines.registry import get_rendering_engine, hands_over
from prompts.flows.prompts import fail_prompt, finish_prompt, publish_prompt, tell_those_behind
from prompts.flows.results import keep_picture, remove_strays
from prompts.flows.training import fail_training, finish_training
from prompts.flows.tunes import publish_tune
from prompts.models import Prompt, Tune
from prompts.models.jobs import Job
from prompts.storage import TuneCache, delete_tree
from prompts.subjects import words_in

from .control import Control, LeaseLost, Reporter, ShuttingDown
from .remote import run_remote
from .samples import make_samples
from .sources import read_if_given, sources

logger = logging.getLogger(__name__)

#: What the database raises when it is locked or gone, rather than asked something wrong.
DATABASE_AWAY = (OperationalError, InterfaceError)
#: Waits before the second and the third attempt.
RETRY_DELAYS = (dt.timedelta(seconds=2), dt.timedelta(seconds=15))
#: The part of the progress bar that belongs to the training proper.
TRAINING_SHARE = 0.6


def run_job(job: Prompt | Tune, control: Control | None = None) -> None:
    """Carries out a claimed job and settles it, whatever happens.

    Raises only `DATABASE_AWAY`; the job is then unsettled, and free when its lease has run out.
    """
    control = control or Control()
    try:
        control.checkpoint()
        _announce(job)
        if job.attempts > job.MAX_ATTEMPTS:
            raise EngineError(_worn_out(job), retryable=False)
        if hands_over(job.engine):
            run_remote(job, control)
        elif isinstance(job, Prompt):
            run_prompt(job, control)
        else:
            run_training(job, control)
    except DATABASE_AWAY:
        raise
    except ShuttingDown:
        job.release_lease()
    except Exception as error:  # engines fail in ways of their own
        if not type(job).objects.filter(pk=job.pk).exists():
            _clear_up_after_deletion(job)
        elif isinstance(error, LeaseLost):
            logger.info("%s %s is no longer ours", type(job).__name__, job.pk)
        elif isinstance(error, EngineError):
            _settle(job, error.message, retryable=error.retryable)
        else:
            _settle(job, explain(job, error), retryable=True)


def _announce(job: Prompt | Tune) -> None:
    """Tells that the job has begun, and those who wait behind it that the line has moved."""
    with transaction.atomic():
        _publish(job)
        if isinstance(job, Prompt):
            tell_those_behind(job)


def _publish(job: Prompt | Tune) -> None:
    if isinstance(job, Prompt):
        publish_prompt(job)
    else:
        publish_tune(job)


def _clear_up_after_deletion(job: Prompt | Tune) -> None:
    """What a job has written since somebody deleted its row must not outlive the row."""
    logger.info("%s %s was deleted while it ran", type(job).__name__, job.pk)
    if isinstance(job, Prompt) and Tune.objects.filter(pk=job.tune_id).exists():
        delete_tree(default_storage, job.prefix)
    else:
        tune = job.tune if isinstance(job, Prompt) else job
        delete_tree(default_storage, tune.prefix)


def run_prompt(prompt: Prompt, control: Control | None = None) -> None:
    """Makes the pictures a claimed prompt still misses, and keeps each as soon as it exists.

    Raises EngineError, Interrupted, or whatever a faulty engine raises.
    """
    control = control or Control()
    if not prompt.tune.is_trained:
        raise EngineError(_why_untrained(prompt.tune), retryable=False)
    remove_strays(prompt)
    missing = _missing(prompt)
    report = Reporter(prompt, control.check, lambda: _publish_progress(prompt))
    done = 1 - len(missing) / prompt.num_images
    request = _prompt_request(prompt, missing)
    pictures = get_rendering_engine(prompt.engine).generate(request, report.part(done, 1))
    for picture in pictures if missing else ():
        if keep_picture(prompt, picture) is None:
            raise LeaseLost
        control.checkpoint()
    if missing := _missing(prompt):
        raise EngineError(
            f"The engine left out {len(missing)} of {prompt.num_images} pictures.", retryable=True
        )
    finish_prompt(prompt)


def _why_untrained(tune: Tune) -> str:
    if tune.is_failed:
        return f"The training of {tune.title} failed: {tune.error}"
    return f"{tune.title} is not trained."


def _missing(prompt: Prompt) -> list[int]:
    present = set(prompt.images.values_list("index", flat=True))
    return [index for index in range(prompt.num_images) if index not in present]


def _prompt_request(prompt: Prompt, indexes: list[int]) -> PromptRequest:
    tune = prompt.tune
    token, class_name = words_in(prompt.text, tune)
    return PromptRequest(
        text=prompt.text,
        parameters=prompt.parameters,
        num_images=prompt.num_images,
        indexes=indexes,
        seed=prompt.base_seed,
        token=token,
        class_name=class_name,
        photos=sources(tune.photos.usable()),
        cache=_cache(tune),
        training_data=tune.training_data,
        input_image=read_if_given(prompt.input_image),
        mask_image=read_if_given(prompt.mask_image),
    )


def _publish_progress(prompt: Prompt) -> None:
    live.publish_about(prompt.tune, f"prompt-{prompt.public_id}")


def run_training(tune: Tune, control: Control | None = None) -> None:
    """Trains a claimed tune and makes its preset samples.

    The tune counts as trained only with its samples: they take a few seconds, during which the
    worker could not take up a first prompt anyway, and then the page is complete at once.
    Raises as `run_prompt` does.
    """
    control = control or Control()
    # Any moment is good for stopping: what has been learnt lies in the cache.
    report = Reporter(tune, control.checkpoint, lambda: _publish_training(tune))
    engine = get_rendering_engine(tune.engine)
    photos = list(tune.photos.usable())
    request = TrainingRequest(
        class_name=tune.name, token=tune.token, photos=sources(photos), cache=_cache(tune)
    )
    result = engine.train(request, report.part(0, TRAINING_SHARE))
    tune.training_data = result.data
    samples = make_samples(tune, engine, request, report.part(TRAINING_SHARE, 1))
    if not finish_training(
        tune,
        training_data=result.data,
        characteristics=result.characteristics,
        samples=samples,
        learnt=result.photos,
    ):
        raise LeaseLost


def _publish_training(tune: Tune) -> None:
    live.publish_about(tune, f"tune-{tune.public_id}")


def _cache(tune: Tune) -> TuneCache:
    return TuneCache(default_storage, f"{tune.prefix}/cache")


def _settle(job: Prompt | Tune, reason: str, *, retryable: bool) -> None:
    """Ends the attempt: another one later, or failed with words the waiting person can read."""
    if not retryable or job.attempts >= job.MAX_ATTEMPTS:
        if isinstance(job, Prompt):
            fail_prompt(job, reason)
        else:
            fail_training(job, reason)
        return
    delay = RETRY_DELAYS[min(job.attempts, len(RETRY_DELAYS)) - 1]
    with transaction.atomic():
        if job.retry_later(delay, reason):
            _publish(job)


def _worn_out(job: Job) -> str:
    """For a job that took its worker along every time, so that nobody could tell why."""
    reference = _new_reference()
    logger.error("Reference %s: %s %s kills its workers", reference, type(job).__name__, job.pk)
    return f"This was interrupted {job.MAX_ATTEMPTS} times and given up (reference {reference})."


def explain(job: Job, error: Exception) -> str:
    """Logs what nobody expected; answers the words for the page."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        logger.error("The disk is full: %s %s waits", type(job).__name__, job.pk)
        return "The server's disk is full."
    reference = _new_reference()
    logger.error(
        "Reference %s: %s %s failed", reference, type(job).__name__, job.pk, exc_info=error
    )
    return f"Something went wrong on our side (reference {reference})."


def _new_reference() -> str:
    return secrets.token_hex(4)
