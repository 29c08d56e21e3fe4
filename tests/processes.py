"""Real processes of the portal on the test database."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

#: Starts a worker with further variables in its environment.
NewWorker = Callable[..., "subprocess.Popen[bytes]"]
START_SECONDS = 60
MANAGE = str(settings.BASE_DIR / "manage.py")


def database_url() -> str:
    """The database that this test's connection uses, as one address."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    secret = f":{values['PASSWORD']}" if values["PASSWORD"] else ""
    return (
        f"postgres://{values['USER']}{secret}@{values['HOST']}:{values['PORT'] or 5432}"
        f"/{values['NAME']}"
    )


def environment(data_dir: Path, **extra: str) -> dict[str, str]:
    """What a process of the portal needs to work on the test database, files in `data_dir`."""
    kept = {k: v for k, v in os.environ.items() if k != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return kept | {
        "DATABASE_URL": database_url(),
        "DATA_DIR": str(data_dir),
        # What the test seals, the process must be able to read.
        "SECRET_KEY": settings.SECRET_KEY,
        "FAKE_ENGINE": "1",
        "LEASE_SECONDS": "5",
        **extra,
    }


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Portal:
    """A running `manage.py serve`."""

    process: subprocess.Popen[bytes]
    url: str
    data_dir: Path
    log: Path

    def stop(self) -> int:
        """Ctrl-C; answers the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait()


def start_portal(data_dir: Path, *, port: int | None = None, **extra: str) -> Portal:
    """Web and one worker; returns once the pages answer."""
    env = environment(data_dir, **extra)
    collect = [sys.executable, MANAGE, "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(collect, env=env, check=True)
    port = port or free_port()
    log = data_dir / "portal.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, MANAGE, "serve", "--port", str(port), "--workers", "1"],
            env=env,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{url}/health/", timeout=2).close()
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        else:
            return Portal(process, url, data_dir, log)
    process.kill()
    raise AssertionError(f"The portal did not start:\n{log.read_text()}")


def start_server(data_dir: Path, *, workers: int, **extra: str) -> Portal:
    """`manage.py serve` on a port of its own choice; returns once it says where it is."""
    log = data_dir / "portal.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, MANAGE, "serve", "--port", "0", "--workers", str(workers)],
            env=environment(data_dir, DEFAULT_ENGINE="fake", **extra),
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    assert process.stdout is not None
    said = re.search(r"http://\S+", process.stdout.readline().decode())
    assert said is not None, log.read_text()
    return Portal(process, said[0], data_dir, log)


def start_worker(data_dir: Path, **extra: str) -> subprocess.Popen[bytes]:
    """A worker process; what it logs is in `worker.log`."""
    with (data_dir / "worker.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, MANAGE, "worker"],
            env=environment(data_dir, DEFAULT_ENGINE="fake", **extra),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def wait_until(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Looks often; fails with `what` did not happen when the time is over."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"not within {seconds} s: {what}"
        time.sleep(0.05)
