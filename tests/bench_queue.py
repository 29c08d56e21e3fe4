"""Measures the queue: `python -m tests.bench_queue [done] [queued]`.

With 100,000 finished prompts and 5,000 waiting ones of 50 members: asking for another one, claiming
the next, an idle look of a worker, and the places in line that a page of 12 prompts shows. Medians
of 50 calls. DATABASE_URL chooses another database than SQLite, which must be empty.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

from tests.bench import fresh_portal

DONE, QUEUED, MEMBERS, CARDS, ROUNDS = 100_000, 5_000, 50, 12, 50


def main() -> None:
    """Prints a table: what was done, and how many milliseconds it took."""
    given = [int(number) for number in sys.argv[1:]]
    done, queued = [*given, *(DONE, QUEUED)[len(given) :]]
    with fresh_portal():
        measure(done, queued)


def measure(done: int, queued: int) -> None:
    """Fills the database and times each step."""
    from django.db import connection

    from prompts.flows.prompts import submit_prompt
    from prompts.jobs.worker import Queue
    from prompts.models import Lane, Prompt, PromptStatus
    from prompts.models.turns import numbers_ahead
    from tests import factories

    team = factories.create_team()
    members = [factories.create_user() for _ in range(MEMBERS)]
    tunes = [factories.create_tune(team=team, owner=member) for member in members]

    def rows(count: int, status: PromptStatus, first_turn: int) -> None:
        Prompt.objects.bulk_create(
            (
                Prompt(
                    team=team,
                    tune=tunes[n % MEMBERS],
                    author=members[n % MEMBERS],
                    text="ohwx woman by the sea",
                    base_seed=n,
                    engine="fake",
                    status=status,
                    turn=first_turn + n // MEMBERS,
                )
                for n in range(count)
            ),
            batch_size=2_000,
        )

    rows(done, PromptStatus.COMPLETED, 1)
    rows(queued, PromptStatus.QUEUED, done // MEMBERS + 1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    queue = Queue(Lane.RENDER, "bench")
    cards = list(Prompt.objects.ready()[queued // 2 : queued // 2 + CARDS])
    values = {"text": "ohwx woman", "parameters": {}, "num_images": 1}
    steps: dict[str, Callable[[], object]] = {
        "ask": lambda: submit_prompt(tune=tunes[0], author=members[0], **values),
        "claim": queue.claim,
        f"places of {CARDS}": lambda: numbers_ahead(cards, Lane.RENDER),
    }
    print(f"{connection.vendor}: {done} done, {queued} waiting")
    for name, step in steps.items():
        print(f"{name:16} {median_ms(step):7.2f} ms")
    Prompt.objects.filter(status=PromptStatus.QUEUED).update(status=PromptStatus.COMPLETED)
    print(f"{'idle look':16} {median_ms(queue.claim):7.2f} ms")


def median_ms(step: Callable[[], object]) -> float:
    """Of `ROUNDS` calls, after one to warm up."""
    step()
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        step()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
