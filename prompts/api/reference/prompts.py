"""Prompts: requests for pictures."""

from __future__ import annotations

from collections.abc import Mapping

from .answers import created, found, listed
from .fields import EXPAND, paging, prompt_fields
from .tables import BOOLEAN, INTEGER, TEXT, Answer, Field, Operation, Resource, one_of

MAX_OFFSET = 10_000

_ID = {"id": 1}
_NESTED = {"tune_id": 1, "id": 1}
_TUNE = {"tune_id": 1}
_PACKS = (
    Field("pack_id", INTEGER, "Makes it a template of this pack of your workspace."),
    Field("base_pack_id", INTEGER, "The pack it was made from; running a pack sets it."),
)
_FIELDS = (*prompt_fields(), *_PACKS)
_CHANGES = (*prompt_fields(required=False), *_PACKS)
_LIKED = {200: Answer("It is no longer liked.")}
_EXAMPLE = (
    ("prompt[text]", "professional headshot of ohwx woman, studio lighting"),
    ("prompt[negative_prompt]", "blurry, distorted, low quality"),
    ("prompt[num_images]", "2"),
)
_TUNE_ID = Field("tune_id", INTEGER, "The tune to make pictures of.", required=True)
_FILTERS = (
    Field("text", TEXT, "Only texts that contain this."),
    Field("tune_id", INTEGER, "Only of this tune."),
    Field("pack_id", INTEGER, "Only templates of this pack."),
    Field("base_pack_id", INTEGER, "Only what was made from this pack."),
    Field("user_id", INTEGER, "Only by this user."),
    Field("orig_prompt_id", INTEGER, "Only what was duplicated from this prompt."),
    Field("order_id", INTEGER, "Only of this run of a pack."),
    Field("liked", BOOLEAN, "Only what you like."),
    Field("today", BOOLEAN, "Only today's."),
    Field("is_api", BOOLEAN, "Only what came through the API."),
    Field("is_video", BOOLEAN, "Videos; there are none."),
    EXPAND,
    *paging(MAX_OFFSET),
)
_OF_TUNE = tuple(field for field in _FILTERS if field.name != "tune_id")


def _one(name: str, path_values: Mapping[str, int], where: str = "") -> tuple[Operation, ...]:
    """What can be done with one prompt, at either of its addresses."""
    return (
        Operation(
            "GET",
            name,
            f"Retrieve a prompt{where}",
            found("Prompt"),
            path_values=path_values,
            query=(EXPAND,),
        ),
        Operation(
            "PATCH",
            name,
            f"Change a prompt{where}",
            found("Prompt"),
            notes="As long as it waits; its packs at any time.",
            path_values=path_values,
            body="prompt",
            fields=_CHANGES,
            example=(("prompt[text]", "portrait of ohwx woman, oil painting"),),
        ),
        Operation(
            "DELETE",
            name,
            f"Delete a prompt{where}",
            {200: Answer("It is gone, with its pictures.")},
            path_values=path_values,
        ),
    )


PROMPTS = Resource(
    "Prompts",
    "A prompt asks for 1 to 8 pictures. It is done when `images` is not empty, which it is not "
    "before all are made; it has failed, or was cancelled without any, when `user_error` is set. "
    "`status` says so too. A prompt of a tune in training waits for it. The addresses of pictures "
    "need no key and expire.",
    (
        Operation(
            "POST",
            "tune_prompts",
            "Create a prompt",
            created("Prompt"),
            notes="Put the trigger word and the class into the text: `ohwx woman`.",
            path_values=_TUNE,
            query=(EXPAND,),
            body="prompt",
            fields=_FIELDS,
            example=_EXAMPLE,
        ),
        Operation(
            "GET",
            "tune_prompts",
            "List the prompts of a tune",
            listed("Prompt"),
            path_values=_TUNE,
            query=_OF_TUNE,
        ),
        Operation(
            "POST",
            "prompts",
            "Create a prompt for a tune named in the body",
            created("Prompt"),
            query=(EXPAND,),
            body="prompt",
            fields=(_TUNE_ID, *_FIELDS),
            example=(("prompt[tune_id]", "1"), *_EXAMPLE),
        ),
        Operation("GET", "prompts", "List prompts", listed("Prompt"), query=_FILTERS),
        *_one("prompt", _ID),
        *_one("tune_prompt", _NESTED, " below its tune"),
        Operation(
            "POST",
            "duplicate",
            "Duplicate a prompt",
            created("Prompt"),
            notes="Every field may be given another value; the rest, input image included, is "
            "that of the prompt.",
            path_values=_ID,
            body="prompt",
            fields=_CHANGES,
            example=(("prompt[seed]", "42"),),
        ),
        Operation(
            "POST",
            "likes",
            "Like a prompt",
            {201: Answer("It is liked.")},
            path_values=_ID,
        ),
        Operation("DELETE", "likes", "Take a like back", _LIKED, path_values=_ID),
        Operation(
            "POST",
            "like",
            "Like a prompt, by the address's other spelling",
            {201: Answer("It is liked.")},
            path_values=_ID,
        ),
        Operation("DELETE", "like", "Take a like back likewise", _LIKED, path_values=_ID),
    ),
)

INSPECTION = Resource(
    "Photos",
    "What can be told of a photo before it is used.",
    (
        Operation(
            "POST",
            "inspect",
            "Inspect a photo",
            {200: Answer("What was found; what is not known is absent.", {"type": "object"})},
            fields=(
                Field("name", one_of("man", "woman"), "The class the photo should show."),
                Field("file", {"type": "string", "format": "binary"}, "The photo."),
                Field("file_url", {"type": "string", "format": "uri"}, "Instead: its address."),
            ),
            example=(("name", "woman"), ("file", "@photo-1.jpg")),
        ),
    ),
)
