"""One concept a module, re-exported here."""

from .changes import Change
from .images import THUMBNAIL_SIZES, Image
from .jobs import Job
from .photos import Photo
from .presets import Preset
from .prompts import Prompt
from .states import (
    PROMPT_OPEN,
    PROMPT_RETRYABLE,
    TUNE_OPEN,
    TUNE_RETRYABLE,
    PromptStatus,
    TuneStatus,
)
from .teams import ADMIN_ROLES, MAKER_ROLES, Membership, Role, Team
from .tunes import (
    CLASS_NAMES,
    DEFAULT_TOKEN,
    MAX_PHOTOS,
    MIN_PHOTOS,
    Consent,
    Tune,
)
from .users import User

__all__ = [
    "ADMIN_ROLES",
    "CLASS_NAMES",
    "DEFAULT_TOKEN",
    "MAKER_ROLES",
    "MAX_PHOTOS",
    "MIN_PHOTOS",
    "PROMPT_OPEN",
    "PROMPT_RETRYABLE",
    "THUMBNAIL_SIZES",
    "TUNE_OPEN",
    "TUNE_RETRYABLE",
    "Change",
    "Consent",
    "Image",
    "Job",
    "Membership",
    "Photo",
    "Preset",
    "Prompt",
    "PromptStatus",
    "Role",
    "Team",
    "Tune",
    "TuneStatus",
    "User",
]
