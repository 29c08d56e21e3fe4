"""Deletes at the service what nobody here wants any more."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import timezone

from prompts.engines.astria.rules import UNKNOWN_WAIT
from prompts.engines.errors import EngineError, Gone
from prompts.engines.handoff import Account, Action, HandOffEngine
from prompts.engines.registry import get_handoff_engine
from prompts.flows.remote import account_of
from prompts.models import Handover

#: Seconds until the second try; doubles each time, so that the last one comes after some days.
FIRST_WAIT, LONGEST_WAIT = 60.0, 24 * 3600.0


def run_removal(handover: Handover) -> None:
    """One try of a claimed row; it ends deleted, in the queue again, or stuck with a reason."""
    if handover.attempts > handover.MAX_ATTEMPTS:
        handover.finish_as(Handover.FAILED, error="Deleting it was interrupted again and again.")
        return
    if handover.remote_id is None and handover.sent_at is None:
        handover.finish()
        return
    try:
        engine, row = get_handoff_engine(handover.engine), account_of(handover.team)
    except EngineError as error:
        handover.finish_as(Handover.FAILED, error=error.message)
        return
    if _may_still_arrive(handover) or not row.may_call():
        handover.postpone(_paced(UNKNOWN_WAIT))
        return
    try:
        _delete(handover, engine, row.credentials)
    except EngineError as error:
        _after_fault(handover, engine, error)
    else:
        row.note_heard()
        handover.finish()


def _may_still_arrive(handover: Handover) -> bool:
    """Its creation was sent a moment ago, and nobody knows yet what came of it."""
    if handover.remote_id is not None or handover.sent_at is None:
        return False
    return timezone.now() - handover.sent_at < _paced(UNKNOWN_WAIT)


def _delete(handover: Handover, engine: HandOffEngine, account: Account) -> None:
    number = handover.remote_id or _find(handover, engine, account)
    if number is None:
        return
    try:
        if handover.kind == Handover.Kind.TUNE:
            engine.delete_tune(account, number)
        else:
            engine.delete_prompt(account, number, handover.remote_tune_id or 0)
    except Gone:
        pass


def _find(handover: Handover, engine: HandOffEngine, account: Account) -> int | None:
    if handover.kind == Handover.Kind.TUNE:
        tune = engine.find_tune(account, handover.callback)
        return None if tune is None else tune.id
    try:
        prompt = engine.find_prompt(account, handover.remote_tune_id or 0, handover.callback)
    except Gone:
        return None
    return None if prompt is None else prompt.id


def _after_fault(handover: Handover, engine: HandOffEngine, error: EngineError) -> None:
    verdict = engine.judge(error, handover.attempts)
    if verdict.action is Action.FAIL or handover.attempts >= handover.MAX_ATTEMPTS:
        handover.finish_as(Handover.FAILED, error=error.message)
        return
    wait = min(FIRST_WAIT * 2.0 ** (handover.attempts - 1), LONGEST_WAIT)
    handover.retry_later(_paced(max(wait, verdict.delay)), error.message)


def _paced(seconds: float) -> dt.timedelta:
    return dt.timedelta(seconds=seconds * settings.REMOTE_PACE)
