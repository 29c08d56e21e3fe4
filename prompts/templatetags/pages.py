"""Template tags of single pages: what they ask of their forms, people and cards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.forms import BoundField
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.safestring import SafeString

from prompts import accounts
from prompts.models import Membership, Tune

register = template.Library()


@register.simple_tag
def widget(field: BoundField, **attributes: Any) -> SafeString:
    """The field's control with further attributes: `{% widget field rows=3 data_x="y" %}`.

    Underscores become hyphens. Django itself points aria-describedby at help and error.
    """
    return field.as_widget(
        attrs={name.replace("_", "-"): value for name, value in attributes.items()}
    )


@register.filter
def title_for(tune: Tune, membership: Membership) -> str:
    """The tune's title, or that it is somebody's: a link's author may have become a member."""
    return tune.title if tune.is_visible_to(membership) else "one person"


@register.filter
def filled_in(infos: Iterable[Any]) -> list[tuple[str, str]]:
    """Label and value of those form fields that hold something: what a folded topic says."""
    rows = []
    for info in infos:
        value = info.field.value()
        if value in (None, "", False):
            continue
        rows.append((info.parameter.label, "on" if value is True else str(value)))
    return rows


@register.filter
def first_trained(tunes: Iterable[Tune]) -> Tune | None:
    """The first of the tunes that pictures can be made of."""
    return next((tune for tune in tunes if tune.is_trained), None)


@register.filter
def kind_of_chosen(presets_by_kind: Sequence[tuple[str, str, Sequence[Any]]]) -> str:
    """The kind whose presets are shown first: that of the chosen one, else the first."""
    for kind, _, cards in presets_by_kind:
        if any(card.is_chosen for card in cards):
            return kind
    return presets_by_kind[0][0] if presets_by_kind else ""


@register.filter
def picture_words(card: Any, number: int) -> str:
    """What a picture of a prompt's card shows, in words: "Ada, picture 2 of 4"."""
    return f"{card.prompt.tune.title}, picture {number} of {card.prompt.num_images}"


@register.filter
def made(card: Any) -> int:
    """How many pictures of a prompt's card exist."""
    return sum(image is not None for image in card.slots)


@register.filter
def any_made(cards: Iterable[Any]) -> bool:
    """Whether any of the cards has a picture."""
    return any(made(card) for card in cards)


@register.filter
def frames_left(maximum: int, photos: Sequence[Any] | str | None) -> range:
    """One item for each frame of a contact sheet that is still empty."""
    return range(max(0, maximum - len(photos or ())))


@register.inclusion_tag("_back.html")
def back(words: str, url: str, *args: str) -> dict[str, str]:
    """A link to the page above this one, by its address or by the name of its route."""
    return {"words": words, "url": resolve_url(url, *args)}


@register.filter
def passkeys_work(request: HttpRequest) -> bool:
    """Whether passkeys can be offered under the address by which the page was asked for."""
    return accounts.passkeys_work(request)
