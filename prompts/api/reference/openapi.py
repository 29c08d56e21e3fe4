"""The OpenAPI 3.1 document, made from the tables."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings

from ..bodies import FORM_TYPE, JSON_TYPE, MULTIPART_TYPE
from .answers import OF_EVERY_CALL, OF_EVERY_POST, OF_EVERY_WRITE
from .resources import RESOURCES
from .schemas import SCHEMAS
from .tables import Answer, Field, Operation

JSON = dict[str, Any]

_PLACE = re.compile(r"<(?:(\w+):)?(\w+)>")
_RATE_HEADERS = {
    "RateLimit-Policy": "How many calls there are, and in how many seconds.",
    "RateLimit": "How many calls are left, and when they come back.",
}


def document(base_url: str) -> JSON:
    """The whole document for a portal at `base_url`."""
    paths: dict[str, JSON] = {}
    for resource in RESOURCES:
        for operation in resource.operations:
            path = paths.setdefault(openapi_path(operation), {})
            path[operation.method.lower()] = _operation(operation, resource.title)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Astria Web",
            "version": settings.VERSION,
            "description": (
                "The Astria API, served by this portal. Every address also answers with `.json` "
                "behind its path. Unknown fields are ignored; what is empty counts as not given."
            ),
        },
        "servers": [{"url": base_url}],
        "tags": [{"name": r.title, "description": r.intro} for r in RESOURCES],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": {name: dict(schema) for name, schema in SCHEMAS.items()},
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key, made on the page “API keys”: sd_…",
                }
            },
        },
    }


def openapi_path(operation: Operation) -> str:
    """ "/tunes/{id}" for "/tunes/<int:id>"."""
    return _PLACE.sub(r"{\2}", operation.route())


def answers_of(operation: Operation) -> dict[int, Answer]:
    """Every status this operation may answer with."""
    if not operation.needs_key:
        return dict(operation.answers)
    answers = dict(OF_EVERY_CALL)
    if operation.method != "GET":
        answers |= OF_EVERY_WRITE
    if operation.method == "POST":
        answers |= OF_EVERY_POST
    return dict(sorted((answers | dict(operation.answers)).items()))


def _operation(operation: Operation, tag: str) -> JSON:
    described: JSON = {
        "operationId": operation.id,
        "tags": [tag],
        "summary": operation.summary,
        "description": operation.notes,
        "parameters": [*_path_parameters(operation), *map(_query_parameter, operation.query)],
        "responses": {str(s): _response(s, a) for s, a in answers_of(operation).items()},
    }
    if not operation.needs_key:
        described["security"] = []
    else:
        described["parameters"].append(_workspace_header())
    if operation.method == "POST":
        described["parameters"].append(_idempotency_header())
    if operation.fields or operation.top:
        described["requestBody"] = _body(operation)
    return described


def _path_parameters(operation: Operation) -> list[JSON]:
    kinds = {"int": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}}
    plain = {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}
    return [
        {"name": name, "in": "path", "required": True, "schema": kinds.get(kind, plain)}
        for kind, name in _PLACE.findall(operation.route())
    ]


def _query_parameter(field: Field) -> JSON:
    return {
        "name": field.name,
        "in": "query",
        "description": field.help,
        "required": field.required,
        "schema": dict(field.schema),
        "explode": True,
    }


def _workspace_header() -> JSON:
    return {
        "name": "X-Workspace-Id",
        "in": "header",
        "description": "The workspace the call is for, or `all`. Absent: the key's own.",
        "schema": {"type": "string", "pattern": "^([1-9][0-9]{0,17}|all)$"},
    }


def _idempotency_header() -> JSON:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A text of your own for this call: sent again within 24 hours, the call "
        "does nothing and gets the same answer.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,255}$"},
    }


def _response(status: int, answer: Answer) -> JSON:
    response: JSON = {"description": answer.help}
    if answer.schema is not None:
        response["content"] = {JSON_TYPE: {"schema": dict(answer.schema)}}
    headers = {
        name: {"description": help, "schema": {"type": "string"}}
        for name, help in _RATE_HEADERS.items()
    }
    if status in (429, 503):
        headers["Retry-After"] = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
    response["headers"] = headers
    return response


def _body(operation: Operation) -> JSON:
    has_file = any(field.is_file for field in (*operation.fields, *operation.top))
    content: JSON = {JSON_TYPE: {"schema": _json_schema(operation)}}
    content[MULTIPART_TYPE if has_file else FORM_TYPE] = {"schema": _form_schema(operation)}
    required = any(field.required for field in (*operation.fields, *operation.top))
    return {"required": required, "content": content}


def _json_schema(operation: Operation) -> JSON:
    inner = _object(operation.fields, operation.fields)
    if not operation.body:
        return _object((*operation.fields, *operation.top), ())
    schema = _object(operation.top, ())
    schema["properties"] = {operation.body: inner, **schema.get("properties", {})}
    if any(field.required for field in operation.fields):
        schema["required"] = [operation.body, *schema.get("required", [])]
    return schema


def _object(fields: tuple[Field, ...], _all: tuple[Field, ...]) -> JSON:
    given = [field for field in fields if not field.is_file]
    schema: JSON = {
        "type": "object",
        "properties": {f.name: {**f.schema, "description": f.help} for f in given},
    }
    required = [field.name for field in given if field.required]
    return schema | ({"required": required} if required else {})


def _form_schema(operation: Operation) -> JSON:
    properties = {
        form_name(operation, field): {**field.schema, "description": field.help}
        for field in operation.fields
        if _fits_a_form(field)
    }
    properties |= {field.name: dict(field.schema) for field in operation.top if _fits_a_form(field)}
    required = [
        form_name(operation, field)
        for field in operation.fields
        if field.required and _fits_a_form(field)
    ]
    schema: JSON = {"type": "object", "properties": properties}
    return schema | ({"required": required} if required else {})


def form_name(operation: Operation, field: Field) -> str:
    """How a form names a field: "tune[images][]"."""
    name = f"{operation.body}[{field.name}]" if operation.body else field.name
    return f"{name}[]" if field.schema.get("type") == "array" else name


def _fits_a_form(field: Field) -> bool:
    """Objects within forms are spelled out name by name, which a schema cannot say."""
    kind = field.schema.get("items", field.schema)
    return kind.get("type") != "object"
