"""Measures callbacks: `python -m tests.bench_callbacks [SECONDS]`.

First the intake: a hundred callbacks a second, each for another prompt, to `manage.py serve` with a
worker, while the worker asks the (fake) Astria about them. Then the way of one callback to an open
page: from the request to the event that brings its picture. Uses a database of its own, or the
empty one that DATABASE_URL names.
"""

from __future__ import annotations

import os
import statistics
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.parse import urlsplit

from tests.bench import fresh_portal

RATE = 100
SECONDS = 30
CALLERS = 16
PAGES = 30


def main() -> None:
    """Prints one line a measurement."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    with fresh_portal() as folder:
        from tests.astria.server import FakeAstria

        with FakeAstria() as astria:
            astria.options.callbacks = "drop"
            os.environ["FETCH_ALLOWED_HOSTS"] = astria.host
            measure(folder, astria, seconds)


def measure(folder: Path, astria: Any, seconds: float) -> None:
    from prompts.models import Role
    from tests.astria.portal import connect_team, queued_tune
    from tests.factories import create_membership, create_team, create_user, signed_in
    from tests.processes import start_server, wait_until
    from tests.test_live_stream import Window

    user, team = create_user(), create_team()
    create_membership(team=team, user=user, role=Role.OWNER)
    connect_team(team, astria)
    tune = queued_tune(team, user)
    server = start_server(folder, workers=1, SECRET_KEY="bench", FETCH_ALLOWED_HOSTS=astria.host)
    wait_until(lambda: type(tune).objects.filter(pk=tune.pk, status="trained").exists(), "trained")
    tune.refresh_from_db()
    try:
        print_ways(server, Window(server, signed_in(user)), astria, tune)
        print_intake(server, astria, tune, int(seconds * RATE))
    finally:
        server.stop()


def handed_over(astria: Any, tune: Any, count: int) -> list[Any]:
    """Prompts that are open at Astria and looked at again in an hour; rows of `Handover`."""
    import datetime as dt

    from django.utils import timezone

    from prompts.models import Handover
    from tests.factories import create_prompt

    astria.options.prompt_seconds = 3600
    later = timezone.now() + dt.timedelta(hours=1)
    rows = []
    for _ in range(count):
        prompt = create_prompt(tune=tune, status="processing", num_images=1, run_after=later)
        row = Handover.of(prompt, "https://portal.test")
        with astria.world.lock:
            remote = astria.world.create_prompt(
                tune.handover.remote_id, {"text": "x", "callback": row.callback}
            )
        row.note(remote_id=remote["id"], remote_tune_id=remote["tune_id"], sent_at=timezone.now())
        rows.append(row)
    return rows


def post(server: Any, row: Any) -> int:
    """Answers the status."""
    address = urlsplit(server.url)
    http = HTTPConnection(address.hostname or "", address.port, timeout=60)
    body = f'{{"prompt": {{"id": {row.remote_id}}}}}'
    path = urlsplit(row.callback).path
    http.request("POST", path, body, {"Content-Type": "application/json"})
    answer = http.getresponse()
    answer.read()
    http.close()
    return answer.status


def print_intake(server: Any, astria: Any, tune: Any, count: int) -> None:
    """Callbacks leave at a steady rate, whether or not earlier ones were answered."""
    from prompts.models import Handover

    rows = handed_over(astria, tune, count)
    took: list[float] = []
    refused: list[int] = []
    lock = threading.Lock()
    begun = time.monotonic()

    def call(number: int) -> None:
        due = begun + number / RATE
        time.sleep(max(due - time.monotonic(), 0))
        status = post(server, rows[number])
        with lock:
            took.append(time.monotonic() - due)
            if status != 200:
                refused.append(status)

    with ThreadPoolExecutor(CALLERS) as callers:
        list(callers.map(call, range(count)))
    seconds = time.monotonic() - begun
    lost = Handover.objects.filter(pk__in=[row.pk for row in rows], called_back_at=None).count()
    cuts = statistics.quantiles(took, n=100)
    print(
        f"{count} callbacks, {count / seconds:.0f} a second for {seconds:.0f} s: median "
        f"{cuts[49] * 1e3:.0f} ms, p99 {cuts[98] * 1e3:.0f} ms, {len(refused)} refused, {lost} lost"
    )


def print_ways(server: Any, window: Any, astria: Any, tune: Any) -> None:
    """From a callback to the event of the prompt whose picture is there by then."""
    from prompts.models import Prompt

    took = []
    for row in handed_over(astria, tune, PAGES):
        with astria.world.lock:
            remote = astria.world.prompts[row.remote_id]
            astria.world._finish("prompt", remote)
        window.events = Queue()
        begun = time.monotonic()
        post(server, row)
        while Prompt.objects.get(pk=row.prompt_id).status != "completed":
            window.topics_until(f"prompt-{row.prompt.public_id}")
        took.append(time.monotonic() - begun)
    worst = max(took)
    print(
        f"callback to page: median {statistics.median(took) * 1e3:.0f} ms, slowest of {PAGES} "
        f"{worst * 1e3:.0f} ms"
    )


if __name__ == "__main__":
    main()
