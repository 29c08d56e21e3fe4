"""Real streams from a real server process on the test database."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from socket import SHUT_RDWR
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from prompts.flows.prompts import cancel_prompt, submit_prompt
from prompts.live import publish, publish_about
from prompts.models import Membership, Team, Tune, User
from tests.factories import create_tune, signed_in
from tests.processes import Portal, start_server

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 20


@pytest.fixture(scope="module")
def server(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Portal]:
    with django_db_blocker.unblock():
        running = start_server(
            tmp_path_factory.mktemp("live"), workers=0, SECRET_KEY=settings.SECRET_KEY
        )
    yield running
    running.stop()


class Window:
    """An open page: reads the stream of whoever `client` is signed in as."""

    def __init__(self, server: Portal, client: Client) -> None:
        self.events: queue.Queue[tuple[str, Any]] = queue.Queue()
        address = urlsplit(server.url)
        self._http = HTTPConnection(address.hostname or "", address.port, timeout=60)
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        self._http.request("GET", reverse("live"), headers={"Cookie": cookies})
        self._socket = self._http.sock
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        name = ""
        with suppress(OSError, HTTPException), self._http.getresponse() as response:
            for line in map(bytes.decode, response):
                if line.startswith("event: "):
                    name = line.removeprefix("event: ").strip()
                elif line.startswith("data: "):
                    self.events.put((name, json.loads(line.removeprefix("data: "))))
        self.events.put(("end", None))

    def next(self) -> tuple[str, Any]:
        return self.events.get(timeout=PATIENCE)

    def topics_until(self, topic: str) -> set[str]:
        """Every topic heard up to the one given."""
        heard: set[str] = set()
        while topic not in heard:
            name, data = self.next()
            assert name == "change"
            heard.update(data["topics"])
        return heard

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(SHUT_RDWR)  # wakes the reader
        self._thread.join(PATIENCE)
        self._http.close()


OpenWindow = Callable[[Client], Window]


@pytest.fixture
def open_window(server: Portal, transactional_db: None) -> Iterator[OpenWindow]:
    """Opens windows that hear everything from the return on; closed at the test's end."""
    windows: list[Window] = []

    def opened(client: Client) -> Window:
        window = Window(server, client)
        windows.append(window)
        assert window.next()[0] == "open"
        return window

    yield opened
    for window in windows:
        window.close()


def test_every_window_of_a_team_hears_what_another_process_changes(
    team: Team, alice: User, alice_client: Client, bob_client: Client, open_window: OpenWindow
) -> None:
    tune = create_tune(team=team, owner=alice)
    windows = [open_window(client) for client in (alice_client, alice_client, bob_client)]
    prompt = submit_prompt(tune=tune, author=alice, text="hi", parameters={}, num_images=1)
    for window in windows:
        heard = window.topics_until(f"prompt-{prompt.public_id}")
        assert f"prompts-{tune.public_id}" in heard
    cancel_prompt(prompt)
    for window in windows:
        window.topics_until(f"prompt-{prompt.public_id}")


def test_another_team_hears_none_of_it(
    team: Team, charlie: User, alice_client: Client, charlie_client: Client,
    open_window: OpenWindow,
) -> None:  # fmt: skip
    insider, outsider = open_window(alice_client), open_window(charlie_client)
    for number in range(1000):
        publish(team, f"prompt-{number}")
        if number % 50 == 49:  # in step, or the page would be told to read everything
            insider.topics_until(f"prompt-{number}")
    publish(Membership.objects.get(user=charlie).team, "theirs")
    assert outsider.topics_until("theirs") == {"theirs"}


def test_a_private_tune_is_heard_by_its_owner_and_the_admins_alone(
    team: Team, alice_client: Client, bob: User, bob_client: Client, vera_client: Client,
    open_window: OpenWindow,
) -> None:  # fmt: skip
    tune = create_tune(team=team, owner=bob, visibility=Tune.Visibility.PRIVATE)
    owner, admin, other = (
        open_window(client) for client in (bob_client, alice_client, vera_client)
    )
    publish_about(tune, "secret")
    publish(team, "open-to-all")
    assert "secret" in owner.topics_until("open-to-all")
    assert "secret" in admin.topics_until("open-to-all")
    assert other.topics_until("open-to-all") == {"open-to-all"}


def test_signing_out_ends_the_streams_of_that_session_and_no_other(
    team: Team, bob: User, open_window: OpenWindow
) -> None:
    one, other = signed_in(bob), signed_in(bob)
    ended, staying = open_window(one), open_window(other)
    one.logout()
    assert ended.next() == ("bye", {})
    assert ended.next()[0] == "end"
    publish(team, "still-here")
    assert staying.topics_until("still-here") == {"still-here"}


def test_disabling_somebody_ends_their_streams(
    bob: User, bob_client: Client, open_window: OpenWindow
) -> None:
    window = open_window(bob_client)
    bob.is_active = False
    bob.save()
    assert window.next()[0] == "bye"


def test_who_leaves_a_team_hears_no_more_of_it(
    team: Team, bob: User, bob_client: Client, alice_client: Client, open_window: OpenWindow
) -> None:
    leaver, stayer = open_window(bob_client), open_window(alice_client)
    Membership.objects.get(user=bob).delete()
    publish(team, "after")
    stayer.topics_until("after")
    assert leaver.next() == ("bye", {})
    assert leaver.next()[0] == "end"


def test_many_streams_keep_no_database_connection(
    team: Team, alice_client: Client, open_window: OpenWindow
) -> None:
    """PostgreSQL allows 100; a stream that kept one would shut others out."""
    windows = [open_window(alice_client) for _ in range(120)]
    publish(team, "all-of-you")
    for window in windows:
        window.topics_until("all-of-you")


def test_a_window_that_is_closed_leaves_the_others_alone(
    team: Team, alice_client: Client, open_window: OpenWindow
) -> None:
    closed, staying = open_window(alice_client), open_window(alice_client)
    closed.close()
    for number in range(3):
        publish(team, f"topic-{number}")
        staying.topics_until(f"topic-{number}")
