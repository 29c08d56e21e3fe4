"""What was agreed to for a person, as pages tell it, and whose data somebody decides about."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from prompts.forms.api_keys import KEY_CONSENT_TEXT
from prompts.forms.tunes import consent_text
from prompts.models import Consent, Tune, User

#: As many digits of a text's SHA-256 tell its versions apart.
VERSION_LENGTH = 8


@dataclass(frozen=True)
class ConsentWords:
    """A consent record in words; `is_present` says whether the same text is asked for today."""

    subject: str
    confirmed_by: str
    is_own: bool
    at: dt.datetime
    text: str
    version: str
    is_present: bool


def consent_words(tune: Tune) -> ConsentWords | None:
    """None for a person of whom no consent is recorded."""
    consent: Consent | None = getattr(tune, "consent", None)
    if consent is None:
        return None
    return ConsentWords(
        subject=consent.subject,
        confirmed_by=_confirmed_by(consent),
        is_own=consent.relation == Consent.Relation.SELF,
        at=consent.confirmed_at,
        text=consent.text,
        version=consent.text_sha256[:VERSION_LENGTH],
        is_present=consent.text in (consent_text(tune.engine), KEY_CONSENT_TEXT),
    )


def _confirmed_by(consent: Consent) -> str:
    user, address = consent.confirmed_by, consent.confirmed_by_email
    if user is not None and user.name and address:
        return f"{user.name} ({address})"
    return str(user or "") or address or "somebody who has left"


def own_tunes(user: User) -> list[Tune]:
    """The people whose photos this user brought, in every team they are in; newest first."""
    teams = user.memberships.values("team")
    rows = Tune.objects.filter(owner=user, team__in=teams).select_related("team", "consent")
    return list(rows.order_by("-id"))
