"""Measures the gateway: `python -m tests.bench_gateway [seconds]`.

Authenticated calls a second under `manage.py serve` with SQLite, one web process and one worker,
from as many open connections as a busy client has; then how long mutated multipart bodies take.
Every call is counted in the limits, as in production; the limits themselves are set out of reach.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench import fresh_portal

CONNECTIONS = 16
SECONDS = 5.0
BODIES = 500


def main() -> None:
    """Prints one line a measurement."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    boundless = str(10**9)
    limits = {"API_READS_PER_MINUTE": boundless, "API_WRITES_PER_MINUTE": boundless}
    with fresh_portal(**limits) as folder:
        print_calls(folder, seconds)
        print_bodies()


def print_calls(folder: Path, seconds: float) -> None:
    """Calls a second for each address, and how long one takes."""
    from django.conf import settings

    from prompts.models import PromptStatus, TuneStatus
    from tests import factories
    from tests.processes import start_server

    user, team = factories.create_user(), factories.create_team()
    factories.create_membership(team=team, user=user, role="owner")
    tune = factories.create_tune(team=team, owner=user, status=TuneStatus.TRAINED)
    prompt = factories.create_prompt(tune=tune, status=PromptStatus.COMPLETED)
    for index in range(4):
        factories.create_image(prompt=prompt, index=index)
    _, plain = factories.create_api_key(user=user)
    server = start_server(folder, workers=1, SECRET_KEY=settings.SECRET_KEY)
    try:
        for path in ("/api/users", f"/api/prompts/{prompt.pk}"):
            took = asyncio.run(call_often(server.url + path, plain, seconds))
            report(f"GET {path}", took, seconds)
    finally:
        server.stop()


async def call_often(url: str, plain: str, seconds: float) -> list[float]:
    """Seconds that each call took, from all connections; the first second is to warm up."""
    await asyncio.gather(*(connection(url, plain, 1.0) for _ in range(CONNECTIONS)))
    taken = await asyncio.gather(*(connection(url, plain, seconds) for _ in range(CONNECTIONS)))
    return [second for calls in taken for second in calls]


async def connection(url: str, plain: str, seconds: float) -> list[float]:
    """One connection that is kept open and calls again and again."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    call = (
        f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        f"Authorization: Bearer {plain}\r\n\r\n"
    ).encode()
    taken: list[float] = []
    until = time.monotonic() + seconds
    while (begun := time.monotonic()) < until:
        writer.write(call)
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        assert " 200 " in head.splitlines()[0], head
        length = head.lower().split("content-length:")[1].split("\r\n")[0]
        await reader.readexactly(int(length))
        taken.append(time.monotonic() - begun)
    writer.close()
    return taken


def report(what: str, taken: list[float], seconds: float) -> None:
    """How many a second; median and 95th percentile in milliseconds."""
    p95 = statistics.quantiles(taken, n=20)[-1]
    print(
        f"{what}: {len(taken) / seconds:.0f} a second "
        f"(median {statistics.median(taken) * 1e3:.0f} ms, p95 {p95 * 1e3:.0f} ms)"
    )


def print_bodies() -> None:
    """The slowest of many mutated forms, each read by itself."""
    from django.test import RequestFactory

    from prompts.api.bodies import read_params
    from prompts.api.errors import ApiError
    from tests.api.mutations import mutated_bodies

    factory, taken = RequestFactory(), []
    for body, content_type in mutated_bodies("tune", BODIES, seed=3):
        request = factory.generic("POST", "/api/tunes", body, content_type)
        begun = time.monotonic()
        with suppress(ApiError):
            read_params(request)
        taken.append(time.monotonic() - begun)
    print(
        f"{BODIES} mutated multipart bodies: median {statistics.median(taken) * 1e3:.1f} ms, "
        f"slowest {max(taken) * 1e3:.0f} ms"
    )


if __name__ == "__main__":
    sys.exit(main())
