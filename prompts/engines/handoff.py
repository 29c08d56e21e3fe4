"""The contract of engines that hand their work to a service and hear back from it.

Such an engine has no state: it gets the account, the order and ids as values and answers what the
service says. Who submits what when, and how often it is asked about, is `prompts.flows.remote`'s
business. An order's `callback` is unique, saved before the order is sent and the same every time
it is sent again: the service calls it, and by it an order whose answer was lost is found again.
"""

from __future__ import annotations

import datetime as dt
import random
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .base import AnyEngine, SourcePhoto
from .errors import EngineError

FIRST_LOOK, LONGEST_LOOK = 30.0, 15 * 60.0
LOOK_GROWTH = 1.5


@dataclass(frozen=True)
class Account:
    """Where the service is and who we are there.

    `defaults` are parameters, named as in `prompts.parameters`, for prompts that do not give them.
    """

    base_url: str
    key: str = field(repr=False)
    defaults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TuneOrder:
    """A person to be trained.

    `title` is unique to the tune, because the service may take equal titles for the same tune.
    `parameters` are those of `Tune.parameters`.
    """

    title: str
    class_name: str
    token: str
    photos: Sequence[SourcePhoto]
    callback: str
    branch: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    characteristics: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PromptOrder:
    """Pictures to be made of the tune with the service's `tune_id`.

    `parameters` are validated and named as in `prompts.parameters`; absent means not given.
    `tunes` maps our numbers of tunes to the service's, for the references in `text`
    (`<lora:12:0.8>`); a reference to a tune that is not in it raises EngineError.
    """

    tune_id: int
    text: str
    num_images: int
    seed: int
    callback: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tunes: Mapping[int, int] = field(default_factory=dict)
    input_image: bytes | None = None
    mask_image: bytes | None = None


class RemoteState(StrEnum):
    """How far the service is."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class TuneReport:
    """What the service says of a tune; `progress` 0–1, None when it does not tell."""

    id: int
    state: RemoteState
    callback: str = ""
    error: str = ""
    progress: float | None = None
    eta: dt.datetime | None = None
    trained_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    characteristics: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PromptReport:
    """What the service says of a prompt; `images` are addresses, in the order of their places."""

    id: int
    state: RemoteState
    callback: str = ""
    error: str = ""
    seed: int | None = None
    images: Sequence[str] = ()


@dataclass(frozen=True)
class BaseModel:
    """A model of the service that orders may name as their base."""

    id: int
    title: str
    branch: str = ""
    #: Whether it belongs to the account; the others are there for everybody.
    is_own: bool = False


class Action(StrEnum):
    """What to do after a fault."""

    #: The same request will never succeed.
    FAIL = "fail"
    #: Nothing was done: send it again after the delay.
    REPEAT = "repeat"
    #: It may have been done: after the delay look for the callback, and send it again only if
    #: that finds nothing.
    SEARCH = "search"


@dataclass(frozen=True)
class Verdict:
    """`delay` in seconds; `is_down`: the fault is one of the service, not of this request."""

    action: Action
    delay: float = 0.0
    is_down: bool = False


class HandOffEngine(AnyEngine):
    """An engine whose work is done by a service somewhere else."""

    @abstractmethod
    def check(self, account: Account) -> str:
        """Whose account it is, in words; raises EngineError when the key does not work."""

    @abstractmethod
    def submit_tune(self, account: Account, order: TuneOrder) -> TuneReport:
        """Starts training."""

    @abstractmethod
    def submit_prompt(self, account: Account, order: PromptOrder) -> PromptReport:
        """Asks for pictures."""

    @abstractmethod
    def fetch_tune(self, account: Account, tune_id: int) -> TuneReport:
        """The present truth; a tune that is gone raises `errors.Gone`."""

    @abstractmethod
    def fetch_prompt(self, account: Account, prompt_id: int, tune_id: int) -> PromptReport:
        """The present truth; a prompt that is gone raises `errors.Gone`."""

    @abstractmethod
    def find_tune(self, account: Account, callback: str) -> TuneReport | None:
        """The tune that bears this callback; None when there is certainly none."""

    @abstractmethod
    def find_prompt(self, account: Account, tune_id: int, callback: str) -> PromptReport | None:
        """The tune's prompt that bears this callback; None when there is certainly none."""

    @abstractmethod
    def delete_tune(self, account: Account, tune_id: int) -> None:
        """Deletes it there with its photos; one that is gone already is no fault."""

    @abstractmethod
    def delete_prompt(self, account: Account, prompt_id: int, tune_id: int) -> None:
        """Deletes it there with its pictures; one that is gone already is no fault."""

    @abstractmethod
    def base_models(self, account: Account) -> Sequence[BaseModel]:
        """The models to choose from."""

    @abstractmethod
    def judge(self, error: EngineError, tries: int) -> Verdict:
        """What to do after a request has failed for the `tries`-th time in a row (from 1)."""

    def next_look(self, looks: int) -> float:
        """Seconds until an open object that has been looked at `looks` times is looked at again.

        From 30 s, growing by a half each time, to 15 min; up to a quarter more by chance, so that
        what began together spreads out.
        """
        grown = FIRST_LOOK * LOOK_GROWTH ** min(looks, 20)
        return min(grown * (1 + random.random() / 4), LONGEST_LOOK)  # noqa: S311 - spreads load
