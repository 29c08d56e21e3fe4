"""Which engines there are."""

from __future__ import annotations

import threading

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from .base import AnyEngine, Engine
from .errors import EngineError
from .handoff import HandOffEngine

#: The engine behind `branch=fast`: free, and nothing of the person.
MOCK = "mock"


class UnknownEngine(EngineError):
    """Something was made with an engine that this installation does not have."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The engine “{name}” is not installed here.", retryable=False)


_engines: dict[str, AnyEngine] = {}
_lock = threading.Lock()


def get_engine(name: str) -> AnyEngine:
    """The one instance of this process; raises UnknownEngine for a name not in the settings."""
    engine = _engines.get(name)
    if engine is None:
        with _lock:
            engine = _engines.get(name) or _engines.setdefault(name, _new_engine(name))
    return engine


def _new_engine(name: str) -> AnyEngine:
    if name not in settings.ENGINES:
        raise UnknownEngine(name)
    engine: AnyEngine = import_string(settings.ENGINES[name])()
    return engine


def get_rendering_engine(name: str) -> Engine:
    """The engine, which must be one that finishes inside the job."""
    engine = get_engine(name)
    if not isinstance(engine, Engine):
        raise UnknownEngine(name)
    return engine


def get_handoff_engine(name: str) -> HandOffEngine:
    """The engine, which must be one that hands its work over."""
    engine = get_engine(name)
    if not isinstance(engine, HandOffEngine):
        raise UnknownEngine(name)
    return engine


def label_of(name: str) -> str:
    """What pages call the engine; its name where it is not installed any more."""
    try:
        return get_engine(name).label
    except UnknownEngine:
        return name


def hands_over(name: str) -> bool:
    """Whether the engine of that name hands its work over; False for one that is unknown."""
    try:
        return isinstance(get_engine(name), HandOffEngine)
    except UnknownEngine:
        return False


def _forget_engines(*, setting: str, **_: object) -> None:
    if setting == "ENGINES":
        _engines.clear()


setting_changed.connect(_forget_engines)
