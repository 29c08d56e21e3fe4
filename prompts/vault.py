"""Secrets that must be read again, such as a team's Astria key: encrypted at rest.

`SECRETS_KEYS` lists the keys, newest first: the first one seals, all of them unseal, so that a key
can be rotated by putting a new one in front (`manage.py rotate_secrets` seals everything anew).
Without the setting the key derives from SECRET_KEY. Neither lies in the database.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

_PURPOSE = b"astria-web sealed fields"


class CannotUnseal(Exception):
    """The value was sealed with a key that this installation does not have (any more)."""


def _fernet() -> MultiFernet:
    keys = settings.SECRETS_KEYS or [settings.SECRET_KEY]
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    digest = hashlib.blake2b(key.encode(), key=_PURPOSE, digest_size=32).digest()
    return base64.urlsafe_b64encode(digest)


def seal(text: str) -> str:
    """Encrypts and authenticates `text`; the result differs every time."""
    return _fernet().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text that was sealed; raises CannotUnseal for anything else."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise CannotUnseal("This secret was sealed with another key.") from error


class SealedField(models.TextField):
    """Text that lies encrypted in the database and is plain in Python.

    It cannot be searched for. Reading a value that cannot be unsealed gives "", as if none had
    been given: a lost key must not take every page down that loads the row.
    """

    def from_db_value(self, value: str | None, *_: Any) -> str:
        try:
            return unseal(value) if value else ""
        except CannotUnseal:
            return ""

    def value_to_string(self, obj: models.Model) -> str:
        """Sealed in `dumpdata` too."""
        return str(self.get_prep_value(self.value_from_object(obj)))

    def to_python(self, value: Any) -> Any:
        """What `loaddata` reads is sealed; what a form gives is not."""
        try:
            return unseal(value) if isinstance(value, str) and value else value
        except CannotUnseal:
            return value

    def get_prep_value(self, value: Any) -> Any:
        return seal(str(value)) if value else ""
