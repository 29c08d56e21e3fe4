"""The reference of the prompt parameters, made from the one table."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from prompts.access import MemberRequest, member_required
from prompts.composing import capability
from prompts.engines.base import Capability
from prompts.engines.registry import get_engine
from prompts.parameters import TOPIC_LABELS, Kind, Parameter, Topic, form_parameters


@dataclass(frozen=True)
class Row:
    """A parameter, its values in words, and what the engine makes of it."""

    parameter: Parameter
    values: str
    capability: Capability


@member_required
@require_GET
def parameters(request: MemberRequest) -> HttpResponse:
    """Every parameter: its values, its conditions, and what the team's engine makes of it."""
    engine = get_engine(request.membership.team.engine)
    labels = {Topic.MAIN: "Text and pictures", **TOPIC_LABELS}
    topics = [
        (
            label,
            [Row(p, values_of(p), capability(engine, p.name)) for p in form_parameters(topic)],
        )
        for topic, label in labels.items()
    ]
    context = {"topics": topics, "engine_label": engine.label}
    return render(request, "reference/parameters.html", context)


def values_of(parameter: Parameter) -> str:
    """What a parameter may hold, in words: "0 to 50, whole"."""
    match parameter.kind:
        case Kind.CHOICE:
            return ", ".join(parameter.choices)
        case Kind.BOOLEAN:
            return "on or off"
        case Kind.INTEGER | Kind.NUMBER:
            whole = ", whole" if parameter.kind == Kind.INTEGER else ""
            unit = f", a multiple of {parameter.multiple_of}" if parameter.multiple_of else whole
            return f"{parameter.minimum:g} to {parameter.maximum:.10g}{unit}"
        case Kind.IMAGE:
            return "a picture"
        case Kind.URL:
            return "an address"
    return f"up to {parameter.max_length} characters"
