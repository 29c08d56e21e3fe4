"""The contract between the portal and whatever makes the pictures.

An engine is plain Python: it knows neither models nor requests. It gets everything it needs as
values, reports progress through a callable and returns results as values, so that one suite of
contract tests runs against every engine.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

JSON = dict[str, Any]
#: Seeds are whole numbers below this.
SEEDS = 2**32


def seed_of(seed: int, index: int) -> int:
    """The seed of one picture of a prompt whose first picture is made with `seed`."""
    return (seed + index) % SEEDS


class Support(StrEnum):
    """How far an engine follows a parameter."""

    HONOURED = "honoured"
    APPROXIMATED = "approximated"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Capability:
    """What an engine does with one parameter, and one sentence that says how."""

    support: Support
    note: str = ""


@dataclass(frozen=True)
class Problem:
    """Something wrong with a photo: a stable code and a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True)
class Inspection:
    """What can be told of one photo before training.

    `quality` is unbounded, higher is better; `traits` holds only what could be told honestly.
    """

    width: int
    height: int
    faces: int
    problems: tuple[Problem, ...] = ()
    quality: float = 0.0
    traits: JSON = field(default_factory=dict)


class Cache(Protocol):
    """Bytes an engine may keep for a tune; erased with it. A missing key answers None."""

    def get(self, key: str) -> bytes | None: ...

    def put(self, key: str, data: bytes) -> None: ...


class MemoryCache:
    """A `Cache` that lives as long as the process, for commands, benchmarks and tests."""

    def __init__(self) -> None:
        self.items: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self.items.get(key)

    def put(self, key: str, data: bytes) -> None:
        self.items[key] = data


class Progress(Protocol):
    """Called with a fraction 0–1 and the step in words.

    Raises when the job was cancelled or its lease is lost; engines let that exception pass.
    """

    def __call__(self, fraction: float, step: str) -> None: ...


@dataclass(frozen=True)
class SourcePhoto:
    """A training photo: its id and how to read the clean JPEG's bytes."""

    id: str
    read: Callable[[], bytes]


@dataclass(frozen=True)
class TrainingRequest:
    """Everything training may look at."""

    class_name: str
    token: str
    photos: Sequence[SourcePhoto]
    cache: Cache


@dataclass(frozen=True)
class TrainingResult:
    """What training found.

    `data` is opaque to the portal and handed back with every `PromptRequest`; `photos` maps a
    photo's id to what was learnt of it; `characteristics` are traits of the person.
    """

    data: JSON
    photos: Mapping[str, JSON] = field(default_factory=dict)
    characteristics: JSON = field(default_factory=dict)


@dataclass(frozen=True)
class PromptRequest:
    """One prompt, or the part of it that is still missing.

    `indexes` are the images to make, each in 0..num_images-1; image i uses seed
    `seed_of(seed, i)` and must not depend on which other indexes are asked for.
    `parameters` are validated and named as in `prompts.parameters`; absent means not given.
    """

    text: str
    parameters: Mapping[str, Any]
    num_images: int
    indexes: Sequence[int]
    seed: int
    token: str
    class_name: str
    photos: Sequence[SourcePhoto]
    cache: Cache
    training_data: JSON
    input_image: bytes | None = None
    mask_image: bytes | None = None


@dataclass(frozen=True)
class Picture:
    """A generated picture: encoded bytes (JPEG, PNG or WebP) and how it was made."""

    index: int
    data: bytes
    width: int
    height: int
    seed: int
    recipe: JSON


class AnyEngine(ABC):
    """What every engine tells of itself, whichever way it works.

    Methods raise `prompts.engines.errors.EngineError`, whose message is shown to the user.
    """

    name: str
    label: str
    version: str
    #: Where the photos go, in words for people: "on this server", "sent to Astria".
    data_path: str
    #: One entry for every name in `prompts.parameters`.
    capabilities: Mapping[str, Capability]

    def warm_up(self) -> None:  # noqa: B027 - many engines have nothing to load
        """Loads what the first job would otherwise wait for; called once by every worker."""

    @abstractmethod
    def inspect(self, data: bytes) -> Inspection:
        """Looks at one clean JPEG; a picture that cannot be read raises EngineError."""

    @abstractmethod
    def output_size(self, parameters: Mapping[str, Any]) -> tuple[int, int]:
        """Width and height in px of the pictures these parameters ask for."""

    def expected_seconds(self, parameters: Mapping[str, Any], num_images: int) -> float | None:
        """A rough expectation for the page, None when it cannot be told."""
        return None


class Engine(AnyEngine):
    """An engine that finishes inside the job; `handoff.HandOffEngine` is the other kind."""

    @abstractmethod
    def train(self, request: TrainingRequest, progress: Progress) -> TrainingResult:
        """Learns a person from photos."""

    @abstractmethod
    def generate(self, request: PromptRequest, progress: Progress) -> Iterator[Picture]:
        """Yields the pictures asked for, each as soon as it exists, in the order of `indexes`."""

    @abstractmethod
    def preview(self, request: PromptRequest, width: int) -> bytes:
        """A small JPEG of the prompt's first image, `width` px wide, fast enough for a card."""
