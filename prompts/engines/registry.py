"""Which engines there are."""

from __future__ import annotations

import threading

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from .base import Engine
from .errors import EngineError


class UnknownEngine(EngineError):
    """Something was made with an engine that this installation does not have."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The engine “{name}” is not installed here.", retryable=False)


_engines: dict[str, Engine] = {}
_lock = threading.Lock()


def get_engine(name: str) -> Engine:
    """The one instance of this process; raises UnknownEngine for a name not in the settings."""
    engine = _engines.get(name)
    if engine is None:
        with _lock:
            engine = _engines.get(name) or _engines.setdefault(name, _new_engine(name))
    return engine


def _new_engine(name: str) -> Engine:
    if name not in settings.ENGINES:
        raise UnknownEngine(name)
    engine: Engine = import_string(settings.ENGINES[name])()
    return engine


def _forget_engines(*, setting: str, **_: object) -> None:
    if setting == "ENGINES":
        _engines.clear()


setting_changed.connect(_forget_engines)
