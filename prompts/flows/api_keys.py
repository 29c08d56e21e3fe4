"""API keys: make and revoke."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from prompts.audit import record
from prompts.models import ApiKey, Membership


@transaction.atomic
def create_api_key(membership: Membership, **fields: Any) -> tuple[ApiKey, str]:
    """A new key of that member and its plain text; takes what `create_key` takes."""
    key, plain = ApiKey.objects.create_key(membership, **fields)
    record(
        key.team,
        "api_key_created",
        actor=membership.user,
        target=key,
        may_write=key.may_write,
        until=key.expires_at.date().isoformat() if key.expires_at else None,
    )
    return key, plain


@transaction.atomic
def revoke_api_key(key: ApiKey) -> bool:
    """Ends a key for good; False when it was revoked before."""
    revoked = key.revoke()
    if revoked:
        record(key.team, "api_key_revoked", target=key)
    return revoked
