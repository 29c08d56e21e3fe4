"""Runs the decoder in a child process with little memory, little time and no way out."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

from prompts.imaging.errors import RefusedImage

logger = logging.getLogger(__name__)

_DECODER = Path(__file__).with_name("decoder.py")

# One picture of 50 megapixels needs up to MEMORY; more children at once would only swap.
CONCURRENT_DECODERS = 2
SECONDS_TO_WAIT_FOR_A_TURN = 60.0
MEMORY = 1536 * 2**20
CPU_SECONDS = 20
WALL_SECONDS = 40.0
_MAX_ANSWER_BYTES = 128 * 2**20

# The loader's search path, where an installation needs one, and nothing secret.
_PASSED_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")

_turns = threading.BoundedSemaphore(CONCURRENT_DECODERS)


def run_decoder(data: bytes, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Hands `data` to a decoder of its own and returns its answer: facts and encoded bytes.

    `request` holds task, format, max_pixels and max_side, see `decoder.py`.
    Raises `RefusedImage` when no turn comes up in time or no process can be had (busy), and when
    the child dies by a limit, the kernel or the picture, or answers nonsense (too_complex).
    """
    if not _turns.acquire(timeout=SECONDS_TO_WAIT_FOR_A_TURN):
        raise _busy()
    try:
        answer, exit_code = _communicate(data, request)
    except OSError as error:  # no memory or no process left to start a decoder
        logger.exception("Cannot start the picture decoder")
        raise _busy() from error
    finally:
        _turns.release()
    try:
        return _parse(answer)
    except ValueError as error:
        logger.warning("The picture decoder ended with code %s and no answer", exit_code)
        raise RefusedImage(
            "too_complex",
            "This picture could not be read within the limits of memory and time. "
            "Saving it again as a JPEG usually helps.",
        ) from error


def _busy() -> RefusedImage:
    return RefusedImage(
        "busy", "Too many pictures are being read right now. Please try again in a minute."
    )


def _communicate(data: bytes, request: dict[str, Any]) -> tuple[bytes, int]:
    """The child's standard output, cut at a limit, and its exit code (negative: the signal)."""
    limits = {"memory": MEMORY, "cpu_seconds": CPU_SECONDS}
    command = [sys.executable, "-I", str(_DECODER), json.dumps(request | limits)]
    environment = {key: os.environ[key] for key in _PASSED_ENVIRONMENT if key in os.environ}
    with subprocess.Popen(  # noqa: S603 - our own interpreter and file
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,  # Ctrl-C stops the server, not the pictures it still finishes
    ) as process:
        assert process.stdin is not None and process.stdout is not None  # noqa: S101 - both are pipes
        feeder = threading.Thread(target=_feed, args=(process.stdin, data), daemon=True)
        watchdog = threading.Timer(WALL_SECONDS, process.kill)
        watchdog.daemon = True
        feeder.start()
        watchdog.start()
        try:
            answer = process.stdout.read(_MAX_ANSWER_BYTES)
        finally:
            watchdog.cancel()
            process.kill()
            feeder.join()
    return answer, process.returncode


def _feed(pipe: IO[bytes], data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), pipe:
        pipe.write(data)


def _parse(answer: bytes) -> tuple[dict[str, Any], bytes]:
    """Splits an answer; raises ValueError when it is incomplete."""
    head_size = int.from_bytes(answer[:4], "big")
    if len(answer) < 4 + head_size:
        raise ValueError("The answer is incomplete")
    head = json.loads(answer[4 : 4 + head_size])
    return head, answer[4 + head_size :]
