"""One request to Astria and its answer: time-outs, size, and what every status means."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from prompts.fetching import FetchRefused, GuardedTransport

from . import encoding
from .answers import EXCERPT_CHARS, error_for
from .errors import AddressRefused, KeyRefused, OutcomeUnknown, Unreachable

_USER_AGENT = "Astria-Web"
_HIDDEN = "•••"
_CALLBACK = re.compile(r'("(?:prompts_)?callback"\s*:\s*")[^"]*')

_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)


@dataclass(frozen=True)
class Limits:
    """Seconds for a connection, for one silence, for everything; bytes of an answer."""

    connect: float = 10.0
    read: float = 40.0
    total: float = 300.0
    max_bytes: int = 8 * 2**20


class Http:
    """Sends requests with the account's key; raises `AstriaError` and nothing else.

    The key stands in one header and nowhere else: not in addresses, messages or `repr`.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        workspace: str = "",
        limits: Limits = Limits(),
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.limits = limits
        self._key = key
        self._workspace = workspace
        self._transport = transport

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_url!r})"

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """The answer's JSON."""
        return self._json(*self._send("GET", path, query=query))

    def send(
        self,
        method: str,
        path: str,
        fields: Mapping[str, Any] | None = None,
        *,
        once: str = "",
    ) -> Any:
        """The answer's JSON. `once` names a request that must not be carried out twice.

        It becomes the Idempotency-Key, for servers that know the header, and fixes whatever else
        of the request would be random, so that a repetition is the same to the byte.
        """
        return self._json(*self._send(method, path, fields=fields, once=once))

    def tell(self, method: str, path: str) -> None:
        """A request whose answer says nothing but that it was done."""
        self._send(method, path)

    def _json(self, answer: httpx.Response, body: bytes) -> Any:
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise OutcomeUnknown(
                "Astria's answer could not be read.",
                status=answer.status_code,
                excerpt=self._clean(body)[:EXCERPT_CHARS],
            ) from error

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        fields: Mapping[str, Any] | None = None,
        once: str = "",
    ) -> tuple[httpx.Response, bytes]:
        if not self._key.isascii() or not self._key.isprintable() or not self._key:
            # Anything else would stand in the words of whoever refuses to send it.
            raise KeyRefused("This is no key: keys are made of letters, digits and _.")
        try:
            with self._client() as client:
                request = client.build_request(
                    method,
                    f"{self.base_url}{path}",
                    params=httpx.QueryParams(tuple(encoding.query_pairs(query or {}))) or None,
                    **encoding.body(fields, once),
                )
                if once:
                    request.headers["Idempotency-Key"] = encoding.digest(once)
                return self._exchange(client, request)
        except FetchRefused as error:
            raise AddressRefused(f"The engine's address cannot be used: {error.message}") from error
        except _NOT_SENT as error:
            raise Unreachable("Astria cannot be reached.") from error
        except httpx.TimeoutException as error:
            raise OutcomeUnknown("Astria did not answer in time.") from error
        except httpx.InvalidURL as error:
            raise AddressRefused("The engine's address is not a valid one.") from error
        except httpx.HTTPError as error:
            raise OutcomeUnknown("The connection to Astria broke off.") from error

    def _client(self) -> httpx.Client:
        limits = self.limits
        headers = {
            "Authorization": f"Bearer {self._key}",
            "Accept": "application/json",
            # Packed answers are refused: a few kilobytes can unpack to gigabytes.
            "Accept-Encoding": "identity",
            "User-Agent": _USER_AGENT,
        }
        if self._workspace:
            headers["X-Workspace-Id"] = self._workspace
        return httpx.Client(
            transport=self._transport or GuardedTransport(limits.total),
            timeout=httpx.Timeout(limits.read, connect=limits.connect),
            headers=headers,
            follow_redirects=False,
            trust_env=False,
        )

    def _exchange(
        self, client: httpx.Client, request: httpx.Request
    ) -> tuple[httpx.Response, bytes]:
        answer = client.send(request, stream=True)
        try:
            body = self._read(answer)
        except OutcomeUnknown:
            if answer.is_success:
                raise
            # The status alone tells enough.
            body = b""
        finally:
            answer.close()
        if not answer.is_success:
            raise error_for(answer.status_code, answer.headers, self._clean(body))
        return answer, body

    def _read(self, answer: httpx.Response) -> bytes:
        """The body as it came over the wire; raises OutcomeUnknown when that is too much."""
        status = answer.status_code
        if answer.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise OutcomeUnknown("Astria's answer is packed, which is not accepted.", status=status)
        body = bytearray()
        end = time.monotonic() + self.limits.total
        for chunk in answer.iter_raw():
            body += chunk
            if len(body) > self.limits.max_bytes:
                raise OutcomeUnknown("Astria's answer is too large.", status=status)
            if time.monotonic() > end:
                raise OutcomeUnknown("Astria did not answer in time.", status=status)
        return bytes(body)

    def _clean(self, body: bytes) -> str:
        """The text without the key and without callbacks, which would let anybody play Astria."""
        text = body.decode("utf-8", "replace").replace(self._key, _HIDDEN)
        return _CALLBACK.sub(rf"\g<1>{_HIDDEN}", text)
