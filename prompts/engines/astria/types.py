"""What Astria tells of its objects, as values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: States in which an object that names one is still being worked on.
_OPEN = frozenset({"draft", "queued", "training", "processing", "pending"})
_FAILED = frozenset({"failed", "cancelled", "expired"})


@dataclass(frozen=True)
class RemoteImage:
    """Where a picture lies; `id` only where the server tells one."""

    url: str
    id: int | None = None


@dataclass(frozen=True)
class RemoteTune:
    """A tune at Astria.

    `eta` is when training is expected to end. `status` is empty where the server names none.
    """

    id: int
    title: str = ""
    name: str = ""
    token: str = ""
    branch: str = ""
    model_type: str = ""
    callback: str = ""
    status: str = ""
    user_error: str = ""
    eta: dt.datetime | None = None
    created_at: dt.datetime | None = None
    started_training_at: dt.datetime | None = None
    trained_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    characteristics: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_trained(self) -> bool:
        return self.trained_at is not None and not self.is_failed

    @property
    def is_failed(self) -> bool:
        return bool(self.user_error) or self.status in _FAILED

    def progress(self, now: dt.datetime) -> float | None:
        """How far training has come by its `eta`, 0–1; None when Astria does not say."""
        if self.is_trained:
            return 1.0
        begun = self.started_training_at or self.created_at
        if self.eta is None or begun is None or self.eta <= begun:
            return None
        return min(max((now - begun) / (self.eta - begun), 0.0), 1.0)


@dataclass(frozen=True)
class RemotePrompt:
    """A prompt at Astria."""

    id: int
    tune_id: int | None = None
    text: str = ""
    callback: str = ""
    status: str = ""
    user_error: str = ""
    num_images: int | None = None
    seed: int | None = None
    liked: bool = False
    created_at: dt.datetime | None = None
    started_training_at: dt.datetime | None = None
    trained_at: dt.datetime | None = None
    images: tuple[RemoteImage, ...] = ()

    @property
    def is_done(self) -> bool:
        """Pictures are there, and no more will come."""
        return bool(self.images) and self.status not in _OPEN

    @property
    def is_failed(self) -> bool:
        """There are no pictures and none will come."""
        return not self.images and (bool(self.user_error) or self.status in _FAILED)


@dataclass(frozen=True)
class RemotePack:
    """A collection of prompts that are run together."""

    id: int
    slug: str = ""
    title: str = ""
    main_class_name: str = ""
    cover_url: str = ""
    costs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RemoteAccount:
    """Whose key it is. `balance_mc` is in thousandths of a cent, None where none is told."""

    id: int
    name: str = ""
    email: str = ""
    balance_mc: int | None = None


@dataclass(frozen=True)
class RemoteOrder:
    """What running a pack has set off: a new tune, or prompts of existing ones."""

    tune: RemoteTune | None
    order_id: int | None
    prompt_ids: tuple[int, ...]
