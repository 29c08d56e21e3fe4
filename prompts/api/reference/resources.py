"""All resources, in the order of the reference."""

from __future__ import annotations

from collections.abc import Iterator

from .account import ACCOUNT
from .packs import PACKS
from .prompts import INSPECTION, PROMPTS
from .tables import Operation, Resource
from .tunes import TUNES

RESOURCES: tuple[Resource, ...] = (TUNES, PROMPTS, PACKS, INSPECTION, ACCOUNT)


def operations() -> Iterator[Operation]:
    """Every operation of every resource."""
    for resource in RESOURCES:
        yield from resource.operations
