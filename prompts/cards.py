"""Prompt cards: what a page shows of a prompt while and after it runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from prompts.access import MemberRequest
from prompts.access_tunes import may_change
from prompts.composing import summary
from prompts.engines.registry import get_engine
from prompts.models import Image, Lane, Prompt, Tune, TuneStatus, User, liked_by
from prompts.models.turns import numbers_ahead
from prompts.services import ServiceState, service_states


@dataclass(frozen=True)
class PromptCard:
    """A prompt with everything its card shows; `width`×`height` px is what is being made."""

    prompt: Prompt
    slots: list[Image | None]
    place: str
    may_edit: bool
    width: int
    height: int
    summary: list[tuple[str, str]]
    #: Of an open prompt that a service makes.
    service: ServiceState | None = None


def for_cards(prompts: QuerySet[Prompt], user: User) -> QuerySet[Prompt]:
    """The related rows cards need, so that the number of queries does not grow with the list.

    What `user` likes is marked.
    """
    return prompts.select_related("tune__team", "author").prefetch_related(
        Prefetch("images", Image.objects.present().annotate(is_liked=liked_by(user)))
    )


def prompt_cards(request: MemberRequest, prompts: Iterable[Prompt]) -> list[PromptCard]:
    """Cards for prompts that came through `for_cards`."""
    prompts = list(prompts)
    # Those that a service makes stand in its line, not in ours.
    ours = [prompt for prompt in prompts if prompt.is_queued and prompt.lane == Lane.RENDER]
    ahead = numbers_ahead(ours, Lane.RENDER)
    services = service_states(prompts)
    return [
        _card(request, prompt, ahead.get(prompt, 0), services.get(prompt.pk)) for prompt in prompts
    ]


def _card(
    request: MemberRequest, prompt: Prompt, ahead: int, service: ServiceState | None
) -> PromptCard:
    by_index = {image.index: image for image in prompt.images.all()}
    for image in by_index.values():
        image.tune = prompt.tune
    width, height = get_engine(prompt.engine).output_size(prompt.parameters)
    return PromptCard(
        prompt=prompt,
        slots=[by_index.get(index) for index in range(prompt.num_images)],
        place=_place(prompt, ahead),
        may_edit=may_change(request, prompt.tune),
        width=width,
        height=height,
        summary=summary(prompt),
        service=service,
    )


def _place(prompt: Prompt, ahead: int) -> str:
    if not prompt.is_queued or prompt.waits_for_training:
        return ""
    return _place_words(ahead)


def training_place(tune: Tune) -> str:
    """Why a tune waits for training; empty for one that does not, or that a service trains."""
    if tune.status != TuneStatus.QUEUED or tune.lane != Lane.RENDER:
        return ""
    return _place_words(numbers_ahead([tune], Lane.RENDER)[tune])


def _place_words(ahead: int) -> str:
    return f"{ahead} ahead of you" if ahead else "next as soon as the engine is free"
