"""When to repeat, search and give up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.engines.astria import rules
from prompts.engines.astria.errors import (
    AddressRefused,
    AstriaError,
    KeyRefused,
    NotThere,
    OutcomeUnknown,
    PaymentNeeded,
    Refused,
    ServerFault,
    TooManyRequests,
    Unreachable,
)
from prompts.engines.astria.rules import judge, wait_after
from prompts.engines.errors import EngineError, Gone, UnsupportedRequest
from prompts.engines.handoff import Action, Verdict

FINAL = [AddressRefused, Refused, KeyRefused, PaymentNeeded, NotThere, Gone, UnsupportedRequest]
PASSING = [Unreachable, TooManyRequests, ServerFault, OutcomeUnknown]

many = st.integers(1, 1000)
draws = st.floats(0, 1)
passing = st.builds(
    lambda kind, seconds: kind("Words.", retry_after=seconds),
    st.sampled_from(PASSING),
    st.none() | st.floats(1, 3600),
)


@pytest.mark.parametrize("kind", FINAL)
def test_a_final_answer_fails_at_once(kind: type[EngineError]) -> None:
    assert judge(kind("Astria's words."), 1) == Verdict(Action.FAIL)


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (Unreachable("x."), Verdict(Action.REPEAT, 30, True)),
        (TooManyRequests("x.", retry_after=7), Verdict(Action.REPEAT, 7, False)),
        (TooManyRequests("x.", retry_after=3600), Verdict(Action.REPEAT, 3600, False)),
        (TooManyRequests("x."), Verdict(Action.REPEAT, 30, False)),
        (ServerFault("x."), Verdict(Action.SEARCH, 30, True)),
        (ServerFault("x.", retry_after=200), Verdict(Action.SEARCH, 200, True)),
        (OutcomeUnknown("x."), Verdict(Action.SEARCH, 60, True)),
        (OutcomeUnknown("x.", retry_after=5), Verdict(Action.SEARCH, 60, True)),
        (EngineError("x.", retryable=True), Verdict(Action.REPEAT, 30, False)),
    ],
)
def test_the_first_failure_of_every_kind(error: EngineError, verdict: Verdict) -> None:
    assert judge(error, 1, draw=0) == verdict


def test_waits_double_up_to_a_quarter_of_an_hour() -> None:
    waits = [judge(ServerFault("x."), n, draw=0).delay for n in range(1, 8)]
    assert waits == [30, 60, 120, 240, 480, 900, 900]


@pytest.mark.parametrize("kind", [ServerFault, OutcomeUnknown])
def test_what_never_works_fails_in_the_end(kind: type[AstriaError]) -> None:
    assert judge(kind("x."), rules.MAX_TRIES - 1).action is Action.SEARCH
    assert judge(kind("x."), rules.MAX_TRIES).action is Action.FAIL


@pytest.mark.parametrize("kind", [Unreachable, TooManyRequests])
def test_an_astria_that_is_away_is_waited_for_however_long(kind: type[AstriaError]) -> None:
    assert judge(kind("x."), 10_000).action is Action.REPEAT


@given(passing, many, draws)
def test_waits_are_neither_rash_nor_endless(error: AstriaError, tries: int, draw: float) -> None:
    wait = wait_after(error, tries, draw)
    assert (error.retry_after or 0) <= wait <= max(900, 1.25 * (error.retry_after or 0))
    if not isinstance(error, TooManyRequests):
        assert wait >= 30
    if isinstance(error, OutcomeUnknown):
        assert wait >= 60


@given(passing, many, st.tuples(draws, draws))
def test_a_higher_draw_never_waits_less(
    error: AstriaError, tries: int, pair: tuple[float, float]
) -> None:
    low, high = sorted(pair)
    assert wait_after(error, tries, low) <= wait_after(error, tries, high)


def test_chance_spreads_what_failed_together() -> None:
    assert len({judge(ServerFault("x."), 1).delay for _ in range(20)}) > 1


# --- The table walked through, against every order of mishaps ----------------------------------

#: One request's fate: whether it is carried out, and how its answer goes wrong (None: not at all).
fates = st.tuples(st.booleans(), st.sampled_from([*PASSING, None]))


@given(st.lists(fates, max_size=rules.MAX_TRIES - 1))
def test_whatever_goes_wrong_in_between_there_is_one_object_in_the_end(
    script: list[tuple[bool, type[AstriaError] | None]],
) -> None:
    objects, searching, known, tries = 0, False, False, 0
    while not known:
        carried_out, kind = script.pop(0) if script else (True, None)
        if kind in (Unreachable, TooManyRequests):
            carried_out = False
        if not searching and (carried_out or kind is None):
            objects += 1
        if kind is None:
            known = not searching or objects > 0
            searching = False
            continue
        tries += 1
        action = judge(kind("x."), tries).action
        assert action is not Action.FAIL
        searching = searching or action is Action.SEARCH
    assert objects == 1
