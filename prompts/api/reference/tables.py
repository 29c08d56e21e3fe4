"""What the tables are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

Schema = Mapping[str, Any]

TEXT: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
BOOLEAN: Schema = {"type": "boolean"}
OBJECT: Schema = {"type": "object"}
URL: Schema = {"type": "string", "format": "uri"}
TIME: Schema = {"type": "string", "format": "date-time"}
FILE: Schema = {"type": "string", "format": "binary"}


def one_of(*values: str) -> Schema:
    """A text that must be one of these."""
    return {"type": "string", "enum": list(values)}


def list_of(schema: Schema) -> Schema:
    """A list of such values."""
    return {"type": "array", "items": dict(schema)}


def ref(name: str) -> Schema:
    """The schema of that name."""
    return {"$ref": f"#/components/schemas/{name}"}


def or_null(schema: Schema) -> Schema:
    """Such a value, or none."""
    if "$ref" in schema:
        return {"anyOf": [dict(schema), {"type": "null"}]}
    nullable = {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        nullable["enum"] = [*schema["enum"], None]
    return nullable


@dataclass(frozen=True)
class Field:
    """A value that a call takes.

    `parameter` marks those of the prompt table, of which the reference also tells what the
    engine makes; `is_file` those that only a form can carry.
    """

    name: str
    schema: Schema
    help: str = ""
    required: bool = False
    parameter: str = ""

    @property
    def is_file(self) -> bool:
        return FILE in (self.schema, self.schema.get("items"))


@dataclass(frozen=True)
class Answer:
    """What a status means; `schema` is the body's, None for an empty one."""

    help: str
    schema: Schema | None = None


#: Names and values of a form as they are sent; a value "@photo.jpg" is a file.
Example = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Operation:
    """One method of one address.

    `name` is the name of the route, `body` the object under which the fields are sent, `top` are
    fields beside it.
    """

    method: str
    name: str
    summary: str
    answers: Mapping[int, Answer]
    notes: str = ""
    query: tuple[Field, ...] = ()
    body: str = ""
    fields: tuple[Field, ...] = ()
    top: tuple[Field, ...] = ()
    example: Example = ()
    path_values: Mapping[str, Any] | None = None
    needs_key: bool = True

    @property
    def id(self) -> str:
        """Names the operation in addresses and in generated clients."""
        return f"{self.method.lower()}-{self.name.replace('_', '-')}"

    def route(self) -> str:
        """The address below /api as Django writes it: "/tunes/<int:id>"."""
        return f"/{route_of(self.name)}"


@dataclass(frozen=True)
class Resource:
    """Operations that belong together."""

    title: str
    intro: str
    operations: tuple[Operation, ...]

    @property
    def id(self) -> str:
        return self.title.lower().replace(" ", "-")


def route_of(name: str) -> str:
    """The pattern of the route with that name."""
    from prompts.api.urls import urlpatterns

    return next(str(p.pattern) for p in urlpatterns if p.name == name)


def example_path(operation: Operation) -> str:
    """The address of an example call: /api/tunes/1."""
    values = dict(operation.path_values or {})
    return reverse(f"api:{operation.name}", kwargs=values)
