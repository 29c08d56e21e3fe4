"""Prompt cards: what a page shows of a prompt while and after it runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from prompts.access import MemberRequest, may_change
from prompts.composing import summary
from prompts.engines.registry import get_engine
from prompts.models import Image, Prompt


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


def for_cards(prompts: QuerySet[Prompt]) -> QuerySet[Prompt]:
    """The related rows cards need, so that the number of queries does not grow with the list."""
    return prompts.select_related("tune__team", "author").prefetch_related("images")


def prompt_cards(request: MemberRequest, prompts: Iterable[Prompt]) -> list[PromptCard]:
    """Cards for prompts that came through `for_cards`."""
    prompts = list(prompts)
    queue: list[int] = []
    if any(prompt.is_queued for prompt in prompts):
        queue = list(Prompt.objects.runnable().values_list("pk", flat=True))
    return [_card(request, prompt, queue) for prompt in prompts]


def _card(request: MemberRequest, prompt: Prompt, queue: list[int]) -> PromptCard:
    by_index = {image.index: image for image in prompt.images.all()}
    width, height = get_engine(prompt.engine).output_size(prompt.parameters)
    return PromptCard(
        prompt=prompt,
        slots=[by_index.get(index) for index in range(prompt.num_images)],
        place=_place(prompt, queue),
        may_edit=may_change(request, prompt.tune),
        width=width,
        height=height,
        summary=summary(prompt),
    )


def _place(prompt: Prompt, queue: list[int]) -> str:
    if not prompt.is_queued:
        return ""
    ahead = queue.index(prompt.pk) if prompt.pk in queue else 0
    return f"{ahead} ahead of you" if ahead else "next in line"
