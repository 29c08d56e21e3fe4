"""The one place of validation, used by the pages and the gateway alike."""

from .prompts import PromptForm
from .setup import SetupForm
from .tunes import PhotoForm, TuneForm, TuneSettingsForm

__all__ = ["PhotoForm", "PromptForm", "SetupForm", "TuneForm", "TuneSettingsForm"]
