"""A tune as such: it is created with its consent, changed, expires and is deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.functions import Now

from prompts import live
from prompts.audit import record
from prompts.deliveries import prompt_left
from prompts.engines.registry import hands_over
from prompts.forms.tunes import consent_text
from prompts.models import Consent, Membership, Shoot, Tune, TuneStatus
from prompts.models.turns import close_up
from prompts.quotas import demand_tune
from prompts.storage import delete_tree

from .usage import note_deletion


def create_tune(membership: Membership, cleaned: dict[str, Any]) -> Tune:
    """A draft and its consent record, written together before any photo is stored.

    `cleaned` is what a valid `TuneForm` holds.
    """
    tune = Tune(
        team=membership.team,
        owner=membership.user,
        engine=membership.team.engine,
        parameters=_training_parameters(membership.team.engine, cleaned.get("base_tune_id")),
        **{name: cleaned[name] for name in ("title", "name", "token", "visibility")},
    )
    consent = Consent(
        subject=cleaned["consent_subject"],
        relation=cleaned["consent_relation"],
        text=consent_text(tune.engine),
    )
    with transaction.atomic():
        save_with_consent(tune, consent)
    return tune


def _training_parameters(engine: str, base_tune_id: int | None) -> dict[str, Any]:
    """Those of a person from a page: on any base a LoRA is trained, which all of them take."""
    if base_tune_id is None or not hands_over(engine):
        return {}
    return {"base_tune_id": base_tune_id, "model_type": "lora"}


def save_with_consent(tune: Tune, consent: Consent) -> None:
    """Writes a new tune and what its owner confirmed; to be called in a transaction.

    Raises QuotaExceeded when the owner has as many people as they may.
    """
    demand_tune(tune.team, tune.owner, tune.engine)
    tune.save(force_insert=True)
    consent.tune = tune
    consent.confirmed_by = tune.owner
    consent.confirmed_by_email = tune.owner.email if tune.owner else ""
    consent.text_sha256 = hashlib.sha256(consent.text.encode()).hexdigest()
    consent.save(force_insert=True)
    record(
        tune.team,
        "tune_created",
        actor=tune.owner,
        target=tune,
        engine=tune.engine,
        visibility=tune.visibility,
        consent_of=consent.subject,
    )
    publish_tune(tune)


def change_tune(tune: Tune, fields: Iterable[str]) -> None:
    """Writes the named fields, which somebody has changed, and no others: a worker may be at it."""
    with transaction.atomic():
        fields = list(fields)
        tune.save(update_fields=[*fields, "updated_at"])
        if fields:
            record(tune.team, "tune_edited", target=tune, changed=fields)
        publish_tune(tune)


def expire_tune(tune: Tune) -> bool:
    """The service no longer keeps this person; the pictures stay, they are here."""
    with transaction.atomic():
        rows = Tune.objects.filter(pk=tune.pk, status=TuneStatus.TRAINED)
        expired = bool(rows.update(status=TuneStatus.EXPIRED))
        if expired:
            publish_tune(tune)
    return expired


def expire_tunes() -> int:
    """Those which the service has deleted by now; returns how many."""
    ripe = Tune.objects.filter(
        status=TuneStatus.TRAINED, expires_at__lte=Now(), handover__isnull=False
    )
    return sum(expire_tune(tune) for tune in ripe.select_related("team"))


def delete_tune(tune: Tune) -> None:
    """Deletes a tune with photos, prompts and images; the files go once that is committed."""
    prefix = tune.prefix
    with transaction.atomic():
        # Locked, so that a worker cannot add a picture between those that go and their prompts.
        prompts = list(tune.prompts.select_for_update().order_by("pk"))
        note_deletion(prompts)
        publish_tune(tune)
        record(
            tune.team,
            "tune_deleted",
            target=tune,
            photos=tune.photos.count(),
            pictures=tune.images.count(),
        )
        tune.delete()
        close_up(prompts)
        # In one order, so that two deletions never wait for each other.
        shoots = Shoot.objects.filter(pk__in={prompt.shoot_id for prompt in prompts})
        for shoot in shoots.filter(ended_at=None).select_related("team").order_by("pk"):
            prompt_left(shoot)
        transaction.on_commit(lambda: delete_tree(default_storage, prefix))


def publish_tune(tune: Tune) -> None:
    """Tells every page that shows this tune, in the transaction that changes it."""
    live.publish_about(tune, f"tune-{tune.public_id}", f"team-{tune.team.public_id}")
