"""Packs, running them, and themes."""

from __future__ import annotations

from .answers import created, found, listed
from .fields import CALLBACK_SCHEMA, CHARACTERISTICS, PHOTOS, nested_prompt_schema, paging
from .tables import BOOLEAN, INTEGER, TEXT, Field, Operation, Resource, list_of

MAX_OFFSET = 200

_SLUG = {"slug": "corporate-headshots"}
_IDS = list_of(INTEGER)
_OVERRIDES = Field(
    "prompt_attributes", nested_prompt_schema(), "Values for every prompt, instead of its own."
)
_CALLBACK = Field(
    "prompts_callback", CALLBACK_SCHEMA, "Is sent all prompts, once, when the last has ended."
)
_TUNE_IDS = Field("tune_ids", _IDS, "The tunes to run it on.")
_FILTERS = (
    Field("public", BOOLEAN, "Only what is public, or only what is not."),
    Field("listed", BOOLEAN, "Only what is listed, or only what is not."),
    *paging(MAX_OFFSET),
)

PACKS = Resource(
    "Packs",
    "A pack holds template prompts. Running it makes a prompt of each for every tune; together "
    "they are an order. `{{eye_color}}` in a template is filled from the tune's characteristics; "
    "a phrase nobody knows the answer for is left out.",
    (
        Operation("GET", "packs", "List packs", listed("Pack"), query=_FILTERS),
        Operation(
            "GET",
            "gallery_packs",
            "List the packs every workspace has",
            listed("Pack"),
            query=paging(MAX_OFFSET),
        ),
        Operation(
            "POST",
            "packs",
            "Create a pack",
            created("Pack"),
            notes="Later prompts join it by `PATCH /prompts/:id` with `prompt[pack_id]`.",
            body="pack",
            fields=(
                Field("title", {**TEXT, "maxLength": 80}, "What it is called.", required=True),
                Field("subtitle", {**TEXT, "maxLength": 200}, "One line about it."),
                Field(
                    "slug",
                    {**TEXT, "maxLength": 60, "pattern": "^[A-Za-z0-9_-]+$"},
                    "Its name in addresses; made from the title if absent.",
                ),
                Field("main_class_name", {**TEXT, "maxLength": 40}, "The class it is made for."),
                Field("public", BOOLEAN, "Marks it as public."),
                Field("prompt_ids", _IDS, "Prompts that become its templates."),
            ),
            example=(("pack[title]", "Spring campaign"),),
        ),
        Operation("GET", "pack", "Retrieve a pack", found("Pack"), path_values=_SLUG),
        Operation(
            "POST",
            "run_pack",
            "Run a pack",
            created("Order", "The order; with a new person, the tune and its order."),
            notes="With `tune_ids` on tunes that are there; else on a new person, who is trained "
            "first, with the fields of a tune.",
            path_values=_SLUG,
            body="tune",
            fields=(
                _TUNE_IDS,
                Field("prompt_ids", _IDS, "Only these templates."),
                _OVERRIDES,
                _CALLBACK,
                Field("title", {**TEXT, "maxLength": 120}, "A new person: what it is called."),
                Field("name", {**TEXT, "maxLength": 40}, "A new person: the class."),
                *PHOTOS,
                CHARACTERISTICS,
                Field("callback", CALLBACK_SCHEMA, "Is sent the tune when training has ended."),
            ),
            example=(("tune[tune_ids][]", "1"), ("tune[prompt_attributes][num_images]", "1")),
        ),
        Operation(
            "POST",
            "themes",
            "Make ten prompts from a short idea",
            created("Order"),
            notes="The idea in ten combinations of shot, light and place, for every tune.",
            body="theme",
            fields=(
                Field("theme", {**TEXT, "maxLength": 500}, "The idea.", required=True),
                Field("tune_ids", _IDS, "The tunes to try it on.", required=True),
                _OVERRIDES,
                _CALLBACK,
            ),
            example=(("theme[theme]", "a winter market"), ("theme[tune_ids][]", "1")),
        ),
    ),
)
