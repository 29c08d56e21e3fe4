"""Seals every secret in the database anew, with the first key of SECRETS_KEYS."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction
from django.db.models import Value

from prompts.vault import CannotUnseal, SealedField, seal, unseal

BATCH = 500
#: What everything begins with that was sealed, as Fernet has it.
SEALED = "gAAAA"


class Command(BaseCommand):
    help = (
        "Seals every secret in the database anew with the first of SECRETS_KEYS. Put the new key "
        "in front and keep the old one behind it, restart, run this, then remove the old one."
    )

    def handle(self, **options: Any) -> None:
        done = unreadable = 0
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, SealedField):
                    fresh, lost = reseal(model, field.attname)
                    done, unreadable = done + fresh, unreadable + lost
        fresh, lost = reseal_second_factors()
        done, unreadable = done + fresh, unreadable + lost
        self.stdout.write(f"{done} secrets are sealed with the first key.")
        if unreadable:
            raise CommandError(
                f"{unreadable} were sealed with a key that is not in SECRETS_KEYS and stay as they "
                "are. Keep every key that was used, also SECRET_KEY where SECRETS_KEYS was empty."
            )


def reseal_second_factors() -> tuple[int, int]:
    """The same for what authenticators keep; these rows change only when they are used."""
    done = unreadable = 0
    for row in Authenticator.objects.order_by("pk").iterator(chunk_size=BATCH):
        try:
            fresh = {key: resealed(value) for key, value in row.data.items()}
        except CannotUnseal:
            unreadable += 1
            continue
        if fresh != row.data:
            done += Authenticator.objects.filter(pk=row.pk, data=row.data).update(data=fresh)
    return done, unreadable


def resealed(value: Any) -> Any:
    """A sealed text sealed anew, also within a list; anything else as it is."""
    if isinstance(value, list):
        return [resealed(item) for item in value]
    return seal(unseal(value)) if isinstance(value, str) and value.startswith(SEALED) else value


def reseal(model: type[models.Model], column: str) -> tuple[int, int]:
    """How many values of that column were sealed anew, and how many cannot be read."""
    # As text, because a sealed field gives what was sealed.
    raw = models.functions.Cast(column, models.TextField())
    rows = model._base_manager.annotate(raw=raw).exclude(raw="").order_by("pk")
    done = unreadable = 0
    for pk, sealed in rows.values_list("pk", "raw").iterator(chunk_size=BATCH):
        try:
            fresh = seal(unseal(sealed))
        except CannotUnseal:
            unreadable += 1
            continue
        with transaction.atomic():
            # Only what was read: a value that somebody has just changed is fresh already.
            same = model._base_manager.annotate(raw=raw).filter(pk=pk, raw=sealed)
            done += same.update(**{column: models.functions.Cast(Value(fresh), models.TextField())})
    return done, unreadable
