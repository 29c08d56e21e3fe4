"""One concept a module, re-exported here."""

from .albums import Album, AlbumImage
from .api_keys import ApiKey
from .astria_accounts import ASTRIA_URL, AstriaAccount
from .audit import AuditEntry, Via
from .campaigns import Campaign
from .changes import Change
from .deliveries import CallbackHost, Delivery, DeliveryStatus
from .erasures import Erasure
from .handovers import Handover
from .idempotency import IdempotencyKey
from .images import THUMBNAIL_SIZES, Image
from .invitations import (
    CONFIRMATION_LIFETIME,
    INVITATION_LIFETIME,
    INVITED_ROLES,
    Invitation,
    InviteLink,
)
from .jobs import Job
from .likes import Like, liked_by
from .limits import RateLimit
from .mails import Mail, MailStatus
from .packs import Pack, PackItem, Shoot
from .photos import Photo
from .presets import Preset
from .prompts import Prompt
from .quotas import Quota, UsageDay, UsageEntry
from .share_guests import Pick, ShareVisit
from .shares import Share, ShareItem
from .states import (
    PROMPT_OPEN,
    PROMPT_RETRYABLE,
    TUNE_OPEN,
    TUNE_RETRYABLE,
    PromptStatus,
    TuneStatus,
)
from .team_deletions import TeamDeletion
from .teams import ADMIN_ROLES, MAKER_ROLES, ROLE_WORDS, Membership, Role, Team
from .tunes import (
    CLASS_NAMES,
    DEFAULT_TOKEN,
    MAX_PHOTOS,
    MIN_PHOTOS,
    Consent,
    Tune,
)
from .turns import Lane, QueueClock
from .users import User

__all__ = [
    "ADMIN_ROLES",
    "ASTRIA_URL",
    "CLASS_NAMES",
    "CONFIRMATION_LIFETIME",
    "DEFAULT_TOKEN",
    "INVITATION_LIFETIME",
    "INVITED_ROLES",
    "MAKER_ROLES",
    "MAX_PHOTOS",
    "MIN_PHOTOS",
    "PROMPT_OPEN",
    "PROMPT_RETRYABLE",
    "ROLE_WORDS",
    "THUMBNAIL_SIZES",
    "TUNE_OPEN",
    "TUNE_RETRYABLE",
    "Album",
    "AlbumImage",
    "ApiKey",
    "AstriaAccount",
    "AuditEntry",
    "CallbackHost",
    "Campaign",
    "Change",
    "Consent",
    "Delivery",
    "DeliveryStatus",
    "Erasure",
    "Handover",
    "IdempotencyKey",
    "Image",
    "Invitation",
    "InviteLink",
    "Job",
    "Lane",
    "Like",
    "Mail",
    "MailStatus",
    "Membership",
    "Pack",
    "PackItem",
    "Photo",
    "Pick",
    "Preset",
    "Prompt",
    "PromptStatus",
    "QueueClock",
    "Quota",
    "RateLimit",
    "Role",
    "Share",
    "ShareItem",
    "ShareVisit",
    "Shoot",
    "Team",
    "TeamDeletion",
    "Tune",
    "TuneStatus",
    "UsageDay",
    "UsageEntry",
    "User",
    "Via",
    "liked_by",
]
