"""The one place of validation, used by the pages and the gateway alike."""

from .api_keys import ApiKeyForm
from .api_tunes import ApiTuneChangeForm, ApiTuneForm
from .deliveries import DeliveryFilterForm, PingForm
from .engines import EngineForm
from .invitations import (
    AddressForm,
    InviteForm,
    InviteLinkForm,
    InviteTableForm,
    JoinForm,
    JoinWithAddressForm,
)
from .leaving import AccountDeletionForm
from .members import DepartureForm, MemberSearchForm, RoleForm, SeenForm
from .packs import PackForm, RunPackForm
from .prompts import PromptForm
from .quotas import MemberQuotaForm, TeamQuotaForm
from .setup import SetupForm
from .teams import BackdropForm, NewTeamForm, TeamForm
from .tunes import PhotoForm, TuneForm, TuneSettingsForm

__all__ = [
    "AccountDeletionForm",
    "AddressForm",
    "ApiKeyForm",
    "ApiTuneChangeForm",
    "ApiTuneForm",
    "BackdropForm",
    "DeliveryFilterForm",
    "DepartureForm",
    "EngineForm",
    "InviteForm",
    "InviteLinkForm",
    "InviteTableForm",
    "JoinForm",
    "JoinWithAddressForm",
    "MemberQuotaForm",
    "MemberSearchForm",
    "NewTeamForm",
    "PackForm",
    "PhotoForm",
    "PingForm",
    "PromptForm",
    "RoleForm",
    "RunPackForm",
    "SeenForm",
    "SetupForm",
    "TeamForm",
    "TeamQuotaForm",
    "TuneForm",
    "TuneSettingsForm",
]
