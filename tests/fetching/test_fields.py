"""Every place that takes an address goes through the guard, however the address is spelled."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Callable, Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from prompts.engines.astria.client import AstriaClient
from prompts.engines.astria.downloads import PictureMissing, download_picture
from prompts.engines.astria.errors import AstriaError
from prompts.fetching import FetchError, fetch
from prompts.forms.prompts import PromptForm
from tests.factories import jpeg_bytes
from tests.fetching.network import NOT_PUBLIC, Network


def spellings(address: str) -> Iterator[str]:
    """The ways to write an address as the host of a link."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        yield from (f"[{ip.compressed}]", f"[{ip.exploded}]", f"[{ip.compressed.upper()}]")
        return
    number, octets = int(ip), [int(part) for part in address.split(".")]
    a, b, c, d = octets
    yield address
    yield f"{address}."
    yield str(number)
    yield hex(number)
    yield oct(number).replace("0o", "0")
    yield ".".join(hex(part) for part in octets)
    yield ".".join(f"0{part:o}" for part in octets)
    yield f"{a}.{b * 65536 + c * 256 + d}"
    yield f"{a}.{b}.{c * 256 + d}"
    yield address.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    yield address.replace(".", "。")
    yield address.replace(".", "%2e")
    yield f"[::ffff:{address}]"
    yield f"[::ffff:{number >> 16:x}:{number & 0xFFFF:x}]"
    yield f"[64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}]"
    yield f"[2002:{number >> 16:x}:{number & 0xFFFF:x}::1]"


HOSTS = [host for address in NOT_PUBLIC if " " not in address and "%" not in address
         for host in spellings(address)]  # fmt: skip


def _of_form(field: str, **files: SimpleUploadedFile) -> Callable[[str], bool]:
    def refuses(url: str) -> bool:
        form = PromptForm({"text": "ohwx man", field: url}, files)
        return not form.is_valid() and field in form.errors and field not in form.images

    return refuses


def _raises(kind: type[Exception], call: Callable[[str], object]) -> Callable[[str], bool]:
    def refuses(url: str) -> bool:
        with contextlib.suppress(kind):
            call(url)
            return False
        return True

    return refuses


def _picture() -> SimpleUploadedFile:
    return SimpleUploadedFile("input.jpg", jpeg_bytes(), "image/jpeg")


#: Every field that takes an address → whether it refuses one.
FIELDS: dict[str, Callable[[str], bool]] = {
    "a link": _raises(FetchError, fetch),
    "the form's input_image_url": _of_form("input_image_url"),
    "a remote picture": _raises(PictureMissing, lambda url: download_picture(url, tries=0)),
    "an engine's address": _raises(AstriaError, lambda url: AstriaClient(url, "sd_key").account()),
}


@pytest.fixture
def literal(network: Network, monkeypatch: pytest.MonkeyPatch) -> Network:
    """A resolver that knows no names, but reads numbers in all the spellings of inet_aton."""

    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        with contextlib.suppress(OSError):
            found = socket.inet_ntoa(socket.inet_aton(host.rstrip(".")))
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port))]
        with contextlib.suppress(OSError):
            packed = socket.inet_pton(socket.AF_INET6, host)
            found = socket.inet_ntop(socket.AF_INET6, packed)
            return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (found, port, 0, 0))]
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return network


@pytest.mark.parametrize("field", FIELDS)
def test_no_spelling_of_an_inner_address_is_dialled_from_any_field(
    literal: Network, field: str
) -> None:
    for host in HOSTS:
        for scheme in ("http", "https"):
            assert FIELDS[field](f"{scheme}://{host}/me.jpg"), host
    assert literal.dialled == []


@pytest.mark.parametrize("field", FIELDS)
def test_no_field_dials_another_address_than_the_judged_one(resolver: Network, field: str) -> None:
    resolver.names["flips.example"] = [["93.184.215.14"], ["127.0.0.1"]]
    assert FIELDS[field]("http://flips.example/me.jpg")
    assert resolver.asked == ["flips.example"]
    assert resolver.dialled == [("93.184.215.14", 80)]


def test_a_mask_is_fetched_through_the_guard_too(literal: Network) -> None:
    form = PromptForm(
        {"text": "ohwx man", "mask_image_url": "http://2130706433/mask.png"},
        {"input_image": _picture()},
    )
    assert not form.is_valid()
    assert "mask_image_url" in form.errors
    assert literal.dialled == []


def test_the_spellings_are_those_a_resolver_reads(literal: Network) -> None:
    """Else the test above would only test names that nobody can resolve."""
    read = 0
    for host in spellings("127.0.0.1"):
        with contextlib.suppress(OSError):
            found = socket.getaddrinfo(host.strip("[]"), 80)
            read += found[0][4][0] in ("127.0.0.1", "::ffff:127.0.0.1")
    assert read >= 10
