"""The objects the gateway answers with."""

from __future__ import annotations

from collections.abc import Mapping

from prompts.models import PromptStatus, Role, TuneStatus
from prompts.parameters import PARAMETERS, Kind, Parameter

from .fields import schema_of
from .tables import (
    BOOLEAN,
    INTEGER,
    OBJECT,
    TEXT,
    TIME,
    URL,
    Schema,
    list_of,
    one_of,
    or_null,
)


def object_of(properties: Mapping[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    """An object that has these properties, but perhaps the optional ones."""
    return {
        "type": "object",
        "properties": {name: dict(schema) for name, schema in properties.items()},
        "required": [name for name in properties if name not in optional],
    }


def answered(parameter: Parameter) -> Schema:
    """A parameter as it comes back: its value, or null."""
    if parameter.kind == Kind.IMAGE:
        return or_null(TEXT)
    if parameter.kind == Kind.CHOICE:
        return or_null(one_of(*parameter.choices))
    return or_null({"type": schema_of(parameter)["type"]})


PICTURE: Schema = object_of(
    {"id": INTEGER, "url": URL, "w": INTEGER, "h": INTEGER, "content_type": TEXT, "liked": BOOLEAN}
)
#: Parameters that come back under their own names.
_ANSWERED = {
    p.name: answered(p)
    for p in PARAMETERS
    if p.name not in {"input_image_url", "mask_image_url", "lora_scale", "prompt_expansion"}
}
TUNE: Schema = object_of(
    {
        "id": INTEGER,
        "title": TEXT,
        "name": TEXT,
        "token": TEXT,
        "base_tune_id": or_null(INTEGER),
        "args": or_null(TEXT),
        "steps": or_null(INTEGER),
        "face_crop": or_null(BOOLEAN),
        "training_face_correct": or_null(BOOLEAN),
        "ckpt_url": or_null(TEXT),
        "ckpt_urls": list_of(TEXT),
        "eta": or_null(TIME),
        "started_training_at": or_null(TIME),
        "trained_at": or_null(TIME),
        "expires_at": or_null(TIME),
        "created_at": TIME,
        "updated_at": TIME,
        "branch": or_null(TEXT),
        "model_type": or_null(TEXT),
        "callback": or_null(TEXT),
        "characteristics": or_null(OBJECT),
        "url": URL,
        "orig_images": list_of(URL),
        "status": one_of(*TuneStatus.values),
        "user_error": or_null(TEXT),
        "auto_extend": BOOLEAN,
        "preset": or_null(TEXT),
        "workspace_id": INTEGER,
    }
)
PROMPT: Schema = object_of(
    {
        "id": INTEGER,
        "tune_id": INTEGER,
        **_ANSWERED,
        "pack_id": or_null(INTEGER),
        "base_pack_id": or_null(INTEGER),
        "orig_prompt_id": or_null(INTEGER),
        "order_id": or_null(INTEGER),
        "liked": BOOLEAN,
        "prompt_likes_count": INTEGER,
        "cost_mc": or_null(INTEGER),
        "started_training_at": or_null(TIME),
        "trained_at": or_null(TIME),
        "created_at": TIME,
        "updated_at": TIME,
        "url": URL,
        "status": one_of(*PromptStatus.values),
        "user_error": or_null(TEXT),
        "ignored": {"type": "object", "additionalProperties": dict(TEXT)},
        "workspace_id": INTEGER,
        "images": {"type": "array", "items": {"anyOf": [dict(URL), dict(PICTURE)]}},
    }
)

_TEMPLATE: Schema = object_of(
    {"id": INTEGER, "title": TEXT, "text": TEXT, "num_images": INTEGER, "images": list_of(URL)}
)
PACK: Schema = object_of(
    {
        "id": INTEGER,
        "slug": TEXT,
        "title": TEXT,
        "subtitle": TEXT,
        "main_class_name": or_null(TEXT),
        "base_tune_id": or_null(INTEGER),
        "model_type": or_null(TEXT),
        "token": TEXT,
        "cover_url": or_null(URL),
        "public_at": or_null(TIME),
        "unlisted_at": or_null(TIME),
        "created_at": TIME,
        "updated_at": TIME,
        "costs": OBJECT,
        "prompts_per_class": OBJECT,
        "template_prompts": list_of(_TEMPLATE),
        "url": URL,
    }
)
ORDER: Schema = object_of(
    {
        "order": object_of({"id": INTEGER, "tune_ids": list_of(INTEGER)}),
        "prompt_ids": list_of(INTEGER),
    }
)

#: Those that a call answers with; each is used.
SCHEMAS: dict[str, Schema] = {
    "Tune": TUNE,
    "Prompt": PROMPT,
    "Pack": PACK,
    "Order": ORDER,
    "Error": object_of({"error": TEXT}),
    "Invalid": {"type": "object", "additionalProperties": list_of(TEXT), "minProperties": 1},
    "Account": object_of(
        {
            "id": INTEGER,
            "name": TEXT,
            "email": TEXT,
            "usd_balance_mc": or_null(INTEGER),
            "workspace_id": INTEGER,
            "role": one_of(*Role.values),
            "may_write": BOOLEAN,
            "created_at": TIME,
        }
    ),
    "Workspace": object_of(
        {
            "id": INTEGER,
            "title": TEXT,
            "role": one_of(*Role.values),
            "engine": TEXT,
            "api_idempotency": BOOLEAN,
            "created_at": TIME,
        }
    ),
    "Models": object_of(
        {"cache_ttl": INTEGER, "default": TEXT, "models": OBJECT, "video_models": OBJECT}
    ),
}
