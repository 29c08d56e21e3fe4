"""What the fake Astria knows: its tunes and prompts, and how they come along."""

from __future__ import annotations

import datetime as dt
import io
import re
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from tests.astria.rack import File

#: Attributes the real service compares for idempotency: with the callback, without the images.
COMPARED = ("text", "negative_prompt", "callback", "num_images", "seed", "w", "h", "style")


class Answer(Exception):
    """Ends a request with a status and a JSON body."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status)
        self.status, self.body = status, body


@dataclass
class Options:
    """How this Astria behaves; times in seconds."""

    training_seconds: float = 0.0
    prompt_seconds: float = 0.0
    #: "deliver", "drop", "early" (before the answer to the request that creates) or "twice".
    callbacks: str = "deliver"
    #: Callback bodies without the entity's name around it.
    bare: bool = False
    #: "strings" or "objects", as the API has been seen to show images.
    images: str = "strings"
    with_status: bool = False
    idempotent: bool = False
    picture_size: tuple[int, int] = (256, 320)


@dataclass
class World:
    """State behind one lock. `creates` counts what was made anew, by resource."""

    url: str
    options: Options = field(default_factory=Options)
    tunes: dict[int, dict[str, Any]] = field(default_factory=dict)
    prompts: dict[int, dict[str, Any]] = field(default_factory=dict)
    uploads: dict[int, dict[str, Any]] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    creates: Counter[str] = field(default_factory=Counter)
    deleted: list[str] = field(default_factory=list)
    callbacks: list[tuple[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self._next = 1000
        self._due: dict[tuple[str, int], dt.datetime] = {}
        self.pending: list[tuple[str, Any]] = []

    # --- Tunes --------------------------------------------------------------------------------

    def create_tune(self, given: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
        photos = given.get("images") or base.get("images") or given.get("image_urls") or []
        errors = {n: ["can't be blank"] for n in ("title", "name") if not given.get(n)}
        if not photos:
            errors["images"] = ["must contain at least one image"]
        if errors:
            raise Answer(422, errors)
        with self.lock:
            for known in self.tunes.values():
                if self.options.idempotent and known["title"] == given["title"]:
                    return known
            tune = self._new_tune(given)
            self.uploads[tune["id"]] = {"images": photos}
            for prompt in given.get("prompts_attributes") or []:
                self.create_prompt(tune["id"], prompt)
        return tune

    def _new_tune(self, given: Mapping[str, Any]) -> dict[str, Any]:
        number, now = self._number(), _now()
        done = now + dt.timedelta(seconds=self.options.training_seconds)
        tune = {
            "id": number,
            "title": given["title"],
            "name": given["name"],
            "token": given.get("token") or "ohwx",
            "branch": given.get("branch") or "flux1",
            "model_type": given.get("model_type") or "lora",
            "callback": given.get("callback"),
            "characteristics": given.get("characteristics") or {},
            "eta": _iso(done),
            "created_at": _iso(now),
            "updated_at": _iso(now),
            "started_training_at": _iso(now),
            "trained_at": None,
            "expires_at": None,
            "url": f"{self.url}/tunes/{number}.json",
            "orig_images": [],
        }
        self.tunes[number] = tune
        self.creates["tunes"] += 1
        self._due["tune", number] = done
        return tune

    def update_tune(self, number: int, changes: Mapping[str, Any]) -> dict[str, Any]:
        tune = self.find(self.tunes, number)
        allowed = ("title", "name", "auto_extend", "characteristics")
        return _changed(tune, changes, allowed)

    # --- Prompts ------------------------------------------------------------------------------

    def create_prompt(self, tune: int, given: Mapping[str, Any]) -> dict[str, Any]:
        self.find(self.tunes, tune)
        errors = {} if given.get("text") else {"text": ["can't be blank"]}
        if not 1 <= int(given.get("num_images") or 1) <= 8:
            errors["num_images"] = ["must be in 1..8"]
        if errors:
            raise Answer(422, errors)
        with self.lock:
            for known in self.prompts.values():
                if self.options.idempotent and known["tune_id"] == tune and _equal(known, given):
                    return known
            return self._new_prompt(tune, given)

    def _new_prompt(self, tune: int, given: Mapping[str, Any]) -> dict[str, Any]:
        number, now = self._number(), _now()
        fields = {name: _typed(v) for name, v in given.items() if not isinstance(v, File)}
        self.uploads[number] = {n: v for n, v in given.items() if isinstance(v, File)}
        prompt: dict[str, Any] = {
            "negative_prompt": "",
            "callback": None,
            "seed": None,
            "num_images": 1,
            **fields,
            "id": number,
            "tune_id": tune,
            "created_at": _iso(now),
            "updated_at": _iso(now),
            "started_training_at": None,
            "trained_at": None,
            "liked": False,
            "url": f"{self.url}/tunes/{tune}/prompts/{number}.json",
            "images": [],
        }
        if self.options.with_status:
            prompt["status"] = "queued"
        self.prompts[number] = prompt
        self.creates["prompts"] += 1
        self._due["prompt", number] = now + dt.timedelta(seconds=self.options.prompt_seconds)
        return prompt

    def duplicate(self, number: int, changes: Mapping[str, Any]) -> dict[str, Any]:
        prompt = self.find(self.prompts, number)
        kept = {n: v for n, v in prompt.items() if n in COMPARED and v is not None}
        again = self._new_prompt(prompt["tune_id"], {**kept, **changes})
        again["orig_prompt_id"] = number
        return again

    # --- Both ---------------------------------------------------------------------------------

    def find(self, rows: dict[int, dict[str, Any]], number: int) -> dict[str, Any]:
        with self.lock:
            if number not in rows:
                raise Answer(404, {"error": "Not found"})
            return rows[number]

    def page(
        self, rows: dict[int, dict[str, Any]], query: Mapping[str, str], **equal: Any
    ) -> list[dict[str, Any]]:
        """Newest first, with the service's limits."""
        limit, offset = int(query.get("limit") or 20), int(query.get("offset") or 0)
        if not 1 <= limit <= 120:
            raise Answer(400, {"error": "limit must be between 1 and 120"})
        before = int(query.get("before_id") or 2**62)
        with self.lock:
            found = [
                row
                for number, row in sorted(rows.items(), reverse=True)
                if number < before
                and all(row.get(name) == value for name, value in equal.items())
                and query.get("title", "") in (row.get("title") or "")
            ]
        return found[offset : offset + limit]

    def delete(self, kind: str, number: int) -> dict[str, Any]:
        rows = self.tunes if kind == "tunes" else self.prompts
        with self.lock:
            gone = self.find(rows, number)
            del rows[number]
            self.deleted.append(f"/{kind}/{number}")
            if kind == "tunes":
                orphans = [p for p, row in self.prompts.items() if row["tune_id"] == number]
                for prompt in orphans:
                    del self.prompts[prompt]
        return gone

    def come_along(self, now: dt.datetime | None = None) -> None:
        """Ends whatever is due, and notes the callbacks that are to be sent."""
        now = now or _now()
        with self.lock:
            for (kind, number), due in sorted(self._due.items(), key=lambda item: item[1]):
                rows = self.tunes if kind == "tune" else self.prompts
                row = rows.get(number)
                if due > now or (row and kind == "prompt" and not self._is_ready(row)):
                    continue
                del self._due[kind, number]
                if row is not None:
                    self._finish(kind, row)

    def _is_ready(self, prompt: Mapping[str, Any]) -> bool:
        tune = self.tunes.get(prompt["tune_id"])
        return tune is None or tune["trained_at"] is not None

    def _finish(self, kind: str, row: dict[str, Any]) -> None:
        now = _now()
        words = row["title"] if kind == "tune" else row["text"]
        row["updated_at"] = _iso(now)
        failed = re.search(r"fail: *([^,]+)", words)
        if failed:
            row["user_error"] = failed[1].strip()
        else:
            row["trained_at"] = _iso(now)
        if kind == "tune" and not failed:
            row["expires_at"] = _iso(now + dt.timedelta(days=30))
        if kind == "prompt" and not failed:
            row["images"] = [self._picture(row, index) for index in range(row["num_images"])]
        if self.options.with_status:
            row["status"] = "failed" if failed else "trained" if kind == "tune" else "completed"
        if row.get("callback"):
            self.pending.append((row["callback"], row if self.options.bare else {kind: row}))

    def _picture(self, prompt: Mapping[str, Any], index: int) -> Any:
        """The address of a new picture; its name tells prompt and place, for scripted faults."""
        width, height = self.options.picture_size
        size = (int(prompt.get("w") or width), int(prompt.get("h") or height))
        name = f"{prompt['id']}-{index}-{secrets.token_hex(8)}.jpg"
        buffer = io.BytesIO()
        color = tuple(secrets.token_bytes(3))
        Image.new("RGB", size, color).save(buffer, "JPEG")
        self.pictures[name] = buffer.getvalue()
        url = f"{self.url}/pictures/{name}"
        return url if self.options.images == "strings" else {"id": index + 1, "url": url}

    def _number(self) -> int:
        with self.lock:
            self._next += 1
            return self._next

    def state(self) -> dict[str, Any]:
        """Everything a test in another process may want to see."""
        with self.lock:
            return {
                "creates": dict(self.creates),
                "tunes": list(self.tunes.values()),
                "prompts": list(self.prompts.values()),
                "deleted": self.deleted,
                "callbacks": self.callbacks,
            }


def _changed(
    row: dict[str, Any], changes: Mapping[str, Any], allowed: tuple[str, ...]
) -> dict[str, Any]:
    row.update({name: value for name, value in changes.items() if name in allowed})
    return row


def _equal(known: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    return all(known.get(name) == _typed(given.get(name, known.get(name))) for name in COMPARED)


def _typed(value: Any) -> Any:
    """Forms know only strings."""
    known: dict[str, Any] = {"true": True, "false": False}
    if not isinstance(value, str):
        return value
    readers: tuple[Callable[[str], Any], ...] = (int, float)
    for read in readers:
        try:
            return read(value)
        except ValueError:
            continue
    return known.get(value, value)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _iso(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
