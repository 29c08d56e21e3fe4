"""The reference of the gateway as a page, and as an OpenAPI file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from prompts.access import current_membership, public
from prompts.composing import capability
from prompts.engines.base import AnyEngine, Capability
from prompts.engines.registry import get_engine

from .links import absolute, base_url
from .reference.examples import LANGUAGES, Sample, samples
from .reference.openapi import answers_of, document, form_name, openapi_path
from .reference.resources import RESOURCES
from .reference.tables import Answer, Field, Operation, Schema


@dataclass(frozen=True)
class FieldRow:
    """A field as the page shows it; `capability` only for parameters of a prompt."""

    name: str
    form_name: str
    values: str
    help: str
    required: bool
    capability: Capability | None


@dataclass(frozen=True)
class OperationCard:
    """An operation as the page shows it."""

    operation: Operation
    path: str
    query: list[FieldRow]
    fields: list[FieldRow]
    answers: dict[int, Answer]
    samples: list[Sample]


@public
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Every resource, every field and what the engine makes of it, with examples to copy."""
    membership = current_membership(request)
    engine = get_engine(membership.team.engine if membership else settings.DEFAULT_ENGINE)
    origin = absolute(request, "")
    context = {
        "sections": [(r, [_card(o, engine, origin) for o in r.operations]) for r in RESOURCES],
        "engine": engine,
        "base_url": base_url(request),
        "languages": LANGUAGES,
    }
    return render(request, "api/docs.html", context)


@public
@require_safe
def openapi(request: HttpRequest) -> JsonResponse:
    """The same as OpenAPI 3.1, for generators of clients and for tests."""
    return JsonResponse(document(base_url(request)), json_dumps_params={"indent": 1})


def _card(operation: Operation, engine: AnyEngine, origin: str) -> OperationCard:
    return OperationCard(
        operation=operation,
        path=f"/api{openapi_path(operation)}",
        query=_rows(operation.query, None, engine),
        fields=_rows((*operation.fields, *operation.top), operation, engine),
        answers=answers_of(operation),
        samples=samples(operation, origin),
    )


def _rows(
    fields: Iterable[Field], operation: Operation | None, engine: AnyEngine
) -> list[FieldRow]:
    return [
        FieldRow(
            name=field.name,
            form_name=form_name(operation, field)
            if operation and field in operation.fields
            else field.name,
            values=values_of(field.schema),
            help=field.help,
            required=field.required,
            capability=capability(engine, field.parameter) if field.parameter else None,
        )
        for field in fields
    ]


def values_of(schema: Schema) -> str:
    """What a schema takes, in words: "integer, 1 to 8"."""
    if schema.get("type") == "array":
        return f"list of {values_of(schema['items'])}"
    if "enum" in schema:
        return " · ".join(str(value) for value in schema["enum"])
    words = {"uri": "address", "binary": "file", "date-time": "time"}.get(
        schema.get("format", ""), str(schema.get("type", "object"))
    )
    if "maximum" in schema:
        words += f", {schema['minimum']:g} to {schema['maximum']:.10g}"
    elif "minimum" in schema:
        words += f", {schema['minimum']:g} or more"
    if "multipleOf" in schema:
        words += f", a multiple of {schema['multipleOf']}"
    if "maxLength" in schema:
        words += f", up to {schema['maxLength']} characters"
    return words
