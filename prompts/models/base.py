"""What several models share."""

from __future__ import annotations

import secrets

from django.db import models

#: No look-alikes (0/O, 1/l/I): people read these aloud.
ALPHABET = "23456789abcdefghijkmnpqrstuvwxyz"
PUBLIC_ID_LENGTH = 16


def new_public_id() -> str:
    """80 random bits as 16 lower-case characters: unguessable, and safe in URLs and file names."""
    return "".join(secrets.choice(ALPHABET) for _ in range(PUBLIC_ID_LENGTH))


class PublicModel(models.Model):
    """A row that pages address by a random id; the integer key serves the API and sorting."""

    public_id = models.CharField(
        max_length=PUBLIC_ID_LENGTH, unique=True, default=new_public_id, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
