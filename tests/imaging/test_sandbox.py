"""The decoder's cell: what a decoder can do there, and what becomes of one that dies or raves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from prompts.imaging import sandbox
from tests.files.pictures import encode, quadrants
from tests.imaging.looking import refusal
from tests.side_by_side import side_by_side

DecoderThat = Callable[[str], None]


@pytest.fixture
def decoder_that(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> DecoderThat:
    """Puts a script of the test's own in the decoder's place."""

    def use(script: str) -> None:
        path = tmp_path / "decoder.py"
        path.write_text(script)
        monkeypatch.setattr(sandbox, "_DECODER", path)

    return use


ANSWER = """
import json, sys
def answer(**head):
    encoded = json.dumps(head).encode()
    sys.stdout.buffer.write(len(encoded).to_bytes(4, "big") + encoded)
"""


@pytest.mark.parametrize(
    "script",
    [
        "import os; os.kill(os.getpid(), 9)",
        "import os; os._exit(0)",
        "raise RuntimeError",
        "import sys; sys.stdin.buffer.read(); print('nonsense')",
        "import sys\nwhile True: sys.stdout.buffer.write(bytes(2**20))",
        "import time; time.sleep(600)",
    ],
    ids=["killed", "silent", "crashed", "nonsense", "flood", "asleep"],
)
def test_a_decoder_that_dies_or_raves_is_a_clear_refusal(
    decoder_that: DecoderThat, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    decoder_that(script)
    monkeypatch.setattr(sandbox, "WALL_SECONDS", 1.0)
    refused = refusal(encode(quadrants(), "PNG"))
    assert refused.code == "too_complex"
    assert "could not be read" in refused.message


def test_a_picture_that_needs_more_memory_than_allowed_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sandbox, "MEMORY", 150 * 2**20)
    assert refusal(encode(Image.new("RGB", (7000, 7000)), "PNG")).code == "too_complex"


def test_a_decoder_runs_out_of_processor_time(
    decoder_that: DecoderThat, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoder = Path(sandbox.__file__).with_name("decoder.py")
    decoder_that(
        "import json, runpy, sys\n"
        f"decoder = runpy.run_path({str(decoder)!r})\n"
        "request = json.loads(sys.argv[1])\n"
        "decoder['confine'](request['memory'], request['cpu_seconds'])\n"
        "while True: pass\n"
    )
    monkeypatch.setattr(sandbox, "CPU_SECONDS", 1)
    assert refusal(encode(quadrants(), "PNG")).code == "too_complex"


def test_a_confined_decoder_opens_no_file_no_socket_and_no_program(
    decoder_that: DecoderThat, tmp_path: Path
) -> None:
    decoder = Path(sandbox.__file__).with_name("decoder.py")
    decoder_that(
        ANSWER + "import os, runpy, socket, subprocess\n"
        f"decoder = runpy.run_path({str(decoder)!r})\n"
        "decoder['confine'](2**30, 20)\n"
        "attempts = {\n"
        "    'read': lambda: open('/etc/passwd'),\n"
        f"    'write': lambda: open({str(tmp_path / 'new')!r}, 'w'),\n"
        "    'connect': lambda: socket.socket(),\n"
        "    'run': lambda: subprocess.run(['/bin/true'], capture_output=True),\n"
        "}\n"
        "succeeded = []\n"
        "for name, attempt in attempts.items():\n"
        "    try: attempt()\n"
        "    except OSError: continue\n"
        "    succeeded.append(name)\n"
        "answer(succeeded=succeeded)\n"
    )
    head, _ = sandbox.run_decoder(b"", {})
    assert head == {"succeeded": []}
    assert not (tmp_path / "new").exists()


def test_a_decoder_is_told_no_secrets(
    decoder_that: DecoderThat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "s3cret")
    decoder_that(ANSWER + "import os; answer(environment=sorted(os.environ))")
    head, _ = sandbox.run_decoder(b"", {})
    assert "SECRET_KEY" not in head["environment"]


def test_no_more_than_two_decoders_run_at_once(decoder_that: DecoderThat, tmp_path: Path) -> None:
    running = tmp_path / "running"
    running.mkdir()
    decoder_that(
        ANSWER + "import os, pathlib, time\n"
        f"own = pathlib.Path({str(running)!r}) / str(os.getpid())\n"
        "own.touch(); time.sleep(0.2)\n"
        "together = len(list(own.parent.iterdir())); own.unlink()\n"
        "answer(together=together)\n"
    )
    answers = side_by_side([lambda: sandbox.run_decoder(b"", {})] * 6)
    assert max(head["together"] for head, _ in answers) == sandbox.CONCURRENT_DECODERS


def test_who_waits_too_long_for_a_turn_is_told_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sandbox, "_turns", threading.BoundedSemaphore(1))
    monkeypatch.setattr(sandbox, "SECONDS_TO_WAIT_FOR_A_TURN", 0.01)
    sandbox._turns.acquire()
    refused = refusal(encode(quadrants(), "PNG"))
    assert refused.code == "busy"
    assert "try again" in refused.message
