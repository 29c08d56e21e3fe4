"""Everything we ask of Astria, as one class."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from .encoding import Upload
from .errors import OutcomeUnknown
from .http import Http, Limits
from .readers import (
    Malformed,
    read_account,
    read_list,
    read_order,
    read_pack,
    read_prompt,
    read_tune,
)
from .types import RemoteAccount, RemoteOrder, RemotePack, RemotePrompt, RemoteTune

#: The longest page Astria gives.
PAGE = 120

_T = TypeVar("_T")


class AstriaClient:
    """One account at Astria, or at anything that speaks its API.

    `base_url` is `https://api.astria.ai` or another portal's `https://PORTAL/api`. Methods raise
    `errors.AstriaError`. Lists come newest first; `before_id` continues where a page has ended.
    `fields` are named as in the API and nest; `once` names a request that must not be carried out
    twice (see `Http.send`).
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        workspace: str = "",
        limits: Limits = Limits(),  # noqa: B008 - frozen
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = Http(base_url, key, workspace=workspace, limits=limits, transport=transport)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._http.base_url!r})"

    # --- Account ------------------------------------------------------------------------------

    def account(self) -> RemoteAccount:
        """Whose key this is: the cheapest way to find out whether it works."""
        return _read(read_account, self._http.get("/users"))

    # --- Tunes --------------------------------------------------------------------------------

    def create_tune(
        self, fields: Mapping[str, Any], photos: Sequence[Upload] = (), *, once: str = ""
    ) -> RemoteTune:
        """Starts training; `fields` as of a tune (title, name, callback, …)."""
        tune = dict(fields) | ({"images": list(photos)} if photos else {})
        return _read(read_tune, self._http.send("POST", "/tunes", {"tune": tune}, once=once))

    def tunes(self, *, limit: int = 20, **filters: Any) -> list[RemoteTune]:
        """Filters: title, name (a list), model_type, branch, before_id, offset."""
        return _read_all(read_tune, self._http.get("/tunes", {"limit": limit, **filters}))

    def gallery_tunes(self, *, limit: int = 20, **filters: Any) -> list[RemoteTune]:
        """Public base models."""
        return _read_all(read_tune, self._http.get("/gallery/tunes", {"limit": limit, **filters}))

    def tune(self, tune_id: int) -> RemoteTune:
        return _read(read_tune, self._http.get(f"/tunes/{tune_id}"))

    def update_tune(self, tune_id: int, fields: Mapping[str, Any]) -> RemoteTune:
        """Fields: title, name, auto_extend, characteristics."""
        answer = self._http.send("PATCH", f"/tunes/{tune_id}", {"tune": fields})
        return _read(read_tune, answer)

    def delete_tune(self, tune_id: int) -> None:
        self._http.tell("DELETE", f"/tunes/{tune_id}")

    # --- Prompts ------------------------------------------------------------------------------

    def create_prompt(
        self, tune_id: int, fields: Mapping[str, Any], *, once: str = ""
    ) -> RemotePrompt:
        """Asks for pictures; pictures among `fields` are `Upload`s."""
        path = f"/tunes/{tune_id}/prompts"
        return _read(read_prompt, self._http.send("POST", path, {"prompt": fields}, once=once))

    def prompts(
        self, tune_id: int | None = None, *, limit: int = 20, **filters: Any
    ) -> list[RemotePrompt]:
        """Of one tune, or all. Filters: text, pack_id, user_id, liked, before_id, offset, …"""
        path = "/prompts" if tune_id is None else f"/tunes/{tune_id}/prompts"
        return _read_all(read_prompt, self._http.get(path, {"limit": limit, **filters}))

    def prompt(self, prompt_id: int, tune_id: int | None = None) -> RemotePrompt:
        return _read(read_prompt, self._http.get(_prompt_path(prompt_id, tune_id)))

    def delete_prompt(self, prompt_id: int, tune_id: int | None = None) -> None:
        self._http.tell("DELETE", _prompt_path(prompt_id, tune_id))

    def duplicate_prompt(
        self, prompt_id: int, changes: Mapping[str, Any] | None = None, *, once: str = ""
    ) -> RemotePrompt:
        """The same prompt again, with any of its attributes changed."""
        fields = {"prompt": dict(changes or {})}
        answer = self._http.send("POST", f"/prompts/{prompt_id}/duplicate", fields, once=once)
        return _read(read_prompt, answer)

    def like(self, prompt_id: int) -> None:
        self._http.tell("POST", f"/prompts/{prompt_id}/likes")

    def unlike(self, prompt_id: int) -> None:
        self._http.tell("DELETE", f"/prompts/{prompt_id}/likes")

    # --- Packs and inspection -----------------------------------------------------------------

    def packs(self, **filters: Any) -> list[RemotePack]:
        """The account's packs. Filters: public, listed."""
        return _read_all(read_pack, self._http.get("/packs", filters))

    def gallery_packs(self, **filters: Any) -> list[RemotePack]:
        return _read_all(read_pack, self._http.get("/gallery/packs", filters))

    def pack(self, slug_or_id: str | int) -> RemotePack:
        return _read(read_pack, self._http.get(_pack_path(slug_or_id)))

    def run_pack(
        self,
        slug_or_id: str | int,
        fields: Mapping[str, Any],
        photos: Sequence[Upload] = (),
        *,
        once: str = "",
    ) -> RemoteOrder:
        """Runs a pack on a new tune made of `photos`, or on those in `fields["tune_ids"]`."""
        tune = dict(fields) | ({"images": list(photos)} if photos else {})
        path = f"{_pack_path(slug_or_id)}/tunes"
        return _read(read_order, self._http.send("POST", path, {"tune": tune}, once=once))

    def inspect(self, class_name: str, photo: Upload) -> dict[str, Any]:
        """Traits and warnings for one photo, as Astria names them."""
        answer = self._http.send("POST", "/images/inspect", {"name": class_name, "file": photo})
        if not isinstance(answer, dict):
            raise OutcomeUnknown("Astria's answer is not what was asked for.")
        return answer

    # --- Searching ----------------------------------------------------------------------------

    def find_tune(self, callback: str, *, pages: int = 10) -> RemoteTune | None:
        """The tune that bears this callback, None when there is none."""
        return _find(self.tunes, callback, pages)

    def find_prompt(self, tune_id: int, callback: str, *, pages: int = 10) -> RemotePrompt | None:
        """The tune's prompt that bears this callback, None when there is none."""

        def page(**query: Any) -> list[RemotePrompt]:
            return self.prompts(tune_id, **query)

        return _find(page, callback, pages)


def _prompt_path(prompt_id: int, tune_id: int | None) -> str:
    return f"/prompts/{prompt_id}" if tune_id is None else f"/tunes/{tune_id}/prompts/{prompt_id}"


def _pack_path(slug_or_id: str | int) -> str:
    return f"/p/{quote(str(slug_or_id), safe='')}"


def _read(reader: Callable[[Any], _T], data: Any) -> _T:
    try:
        return reader(data)
    except Malformed as error:
        raise OutcomeUnknown("Astria's answer is not what was asked for.") from error


def _read_all(reader: Callable[[Any], _T], data: Any) -> list[_T]:
    return [_read(reader, entry) for entry in _read(read_list, data)]


_Found = TypeVar("_Found", RemoteTune, RemotePrompt)


def _find(page: Callable[..., list[_Found]], callback: str, pages: int) -> _Found | None:
    """Goes through the pages, newest first; raises OutcomeUnknown when `pages` do not suffice.

    Then "not found" would not mean "not there", and sending again might make a second one.
    """
    for found in _pages(page, pages):
        for entry in found:
            if entry.callback == callback:
                return entry
    return None


def _pages(page: Callable[..., list[_Found]], pages: int) -> Iterator[list[_Found]]:
    before: int | None = None
    for _ in range(pages):
        found = page(limit=PAGE, before_id=before)
        oldest = min((entry.id for entry in found), default=None)
        if oldest is None or oldest == before:
            return
        yield found
        before = oldest
    raise OutcomeUnknown("Astria has too many entries to search through.")
