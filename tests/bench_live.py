"""Measures live pages and idle workers: `python -m tests.bench_live`.

From the commit of a change in one process to its event in the browser of another, with several
streams open; then the processor time of a worker that has nothing to do. Uses a database of its
own, or the empty one that DATABASE_URL names.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from queue import Queue

from tests.bench import fresh_portal

STREAMS = 20
CHANGES = 200
IDLE_SECONDS = 20


def main() -> None:
    """Prints one line a measurement."""
    with fresh_portal() as folder:
        print_latency(folder)
        print_idle_worker(folder)


def print_latency(folder: Path) -> None:
    """Streams of one member; changes at irregular moments, as people make them."""
    from django.conf import settings

    from prompts.live import publish
    from tests.factories import create_membership, create_team, create_user, signed_in
    from tests.processes import start_server
    from tests.test_live_stream import Window

    user, team = create_user(), create_team()
    create_membership(team=team, user=user)
    server = start_server(folder, workers=0, SECRET_KEY=settings.SECRET_KEY)
    client = signed_in(user)
    windows = [Window(server, client) for _ in range(STREAMS)]
    for window in windows:
        window.next()
    seconds: list[float] = []
    for number in range(CHANGES):
        time.sleep(0.03 + (number % 17) * 0.007)
        publish(team, f"topic-{number}")
        committed = time.monotonic()
        windows[number % STREAMS].topics_until(f"topic-{number}")
        seconds.append(time.monotonic() - committed)
        for window in windows:
            window.events = Queue()
    report("change in one process to event in another", seconds)
    begun = time.monotonic()
    server.stop()
    print(f"Ctrl-C with {STREAMS} open streams: {time.monotonic() - begun:.2f} s")


def report(what: str, seconds: list[float]) -> None:
    """Median and 95th percentile in milliseconds."""
    p95 = statistics.quantiles(seconds, n=20)[-1]
    print(f"{what}: median {statistics.median(seconds) * 1e3:.0f} ms, p95 {p95 * 1e3:.0f} ms")


def print_idle_worker(folder: Path) -> None:
    """Share of one processor, and resident memory."""
    from tests.processes import start_worker

    worker = start_worker(folder)
    time.sleep(5)
    before = cpu_seconds(worker)
    time.sleep(IDLE_SECONDS)
    share = (cpu_seconds(worker) - before) / IDLE_SECONDS
    resident = Path(f"/proc/{worker.pid}/status").read_text().split("VmRSS:")[1].split()[0]
    print(f"idle worker: {share:.2%} of one processor, {int(resident) // 1024} MB")
    worker.terminate()
    worker.wait()


def cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    """User and system time so far."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
