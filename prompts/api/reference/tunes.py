"""Tunes: people the portal can make pictures of."""

from __future__ import annotations

from prompts.forms.api_tunes import BRANCHES, MAX_STEPS, MODEL_TYPES, TRAINING_PRESETS
from prompts.forms.tunes import CLASS_NAME_FORM
from prompts.models import CLASS_NAMES, MAX_PHOTOS, MIN_PHOTOS

from .answers import created, found, listed
from .fields import (
    CALLBACK_SCHEMA,
    CHARACTERISTICS,
    DATA_URLS,
    PHOTOS,
    nested_prompt_schema,
    paging,
)
from .tables import (
    BOOLEAN,
    INTEGER,
    TEXT,
    Answer,
    Field,
    Operation,
    Resource,
    Schema,
    list_of,
    one_of,
)

MAX_OFFSET = 200

_ID = {"id": 1}
_TITLE: Schema = {**TEXT, "maxLength": 120}
_NAME: Schema = {**TEXT, "maxLength": 40, "pattern": f"^{CLASS_NAME_FORM}$"}
_LATER = (
    Field("auto_extend", BOOLEAN, "Kept for clients of the Astria API; tunes here do not expire."),
    CHARACTERISTICS,
)
_NEW = (
    Field("title", _TITLE, "What the tune is called.", required=True),
    Field(
        "name",
        _NAME,
        f"The class: what is in the photos. One of {', '.join(CLASS_NAMES)}, or another word.",
        required=True,
    ),
    *PHOTOS,
    Field("callback", CALLBACK_SCHEMA, "Is sent the tune when training has ended."),
    Field(
        "branch",
        one_of(*BRANCHES),
        "Which kind of model. `fast` is a mock: free and instant, with placeholder pictures.",
    ),
    Field("token", {**TEXT, "maxLength": 40}, "The trigger word; `ohwx` if absent."),
    Field("model_type", one_of(*MODEL_TYPES), "How it is trained; `faceid` takes a single photo."),
    Field("preset", one_of(*TRAINING_PRESETS), "A set of training values."),
    Field("steps", {**INTEGER, "minimum": 1, "maximum": MAX_STEPS}, "Training steps."),
    Field("face_crop", BOOLEAN, "Train on the faces too."),
    Field("training_face_correct", BOOLEAN, "Improve the training photos first."),
    Field("base_tune_id", INTEGER, "The tune to start from."),
    *_LATER,
    Field(
        "prompts_attributes",
        list_of(nested_prompt_schema()),
        "Prompts to make as soon as the tune is trained, each with the fields of a prompt. In a "
        "form: `tune[prompts_attributes][][text]`, where a new prompt begins when a name comes "
        "again.",
    ),
)
_FILTERS = (
    Field("title", TEXT, "Only titles that contain this."),
    Field("name[]", list_of(TEXT), "Only these classes."),
    Field("branch", TEXT, "Only of this branch."),
    Field("model_type", TEXT, "Only of this type."),
    *paging(MAX_OFFSET),
)

TUNES = Resource(
    "Tunes",
    f"A tune is a person, trained from {MIN_PHOTOS} to {MAX_PHOTOS} photos. Training begins at "
    "once; `trained_at` tells that it has ended. The consent that was confirmed when the key was "
    "made is recorded with every tune. `orig_images` are for those who may change the person.",
    (
        Operation(
            "POST",
            "tunes",
            "Create a tune",
            created("Tune"),
            body="tune",
            fields=_NEW,
            top=(DATA_URLS,),
            example=(
                ("tune[title]", "Ada Lovelace"),
                ("tune[name]", "woman"),
                ("tune[images][]", "@photo-1.jpg"),
                ("tune[images][]", "@photo-2.jpg"),
                ("tune[images][]", "@photo-3.jpg"),
                ("tune[images][]", "@photo-4.jpg"),
            ),
        ),
        Operation("GET", "tunes", "List tunes", listed("Tune"), query=_FILTERS),
        Operation("GET", "tune", "Retrieve a tune", found("Tune"), path_values=_ID),
        Operation(
            "PATCH",
            "tune",
            "Change a tune",
            found("Tune"),
            path_values=_ID,
            body="tune",
            fields=(
                Field("title", _TITLE, "What the tune is called."),
                Field("name", _NAME, "The class."),
                *_LATER,
            ),
            example=(("tune[title]", "Ada King"),),
        ),
        Operation(
            "DELETE",
            "tune",
            "Delete a tune",
            {200: Answer("It is gone, with photos, prompts and pictures.")},
            path_values=_ID,
        ),
        Operation(
            "GET",
            "gallery_tunes",
            "List base models",
            listed("Tune", "Models to start from; here the engines bring their own."),
            query=paging(MAX_OFFSET),
        ),
    ),
)
