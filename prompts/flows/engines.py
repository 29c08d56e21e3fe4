"""A team's engine: choosing it, and connecting its account at Astria."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from prompts.audit import record
from prompts.engines.errors import EngineError
from prompts.engines.handoff import BaseModel
from prompts.engines.registry import get_handoff_engine, hands_over
from prompts.models import AstriaAccount, Team

from .remote import publish_engine, resume_waiting


def account_for(team: Team) -> AstriaAccount:
    """The team's account; a new one, not saved yet, when it has none."""
    return AstriaAccount.objects.filter(team=team).first() or AstriaAccount(team=team)


def base_models(team: Team) -> dict[str, list[BaseModel]]:
    """The models to train on, under whose they are; asks Astria.

    Raises EngineError when it cannot be asked.
    """
    account = account_for(team)
    if not account.key:
        raise EngineError("This team has no key for Astria.", retryable=False)
    models: dict[str, list[BaseModel]] = {}
    for model in get_handoff_engine(team.engine).base_models(account.credentials):
        models.setdefault("Yours" if model.is_own else "Astria’s gallery", []).append(model)
    return models


@transaction.atomic
def save_engine(account: AstriaAccount, *, engine: str, new_key: str, holder: str) -> None:
    """Saves the choice and the account; `holder` is what Astria said about a new key."""
    if new_key:
        account.key = new_key
        account.holder = holder[:200]
        account.checked_at = timezone.now()
        account.down_since = account.retry_at = None
        account.failures = 0
        record(account.team, "engine_key_changed", holder=account.holder)
    account.save()
    if engine != account.team.engine:
        record(account.team, "engine_changed", was=account.team.engine, now=engine)
    Team.objects.filter(pk=account.team_id).update(engine=engine)
    account.team.engine = engine
    resume_waiting(account) if new_key else publish_engine(account.team)


@transaction.atomic
def remove_key(team: Team) -> None:
    """Forgets the key; a team that worked with it makes its new people here again."""
    AstriaAccount.objects.filter(team=team).update(
        key="", holder="", checked_at=None, down_since=None, retry_at=None, failures=0
    )
    if hands_over(team.engine):
        team.engine = settings.DEFAULT_ENGINE
        team.save(update_fields=["engine"])
    record(team, "engine_key_removed")
    publish_engine(team)
