"""The engine: our contract on one side, Astria's API on the other."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ..base import Capability, Inspection
from ..errors import EngineError
from ..handoff import (
    Account,
    BaseModel,
    HandOffEngine,
    PromptOrder,
    PromptReport,
    RemoteState,
    TuneOrder,
    TuneReport,
    Verdict,
)
from ..studio.engine import StudioEngine
from . import rules
from .capabilities import CAPABILITIES
from .client import AstriaClient
from .errors import NotThere
from .http import Limits
from .orders import photo_uploads, prompt_fields, tune_fields
from .references import referenced_ids
from .sizes import output_size
from .types import RemotePrompt, RemoteTune

#: Seconds for sending a person's photos over a slow line, and for everything else.
UPLOAD = Limits(total=900)
TALK = Limits(total=120)
#: Somebody waits for the list of models.
LIST = Limits(total=20)
#: Seconds for which the list of models is remembered, and how many of either kind it has.
MODELS_SECONDS = 600.0
MAX_MODELS = 120
#: Kinds of tunes that cannot carry another one.
_NO_BASE = frozenset({"lora", "faceid"})
#: The usual time of a picture, in seconds; twice that with super-resolution.
_SECONDS_PER_IMAGE = 45.0

#: The account's own, the gallery's.
_Models = tuple[list[BaseModel], list[BaseModel]]


class AstriaEngine(HandOffEngine):
    """Trains and generates at Astria, with the team's own account."""

    name = "astria"
    label = "Astria"
    version = "1"
    data_path = "sent to Astria"
    capabilities: Mapping[str, Capability] = CAPABILITIES

    def __init__(self) -> None:
        self._studio = StudioEngine()
        self._remembered: dict[str, tuple[float, _Models]] = {}
        self._lock = threading.Lock()

    # --- Before anything is sent ---------------------------------------------------------------

    def inspect(self, data: bytes) -> Inspection:
        """Looks at the photo here: photos need not leave before training is asked for."""
        return self._studio.inspect(data)

    def output_size(self, parameters: Mapping[str, Any]) -> tuple[int, int]:
        return output_size(parameters)

    def expected_seconds(self, parameters: Mapping[str, Any], num_images: int) -> float:
        """Astria's typical times, 30 s to 2 min a picture."""
        each = _SECONDS_PER_IMAGE * (2 if parameters.get("super_resolution") else 1)
        return each * num_images

    def check(self, account: Account) -> str:
        found = _client(account).account()
        who = found.name or found.email or f"account {found.id}"
        if found.name and found.email:
            who = f"{found.name} ({found.email})"
        if found.balance_mc is None:
            return who
        return f"{who}, balance ${found.balance_mc / 100_000:,.2f}"

    def base_models(self, account: Account) -> Sequence[BaseModel]:
        """The account's own checkpoints first, then the gallery's; remembered for ten minutes."""
        own, gallery = self._models(account)
        return list({model.id: model for model in (*own, *gallery)}.values())

    def _gallery(self, account: Account) -> frozenset[int]:
        """The ids of what Astria offers everybody."""
        return frozenset(model.id for model in self._models(account)[1])

    def _models(self, account: Account) -> _Models:
        name = hashlib.sha256(f"{account.base_url}\n{account.key}".encode()).hexdigest()
        with self._lock:
            asked, models = self._remembered.get(name, (-MODELS_SECONDS, ([], [])))
        if time.monotonic() - asked < MODELS_SECONDS:
            return models
        models = _list_models(_client(account, LIST))
        with self._lock:
            self._remembered[name] = time.monotonic(), models
        return models

    # --- Orders --------------------------------------------------------------------------------

    def submit_tune(self, account: Account, order: TuneOrder) -> TuneReport:
        photos = photo_uploads(order.photos)
        client = _client(account, UPLOAD)
        return _tune_report(client.create_tune(tune_fields(order), photos, once=order.callback))

    def submit_prompt(self, account: Account, order: PromptOrder) -> PromptReport:
        strangers = set(referenced_ids(order.text)) - order.tunes.keys()
        public = self._gallery(account) if strangers else frozenset()
        fields = prompt_fields(account, order, public)
        client = _client(account)
        return _prompt_report(client.create_prompt(order.tune_id, fields, once=order.callback))

    def fetch_tune(self, account: Account, tune_id: int) -> TuneReport:
        return _tune_report(_client(account).tune(tune_id))

    def fetch_prompt(self, account: Account, prompt_id: int, tune_id: int) -> PromptReport:
        return _prompt_report(_client(account).prompt(prompt_id, tune_id))

    def find_tune(self, account: Account, callback: str) -> TuneReport | None:
        found = _client(account).find_tune(callback)
        return _tune_report(found) if found else None

    def find_prompt(self, account: Account, tune_id: int, callback: str) -> PromptReport | None:
        found = _client(account).find_prompt(tune_id, callback)
        return _prompt_report(found) if found else None

    def delete_tune(self, account: Account, tune_id: int) -> None:
        try:
            _client(account).delete_tune(tune_id)
        except NotThere:
            return

    def delete_prompt(self, account: Account, prompt_id: int, tune_id: int) -> None:
        try:
            _client(account).delete_prompt(prompt_id, tune_id)
        except NotThere:
            return

    def judge(self, error: EngineError, tries: int) -> Verdict:
        return rules.judge(error, tries)


def _client(account: Account, limits: Limits = TALK) -> AstriaClient:
    return AstriaClient(account.base_url, account.key, limits=limits)


def _list_models(client: AstriaClient) -> _Models:
    """The account's own models that can carry others, and the gallery's."""
    own = [tune for tune in client.tunes(limit=MAX_MODELS) if tune.is_trained]
    bases = [tune for tune in own if tune.model_type not in _NO_BASE]
    gallery = client.gallery_tunes(limit=MAX_MODELS)
    return [_model(tune, is_own=True) for tune in bases], [_model(tune) for tune in gallery]


def _model(tune: RemoteTune, *, is_own: bool = False) -> BaseModel:
    return BaseModel(tune.id, tune.title or f"Tune {tune.id}", tune.branch, is_own)


def _tune_report(tune: RemoteTune) -> TuneReport:
    state = RemoteState.OPEN
    if tune.is_failed:
        state = RemoteState.FAILED
    elif tune.is_trained:
        state = RemoteState.DONE
    return TuneReport(
        id=tune.id,
        state=state,
        callback=tune.callback,
        error=_reason(tune) if state is RemoteState.FAILED else "",
        progress=tune.progress(dt.datetime.now(dt.UTC)),
        eta=tune.eta,
        trained_at=tune.trained_at,
        expires_at=tune.expires_at,
        characteristics=tune.characteristics,
    )


def _prompt_report(prompt: RemotePrompt) -> PromptReport:
    state = RemoteState.OPEN
    if prompt.is_failed:
        state = RemoteState.FAILED
    elif prompt.is_done:
        state = RemoteState.DONE
    return PromptReport(
        id=prompt.id,
        state=state,
        callback=prompt.callback,
        error=_reason(prompt) if state is RemoteState.FAILED else "",
        seed=prompt.seed,
        images=tuple(image.url for image in prompt.images),
    )


def _reason(entity: RemoteTune | RemotePrompt) -> str:
    """Astria's own words, or at least the state it names."""
    return entity.user_error or f"Astria says only: {entity.status}."
