"""States and the named sets of them that queries ask for."""

from __future__ import annotations

from django.db import models


class TuneStatus(models.TextChoices):
    """Forward only, but for a retry of what has failed."""

    DRAFT = "draft", "photos missing"
    QUEUED = "queued", "waiting"
    TRAINING = "training", "training"
    TRAINED = "trained", "trained"
    FAILED = "failed", "failed"
    EXPIRED = "expired", "expired"


class PromptStatus(models.TextChoices):
    """Forward only, but for a retry of what has failed or was cancelled."""

    QUEUED = "queued", "waiting"
    PROCESSING = "processing", "developing"
    COMPLETED = "completed", "done"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


TUNE_OPEN = frozenset({TuneStatus.QUEUED, TuneStatus.TRAINING})
TUNE_RETRYABLE = frozenset({TuneStatus.FAILED})
PROMPT_OPEN = frozenset({PromptStatus.QUEUED, PromptStatus.PROCESSING})
PROMPT_RETRYABLE = frozenset({PromptStatus.FAILED, PromptStatus.CANCELLED})
