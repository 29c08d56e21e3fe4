"""When to repeat, search and give up after a failure: decided here, carried out by the reconciler.

Creating something at Astria is a walk through this table. Nothing is ever sent a second time
before a search for its callback has found nothing.

    doing    what happened                         then
    -------  ------------------------------------  ---------------------------------------------
    send     the object came back                  keep its id
    send     401, 402, 403, 404, 422, other 4xx    fail with Astria's own words
    send     429                                   send after Retry-After
    send     no connection                         send after a back-off from 30 s
    send     5xx, redirect                         search after a back-off from 30 s
    send     504, silence, unreadable answer       search after a back-off from 60 s
    search   found                                 keep its id
    search   not found                             send, identical to the byte
    search   anything that may pass                search again after the same waits
    search   a final refusal                       fail with Astria's own words
"""

from __future__ import annotations

import random

from ..errors import EngineError
from ..handoff import Action, Verdict
from .errors import AstriaError, OutcomeUnknown, ServerFault, TooManyRequests, Unreachable

#: Waits in seconds: after a fault, and after a request that may have been carried out (the
#: service ends requests after 30 s and usually has finished them within a minute).
FAULT_WAIT = 30.0
UNKNOWN_WAIT = 60.0
LONGEST_WAIT = 15 * 60.0
#: The drawn part of a wait, so that what failed together does not come back together.
JITTER = 0.25
#: Faults and unknown outcomes in a row, after which a request counts as failed: some five hours.
MAX_TRIES = 24


def judge(error: EngineError, tries: int, *, draw: float | None = None) -> Verdict:
    """What follows a failure, the `tries`-th in a row; `draw` in 0..1 takes chance's place."""
    if draw is None:
        draw = random.random()  # noqa: S311 - spreads load, guards nothing
    is_down = isinstance(error, Unreachable | ServerFault | OutcomeUnknown)
    may_be_done = isinstance(error, ServerFault | OutcomeUnknown)
    if not error.retryable or (may_be_done and tries >= MAX_TRIES):
        return Verdict(Action.FAIL, is_down=is_down)
    action = Action.SEARCH if may_be_done else Action.REPEAT
    return Verdict(action, wait_after(error, tries, draw), is_down)


def wait_after(error: EngineError, tries: int, draw: float) -> float:
    """Seconds until the next try: doubling from the error's own wait, at most 15 minutes.

    What Astria asks for itself is honoured even where it is longer (and is an hour at most).
    """
    asked = error.retry_after if isinstance(error, AstriaError) else None
    if asked is not None and isinstance(error, TooManyRequests):
        return asked * (1 + JITTER * draw)
    base = UNKNOWN_WAIT if isinstance(error, OutcomeUnknown) else FAULT_WAIT
    doubled = base * 2.0 ** min(max(tries, 1) - 1, 10)
    return max(min(doubled * (1 + JITTER * draw), LONGEST_WAIT), asked or 0.0)
