"""Stand-ins for resolver, wire and server."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpcore
import pytest
from pytest_django import Settings

from tests.fetching.network import Network, Server


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    network = Network()
    monkeypatch.setattr(
        httpcore.SyncBackend, "connect_tcp", lambda *args, **kw: network.connect_tcp(*args, **kw)
    )
    return network


@pytest.fixture
def resolver(network: Network, monkeypatch: pytest.MonkeyPatch) -> Network:
    monkeypatch.setattr(socket, "getaddrinfo", network.getaddrinfo)
    return network


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    server = Server()
    settings.FETCH_ALLOWED_HOSTS = [server.host]
    yield server
    server.close()
