"""Measures limits and the page of usage: `python -m tests.bench_usage [runs]`.

A team of 50 with 100,000 runs in 90 days and a picture each. Milliseconds of the first report,
which sums the days up, and medians of ten for what pages do after it. DATABASE_URL chooses another
database than SQLite, which must be empty.
"""

from __future__ import annotations

import datetime as dt
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.bench import fresh_portal, pages_in_process

RUNS, MEMBERS, DAYS, ROUNDS = 100_000, 50, 90, 10


def main() -> None:
    """Prints a table: what was done, and how many milliseconds it took."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    with fresh_portal(), pages_in_process():
        measure(count)


def measure(count: int) -> None:
    """Fills the database and times each step."""
    from django.db import connection, transaction

    from prompts.flows.quotas import set_quota
    from prompts.quotas import demand_images, storage_used
    from tests import factories

    team = factories.create_team()
    members = [factories.create_user() for _ in range(MEMBERS)]
    for number, member in enumerate(members):
        role: Any = "member" if number else "owner"
        factories.create_membership(team=team, user=member, role=role)
    fill(team, members, count)
    set_quota(team, None, images=10**6, tunes=100, storage=10**15)
    client = factories.signed_in(members[0])
    steps: dict[str, Callable[[], Any]] = {
        "usage, 90 days": lambda: client.get("/usage/?period=90"),
        "usage, 30 days": lambda: client.get("/usage/"),
        "one member": lambda: client.get(
            f"/usage/?period=90&member={members[1].memberships.get().public_id}"
        ),
        "as a table": lambda: client.get("/usage/table.csv?period=90"),
        "limits": lambda: client.get("/settings/limits/"),
        "storage": lambda: storage_used(team),
        "may ask": transaction.atomic(lambda: demand_images(team, members[1], 4, "fake")),
    }
    print(f"{connection.vendor}: {count} runs")
    print(f"{'first report':16} {elapsed_ms(steps['usage, 90 days']):7.1f} ms")
    for name, step in steps.items():
        times = [elapsed_ms(step) for _ in range(ROUNDS)]
        print(f"{name:16} {statistics.median(times):7.1f} ms")


def fill(team: Any, members: list[Any], count: int) -> None:
    """Runs and pictures, evenly over members and time."""
    from django.db import connection

    from prompts.models import Image, UsageEntry
    from tests import factories

    draw, now = random.Random(1), dt.datetime.now(dt.UTC)
    UsageEntry.objects.bulk_create(
        (
            UsageEntry(
                team=team,
                user=members[n % MEMBERS],
                engine=("studio", "astria")[n % 2],
                status="completed" if n % 20 else "failed",
                images=4,
                waited=draw.expovariate(0.1),
                ended_at=now - dt.timedelta(days=n * (DAYS - 1) / count),
            )
            for n in range(count)
        ),
        batch_size=5_000,
    )
    tune = factories.create_tune(team=team, owner=members[0])
    prompts = [factories.create_prompt(tune=tune) for _ in range(8)]
    plain: dict[str, Any] = {
        "team": team,
        "tune": tune,
        "file": "a.jpg",
        "sha256": "0" * 64,
        "content_type": "image/jpeg",
        "size": 400_000,
        "stored": 500_000,
        "width": 800,
        "height": 1000,
        "color": "#334455",
        "seed": 1,
        "engine": "studio",
    }
    Image.objects.bulk_create(
        (Image(prompt=prompts[n % 8], index=n // 8, **plain) for n in range(count)), 2_000
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def elapsed_ms(step: Callable[[], Any]) -> float:
    """Of one call."""
    began = time.perf_counter()
    step()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
