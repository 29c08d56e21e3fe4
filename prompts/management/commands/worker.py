"""Runs a worker: trains tunes and makes pictures, until it is told to stop."""

from __future__ import annotations

import logging
import os
import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from prompts.jobs.control import SHUTDOWN_GRACE
from prompts.jobs.kinds import Lane
from prompts.jobs.network import NetworkLoop
from prompts.jobs.worker import Worker, warm_up

logger = logging.getLogger(__name__)

STDIN = 0
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Command(BaseCommand):
    # The web process checks; a worker that is restarted has no time for it.
    requires_system_checks: list[str] = []
    help = (
        "Runs one worker: one picture at a time, and beside it what waits for other machines. "
        "SIGTERM or Ctrl-C: finishes the present picture and gives the rest back; a second time: "
        "ends at once. Any number of workers may run, on any machine that reaches the database "
        "and the files."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--die-with-parent",
            action="store_true",
            help="stop when standard input is closed, as it is when the parent dies",
        )

    def handle(self, *, die_with_parent: bool, **options: Any) -> None:
        worker, network = Worker(Lane.RENDER), NetworkLoop()
        for number in STOP_SIGNALS:
            signal.signal(number, _stopper(worker, network))
        if die_with_parent:
            threading.Thread(target=_stop_with_parent, daemon=True).start()
        network.start()
        warm_up()
        logger.info("Worker %s is ready", worker.name)
        worker.run()
        network.join(SHUTDOWN_GRACE)
        logger.info("Worker %s has stopped", worker.name)


def _stopper(*loops: Worker | NetworkLoop) -> Any:
    def stop(number: int, frame: FrameType | None) -> None:
        # The next one kills, whatever it finds: the lease brings the job to another worker.
        for each in STOP_SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        for loop in loops:
            loop.stop()

    return stop


def _stop_with_parent() -> None:
    # Not through `sys.stdin`: its lock, held by this thread, would abort the interpreter's end.
    while os.read(STDIN, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
