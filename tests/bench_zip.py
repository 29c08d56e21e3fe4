"""Measures downloads of many pictures: `python -m tests.bench_zip [pictures] [MB each]`.

A real server streams an archive of originals to a reader that keeps nothing; printed are its size,
the time, and by how much the server's memory grew at its highest. Uses a database of its own.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

from tests.bench import fresh_portal

PICTURES = 200
MEGABYTES = 4
READ_BYTES = 256 * 1024
MIB = 2**20


def main() -> None:
    """Prints one line for a small archive and one for the whole."""
    pictures = int(sys.argv[1]) if len(sys.argv) > 1 else PICTURES
    size = int(float(sys.argv[2]) * MIB) if len(sys.argv) > 2 else MEGABYTES * MIB
    with fresh_portal() as folder:
        measure(folder, pictures, size)


def measure(folder: Path, pictures: int, size: int) -> None:
    """Downloads a tenth of the pictures, then all of them."""
    from django.conf import settings

    from prompts.models import Role
    from tests import factories
    from tests.processes import start_server

    user, team = factories.create_user(), factories.create_team()
    factories.create_membership(team=team, user=user, role=Role.OWNER)
    prompt = factories.create_prompt(tune=factories.create_tune(team=team, owner=user))
    images = [factories.create_image(prompt=prompt, index=index) for index in range(pictures)]
    for image in images:
        (Path(settings.MEDIA_ROOT) / image.file).write_bytes(os.urandom(size))
    server = start_server(folder, workers=0, SECRET_KEY=settings.SECRET_KEY)
    try:
        client = factories.signed_in(user)
        ids = [image.public_id for image in images]
        for chosen in (ids[: max(1, pictures // 10)], ids):
            print(measured(server.url, client.cookies, server.process.pid, chosen))
    finally:
        server.stop()


def measured(url: str, cookies: object, pid: int, chosen: list[str]) -> str:
    """One download in words."""
    import httpx

    jar = {name: morsel.value for name, morsel in cookies.items()}
    token = "b" * 32
    values = {"images": chosen, "csrfmiddlewaretoken": token}
    before, peak, done = memory(pid), [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            peak[0] = max(peak[0], memory(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    began, received = time.perf_counter(), 0
    request = httpx.stream(
        "POST",
        f"{url}/images/zip/",
        data=values,
        cookies=jar | {"csrftoken": token},
        headers={"Origin": url},
        timeout=120,
    )
    with request as response:
        response.raise_for_status()
        for chunk in response.iter_bytes(READ_BYTES):
            received += len(chunk)
    seconds = time.perf_counter() - began
    done.set()
    watcher.join()
    grown = (peak[0] - before) / MIB
    return (
        f"{len(chosen):4} originals: {received / MIB:7.1f} MiB in {seconds:5.1f} s, "
        f"memory {before / MIB:.0f} MiB, at most {grown:+.1f} MiB"
    )


def memory(pid: int) -> int:
    """Resident bytes of a process and its children."""
    pids = [pid]
    for child in Path(f"/proc/{pid}/task").glob("*/children"):
        pids += [int(one) for one in child.read_text().split()]
    total = 0
    for one in pids:
        try:
            pages = int(Path(f"/proc/{one}/statm").read_text().split()[1])
        except FileNotFoundError:
            continue
        total += pages * os.sysconf("SC_PAGE_SIZE")
    return total


if __name__ == "__main__":
    main()
