"""Fields made from the table of prompt parameters, and those that several calls share."""

from __future__ import annotations

from typing import Any

from prompts.parameters import BY_NAME, PARAMETERS, Kind, Parameter

from .tables import BOOLEAN, FILE, INTEGER, OBJECT, TEXT, URL, Field, Schema, list_of, one_of

MAX_LIMIT = 120
#: The longest address of a callback.
URL_LENGTH = 2000
CALLBACK_SCHEMA: Schema = {**URL, "maxLength": URL_LENGTH}
#: Taken only in the prompts that come with a new tune.
ONLY_WITH_A_TUNE = frozenset({"lora_scale"})

PHOTOS = (
    Field("images", list_of(FILE), "4 to 20 photos of the person, as files."),
    Field(
        "image_urls",
        list_of(CALLBACK_SCHEMA),
        "Addresses of the photos, instead of files or beside them.",
    ),
)
#: In JSON, where there are no files.
DATA_URLS = Field(
    "images",
    list_of(TEXT),
    "In JSON: the photos as data URLs, `data:image/jpeg;base64,…`, here or in the object.",
)


def schema_of(parameter: Parameter) -> Schema:
    """The parameter's kind and range as a schema."""
    match parameter.kind:
        case Kind.TEXT:
            return {**TEXT, "maxLength": parameter.max_length}
        case Kind.BOOLEAN:
            return BOOLEAN
        case Kind.CHOICE:
            return one_of(*parameter.choices)
        case Kind.URL:
            return CALLBACK_SCHEMA
        case Kind.IMAGE:
            return FILE
    schema: dict[str, Any] = {
        "type": "integer" if parameter.kind == Kind.INTEGER else "number",
        "minimum": _plain(parameter.minimum),
        "maximum": _plain(parameter.maximum),
    }
    return schema | ({"multipleOf": parameter.multiple_of} if parameter.multiple_of else {})


def _plain(bound: float | None) -> int | float | None:
    return int(bound) if bound is not None and bound == int(bound) else bound


def field_of(parameter: Parameter, *, required: bool | None = None) -> Field:
    """The parameter as a field of a call."""
    return Field(
        parameter.name,
        schema_of(parameter),
        parameter.help,
        required=parameter.required if required is None else required,
        parameter=parameter.name,
    )


def prompt_fields(*, required: bool | None = None) -> tuple[Field, ...]:
    """Every parameter a prompt may be given, in the order of the table."""
    fields = [field_of(p, required=required) for p in PARAMETERS if p.name not in ONLY_WITH_A_TUNE]
    base64_help = "Instead of a file: the picture as base64 or as a data URL."
    place = [field.name for field in fields].index("input_image_url")
    fields.insert(place, Field("input_image_base64", TEXT, base64_help, parameter="input_image"))
    return tuple(fields)


def nested_prompt_schema() -> Schema:
    """A prompt inside a call that makes several: without files."""
    names = [p.name for p in PARAMETERS if p.kind != Kind.IMAGE]
    return {
        "type": "object",
        "properties": {name: dict(schema_of(BY_NAME[name])) for name in names},
        "required": ["text"],
    }


def paging(offset_limit: int) -> tuple[Field, ...]:
    """How every list is paged."""
    return (
        Field("limit", {**INTEGER, "minimum": 1, "maximum": MAX_LIMIT}, "How many; 20 if absent."),
        Field("before_id", {**INTEGER, "minimum": 1}, "Only what is older than this `id`."),
        Field(
            "offset",
            {**INTEGER, "minimum": 0, "maximum": offset_limit},
            "How many to leave out. `before_id` is faster and reaches further.",
        ),
    )


EXPAND = Field(
    "expand[]",
    list_of(one_of("images")),
    "`images`: the pictures as objects with `id`, `url`, `w`, `h`, `content_type`, `liked` "
    "instead of addresses.",
)
CHARACTERISTICS = Field(
    "characteristics",
    OBJECT,
    "What is known of the person, such as `eye_color`; an object, or JSON as text.",
)
