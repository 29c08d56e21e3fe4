"""The gallery's filters as chips: each a menu of plain links, all of them kept in the address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from prompts.engines.registry import get_engine
from prompts.forms.gallery import ORDERS, OWN_TEXT, STYLE_CHOICES, GalleryForm
from prompts.models import Pack, Preset, Shoot, Tune, User

#: So many people stand in the menu; the others are found by their names in the text.
MOST_PEOPLE = 100
#: So many of the latest; a shoot's own page leads to the pictures of an older one.
MOST_SHOOTS = 30


@dataclass(frozen=True)
class Option:
    """A link that sets a filter."""

    label: str
    query: str
    is_set: bool
    note: str = ""


@dataclass(frozen=True)
class Menu:
    """A chip: its name, what is chosen, and what else there is; `clear` is the query without."""

    name: str
    label: str
    chosen: str
    clear: str
    options: list[Option] = field(default_factory=list)


@dataclass(frozen=True)
class Chip:
    """A filter that is set, in words, and the query without it."""

    label: str
    clear: str


def query_string(given: dict[str, Any], **changes: Any) -> str:
    """The "?…" that asks for `given` with `changes`; empty for no filter, None takes one out."""
    values = {name: _in_address(value) for name, value in (given | changes).items() if value}
    return f"?{urlencode(values)}" if values else ""


def kept_fields(given: dict[str, Any], *without: str) -> list[tuple[str, str]]:
    """Names and values that a form of some filters carries along for the others."""
    return [(name, _in_address(value)) for name, value in given.items() if name not in without]


def _in_address(value: Any) -> str:
    match value:
        case True:
            return "1"
        case Tune() | Pack() | Shoot():
            return value.public_id
        case Preset():
            return value.slug
        case User():
            return str(value.pk)
        case dt.date():
            return value.isoformat()
    return str(value)


def filter_menus(form: GalleryForm) -> list[Menu]:
    """The menus of the row; those without a choice are left out."""
    menus = [
        _menu(form, "person", "Person", _people(form)),
        _menu(form, "kind", "Kind", [*Preset.Kind.choices, OWN_TEXT]),
        _menu(form, "preset", "Preset", _presets(form)),
        _menu(form, "pack", "Pack", _packs(form)),
        _menu(form, "shoot", "Shoot", _shoots(form)),
        _menu(form, "style", "Style", STYLE_CHOICES),
        _menu(form, "engine", "Made", _engines(form)),
        _menu(form, "member", "By", _members(form)),
    ]
    return [menu for menu in menus if len(menu.options) > 1 or menu.chosen]


def switches(form: GalleryForm) -> list[Option]:
    """The filters that are on or off."""
    given = form.given
    return [
        Option(label, query_string(given, **{name: not given.get(name)}), bool(given.get(name)))
        for name, label in (("liked", "Liked"), ("final", "Final picks"))
    ]


def order_menu(form: GalleryForm) -> Menu:
    """Newest or oldest first."""
    return _menu(form, "order", "Order", ORDERS)


def _menu(form: GalleryForm, name: str, label: str, choices: Iterable[tuple[Any, ...]]) -> Menu:
    given = form.given
    current = given.get(name, "")
    options = [
        Option(words, query_string(given, **{name: value}), value == current, *note)
        for value, words, *note in choices
    ]
    chosen = next((o.label for o in options if o.is_set), str(current))
    return Menu(name, label, chosen, query_string(given, **{name: None}), options)


def _people(form: GalleryForm) -> list[tuple[Tune, str]]:
    tunes: Any = form.fields["person"]
    return [(tune, tune.title) for tune in tunes.queryset.order_by("-id")[:MOST_PEOPLE]]


def _presets(form: GalleryForm) -> list[tuple[Preset, str]]:
    presets: Any = form.fields["preset"]
    return [(preset, preset.title) for preset in presets.queryset]


def _packs(form: GalleryForm) -> list[tuple[Pack, str]]:
    packs: Any = form.fields["pack"]
    return [(pack, pack.title) for pack in packs.queryset]


def _shoots(form: GalleryForm) -> list[tuple[Shoot, str]]:
    shoots: Any = form.fields["shoot"]
    return [(shoot, shoot.title) for shoot in shoots.queryset.order_by("-id")[:MOST_SHOOTS]]


def _members(form: GalleryForm) -> list[tuple[User, str]]:
    members: Any = form.fields["member"]
    return [(user, str(user)) for user in members.queryset.order_by("name", "email")]


def _engines(form: GalleryForm) -> list[tuple[str, str, str]]:
    choices: Any = form.fields["engine"]
    engines = [(name, get_engine(name)) for name, _ in choices.choices]
    return [(name, engine.label, engine.data_path) for name, engine in engines]


def active_chips(form: GalleryForm) -> list[Chip]:
    """The filters that are set, in words."""
    given = form.given
    return [
        Chip(_words(name, value), query_string(given, **{name: None}))
        for name, value in given.items()
        if name != "order"
    ]


def _words(name: str, value: Any) -> str:
    match name:
        case "liked":
            return "Liked by me"
        case "final":
            return "Final picks"
        case "since" | "until":
            return f"{name} {value.day} {value:%B %Y}"
        case "q":
            return f"“{value}”"
        case "member":
            return f"by {value}"
        case "engine":
            return get_engine(value).label
        case "kind":
            return dict([*Preset.Kind.choices, OWN_TEXT])[value]
    return str(value)
