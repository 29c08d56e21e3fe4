"""Calls at one moment, as by several people at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db import connections

from prompts.flows.erasure import AlreadyErased
from prompts.flows.members import MemberConflict

Answer = TypeVar("Answer")


def side_by_side(
    calls: Iterable[Callable[[], Answer]], *, refusals: tuple[type[Exception], ...] = ()
) -> list[Answer | Exception]:
    """Calls each in a thread of its own, all at one moment; their answers in order.

    For a call that raised one of `refusals` the exception is its answer; any other is raised.
    """
    calls = list(calls)
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Answer]) -> Answer | Exception:
        try:
            gate.wait()
            return call()
        except refusals as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def ends_of(calls: Iterable[Callable[[], object]]) -> list[str]:
    """What calls of people who come, go and change others came to at one moment, sorted."""
    ends = side_by_side(calls, refusals=(AlreadyErased, MemberConflict, PermissionDenied))
    return sorted(type(end).__name__ if isinstance(end, Exception) else "done" for end in ends)
