"""Runs the whole portal: web server and supervised workers in one command."""

from __future__ import annotations

import asyncio
import errno
import resource
import signal
import socket
from argparse import ArgumentParser
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from astria_web import env
from prompts.jobs.supervisor import Supervisor
from prompts.live.hub import close_hub

#: Seconds an unfinished request is given when the server stops.
SHUTDOWN_TIMEOUT = 5


class Server(uvicorn.Server):
    """uvicorn that says when it is ready, and ends without raising the signal once more.

    `on_exit` is called in the event loop as soon as a signal has asked for the end.
    """

    def __init__(
        self, config: uvicorn.Config, on_ready: Callable[[], None], on_exit: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_exit = on_exit
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._on_exit)


class Command(BaseCommand):
    help = (
        "Runs the web server and its workers until Ctrl-C. HOST, PORT and WORKERS in the "
        "environment set the defaults."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=env.text("HOST", "127.0.0.1"))
        parser.add_argument(
            "--port", type=int, default=env.number("PORT", 8000), help="0 picks a free one"
        )
        parser.add_argument(
            "--workers",
            type=int,
            default=settings.WORKERS,
            help="0 when workers run elsewhere, see the command worker",
        )

    def handle(self, *, host: str, port: int, workers: int, **options: Any) -> None:
        listener = listen(host, port)
        _allow_many_streams()
        supervisor = Supervisor(workers)

        def announce() -> None:
            address = settings.PUBLIC_URL or _address_of(listener)
            self.stdout.write(f"Astria Web is ready at {address} (Ctrl-C stops it)")
            self.stdout.flush()

        def end() -> None:
            # At once, because uvicorn waits for open connections, and streams have no end.
            close_hub()
            supervisor.begin_stop()

        config = uvicorn.Config(
            "astria_web.asgi:application",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_TIMEOUT,
        )
        try:
            Server(config, announce, end).run([listener])
        finally:
            supervisor.stop()


def listen(host: str, port: int) -> socket.socket:
    """The listening socket; taken before any worker starts, so that a second start ends here."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(
                f"Port {port} is in use. Choose another: PORT={port + 1} make run"
            ) from error
        raise CommandError(f"Cannot listen on {host}:{port}: {error.strerror}") from error
    # Connections inherit it. asyncio sets it only on sockets that name their protocol, as this one
    # does not, and without it the body of an answer waits 40 ms for its head to be acknowledged.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _address_of(listener: socket.socket) -> str:
    """Where a browser on this machine finds it, by the name that mails and passkeys use too."""
    host, port = listener.getsockname()[:2]
    if host in ("127.0.0.1", "0.0.0.0"):  # noqa: S104  # told, not listened on
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _allow_many_streams() -> None:
    """Every open page holds a connection; the usual limit of 1,024 files is soon reached."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
