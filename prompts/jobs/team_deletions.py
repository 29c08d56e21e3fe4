"""Deletes a team step by step, and begins anew until nothing of it is left."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from prompts.flows.team_deletion import close_team, delete_in_steps
from prompts.models import TeamDeletion

from .control import Control, LeaseLost, ShuttingDown
from .runs import DATABASE_AWAY, explain

#: Until the next look whether a service has deleted its copies: a tenth of the time it has taken.
FIRST_LOOK, LONGEST_LOOK = dt.timedelta(minutes=1), dt.timedelta(hours=1)
#: Seconds until the second try after a fault; doubles each time.
FIRST_WAIT, LONGEST_WAIT = 60.0, 3600.0


def run_team_deletion(deletion: TeamDeletion, control: Control) -> None:
    """One try of a claimed row; it goes with its team, or waits for another try.

    Raises only `DATABASE_AWAY`; the row is then unsettled, and free when its lease has run out.
    """
    try:
        for _ in delete_in_steps(deletion):
            control.checkpoint()
        deletion.report(1, "Waiting for a service")
        if not close_team(deletion):
            taken = timezone.now() - deletion.created_at
            wait = min(max(taken / 10, FIRST_LOOK), LONGEST_LOOK)
            deletion.postpone(wait, "Copies at a service are still to be deleted.")
    except DATABASE_AWAY:
        raise
    except ShuttingDown:
        deletion.release_lease()
    except LeaseLost:
        return
    except Exception as error:  # whatever it was, the deletion is tried again
        seconds = min(FIRST_WAIT * 2.0 ** min(deletion.attempts - 1, 10), LONGEST_WAIT)
        deletion.retry_later(dt.timedelta(seconds=seconds), explain(deletion, error))
