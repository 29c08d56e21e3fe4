"""Calls that begin at one moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from django.core.exceptions import PermissionDenied
from django.db import connections

from prompts.flows.erasure import AlreadyErased
from prompts.flows.members import MemberConflict


def side_by_side(calls: Iterable[Callable[[], object]]) -> list[str]:
    """Runs the calls in threads that begin at one moment; what each came to."""
    calls = list(calls)
    gate, ends = threading.Barrier(len(calls)), []

    def run(call: Callable[[], object]) -> None:
        try:
            gate.wait()
            call()
            ends.append("done")
        except (AlreadyErased, MemberConflict, PermissionDenied) as error:
            ends.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)
