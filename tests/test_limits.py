"""Limits hold exactly, whoever counts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from prompts import limits
from prompts.models import RateLimit
from tests.processes import environment

#: Long enough that no place comes back during a test.
LONG = 1e9


@pytest.mark.django_db
def test_so_many_are_allowed_and_no_more() -> None:
    takes = [limits.take("a", 3, LONG) for _ in range(5)]
    assert [t.allowed for t in takes] == [True, True, True, False, False]
    assert [t.remaining for t in takes] == [2, 1, 0, 0, 0]
    assert takes[0].wait == 0
    assert 0 < takes[3].wait <= LONG / 3 + 1
    assert takes[3].reset >= takes[3].wait


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [3, 7, 49, 1000])
def test_takes_within_one_tick_of_the_clock_are_all_allowed(
    limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits._NOW, connection.vendor, "1795256912.345678")
    taken = [limits.take("a", limit, LONG).allowed for _ in range(limit + 1)]
    assert taken == [True] * limit + [False]


@pytest.mark.django_db
def test_names_do_not_share_a_limit() -> None:
    assert limits.take("a", 1, LONG).allowed
    assert limits.take("b", 1, LONG).allowed
    assert not limits.take("a", 1, LONG).allowed


@pytest.mark.django_db
def test_places_come_back_evenly() -> None:
    for _ in range(10):
        limits.take("a", 10, 100)
    back = RateLimit.objects.get(name="a").empty_at - 30
    RateLimit.objects.update(empty_at=back)
    takes = [limits.take("a", 10, 100) for _ in range(4)]
    assert [t.allowed for t in takes] == [True, True, True, False]
    assert 1 <= takes[3].wait <= 10


@pytest.mark.django_db
def test_a_refusal_does_not_make_the_wait_longer() -> None:
    limits.take("a", 1, LONG)
    before = RateLimit.objects.get(name="a").empty_at
    for _ in range(5):
        limits.take("a", 1, LONG)
    assert RateLimit.objects.get(name="a").empty_at == before


@pytest.mark.django_db
def test_what_limits_nothing_any_more_is_pruned() -> None:
    limits.take("over", 5, LONG)
    limits.take("running", 5, LONG)
    RateLimit.objects.filter(name="over").update(empty_at=1000)
    assert limits.prune() == 1
    assert list(RateLimit.objects.values_list("name", flat=True)) == ["running"]


TAKER = """
import sys, django
django.setup()
from prompts import limits
sys.stdin.readline()
print(sum(limits.take("shared", 600, 1e9).allowed for _ in range(250)))
"""


@pytest.mark.django_db(transaction=True)
def test_four_processes_together_get_exactly_the_limit(tmp_path: Path) -> None:
    connection.close()
    env = environment(tmp_path, DJANGO_SETTINGS_MODULE="astria_web.settings")
    takers = [
        subprocess.Popen(
            [sys.executable, "-c", TAKER],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for taker in takers:
        assert taker.stdin is not None
        taker.stdin.write("go\n")
        taker.stdin.flush()
    allowed = [int(taker.communicate(timeout=60)[0]) for taker in takers]
    assert sum(allowed) == 600
