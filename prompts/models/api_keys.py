"""Keys with which programs use the gateway."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import re
import secrets
import string

from django.conf import settings
from django.db import models
from django.utils import timezone

from prompts.vault import SealedField

from .base import PublicModel
from .teams import Membership, Team

PREFIX = "sd_"
#: How many characters after "sd_" find the row.
LOOKUP_LENGTH = 8
#: 40 of 62 characters: 238 random bits.
SECRET_LENGTH = 40
_CHARACTERS = string.ascii_letters + string.digits
_FORM = re.compile(rf"sd_([A-Za-z0-9]{{{LOOKUP_LENGTH}}})[A-Za-z0-9]{{32,120}}")
#: How exactly `last_used_at` is kept; a call within it writes nothing.
USE_PRECISION = dt.timedelta(minutes=1)


def _random(length: int) -> str:
    return "".join(secrets.choice(_CHARACTERS) for _ in range(length))


def _sha256(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Making keys and finding them again."""

    def create_key(
        self,
        membership: Membership,
        *,
        name: str,
        may_write: bool = False,
        expires_at: dt.datetime | None = None,
        consent_text: str = "",
    ) -> tuple[ApiKey, str]:
        """A new key of that member: its row, and the plain key, which nothing else ever tells.

        A key that may write needs the words of consent to which its maker has agreed, and a role
        that may make things; raises ValueError without.
        """
        if may_write and not membership.may_make:
            raise ValueError("This role only looks, and so may its keys.")
        if may_write and not consent_text:
            raise ValueError("A key that may write needs the consent for the photos it will bring.")
        lookup = _random(LOOKUP_LENGTH)
        plain = f"{PREFIX}{lookup}{_random(SECRET_LENGTH)}"
        row = self.create(
            team=membership.team,
            user=membership.user,
            name=name,
            lookup=lookup,
            key_sha256=_sha256(plain),
            may_write=may_write,
            expires_at=expires_at,
            signing_secret=f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}",
            consent_text=consent_text if may_write else "",
            consent_at=timezone.now() if may_write else None,
        )
        return row, plain

    def authenticate(self, plain: str) -> ApiKey | None:
        """The usable key with that text, and its user; None for anything else."""
        form = _FORM.fullmatch(plain)
        if form is None:
            return None
        # What makes it usable is asked in Python, and its secret is left sealed: this runs with
        # every call.
        rows = self.filter(lookup=form[1]).select_related("user").defer("signing_secret")
        for row in rows:
            if hmac.compare_digest(row.key_sha256, _sha256(plain)) and row.is_usable:
                return row
        return None


class ApiKey(PublicModel):
    """A key of one user in one team: `sd_`, 8 characters that find the row, then the secret.

    Only a SHA-256 of the whole key is kept: with 160 random bits and more nothing slower is needed
    (OWASP ASVS 5.0, 6.5.2). The key can do what its user can, and no more than it was made for.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="api_keys")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys"
    )
    name = models.CharField(max_length=80)
    lookup = models.CharField(max_length=LOOKUP_LENGTH, unique=True, editable=False)
    key_sha256 = models.CharField(max_length=64, editable=False)
    may_write = models.BooleanField(default=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: The gateway's address in this key's calls; messages name pictures by it.
    base_url = models.CharField(max_length=255, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: Signs the deliveries to callbacks of what was made with this key: `whsec_…`.
    signing_secret = SealedField(editable=False)
    #: The words to which whoever made the key agreed, for all photos that will come through it.
    consent_text = models.TextField(blank=True, editable=False)
    consent_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} (sd_{self.lookup}…)"

    @property
    def prefix(self) -> str:
        """What pages show of it."""
        return f"{PREFIX}{self.lookup}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None

    @property
    def is_usable(self) -> bool:
        """Neither revoked nor expired, of a user who may still sign in."""
        return not self.is_revoked and not self.is_expired and self.user.is_active

    def touch(self, base_url: str) -> None:
        """Notes that it was used, and where, at most once a minute: reading stays reading."""
        now = timezone.now()
        is_news = self.last_used_at is None or now - self.last_used_at >= USE_PRECISION
        if is_news or self.base_url != base_url:
            rows = type(self).objects.filter(pk=self.pk)
            rows.update(last_used_at=now, base_url=base_url[:255])

    def revoke(self) -> bool:
        """Ends it for good, from the next call on; False when it was revoked before."""
        rows = type(self).objects.filter(pk=self.pk, revoked_at=None)
        return bool(rows.update(revoked_at=timezone.now()))
