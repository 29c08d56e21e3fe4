"""The one place of validation, used by the pages and the gateway alike."""

from .prompts import PromptForm
from .setup import SetupForm
from .teams import BackdropForm, TeamForm
from .tunes import PhotoForm, TuneForm, TuneSettingsForm

__all__ = [
    "BackdropForm",
    "PhotoForm",
    "PromptForm",
    "SetupForm",
    "TeamForm",
    "TuneForm",
    "TuneSettingsForm",
]
