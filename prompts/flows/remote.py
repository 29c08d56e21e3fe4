"""What the portal does about objects that live at a service: the account, and letting go."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.db.models.functions import Now

from prompts import live
from prompts.engines.astria.references import referenced_ids
from prompts.engines.errors import EngineError
from prompts.models import (
    AstriaAccount,
    Handover,
    Membership,
    Prompt,
    PromptStatus,
    Team,
    Tune,
    TuneStatus,
)

#: How long the row of something deleted is kept, to answer late callbacks about it.
MEMORY = dt.timedelta(days=30)


class NoKey(EngineError):
    """The team uses Astria without a key."""

    def __init__(self) -> None:
        super().__init__(
            "There is no Astria key. The owner of the team adds it in the settings.",
            retryable=False,
        )


def account_of(team: Team) -> AstriaAccount:
    """The team's account; raises NoKey."""
    account = AstriaAccount.objects.select_related("team").filter(team=team).first()
    if account is None or not account.key:
        raise NoKey
    return account


def handed_over_tunes(prompt: Prompt) -> dict[int, int]:
    """Our number → the service's, of those tunes in the text which its author may see."""
    numbers = referenced_ids(prompt.text)
    if not numbers:
        return {}
    place = Membership.objects.filter(team=prompt.team_id, user=prompt.author_id).first()
    seen = (
        Tune.objects.filter(team=prompt.team_id, visibility=Tune.Visibility.TEAM)
        if place is None
        else Tune.objects.visible_to(place)
    )
    rows = seen.filter(pk__in=numbers, handover__remote_id__isnull=False, engine=prompt.engine)
    return dict(rows.values_list("pk", "handover__remote_id"))


def publish_engine(team: Team) -> None:
    """Tells the team's pages that the way to its engine has changed."""
    live.publish(team, f"engine-{team.public_id}")


def resume_waiting(account: AstriaAccount) -> None:
    """Astria answers again: what was put off is due now."""
    later = Q(run_after__gt=Now())
    for model, waiting in ((Prompt, PromptStatus.QUEUED), (Tune, TuneStatus.QUEUED)):
        rows = model.objects.filter(later, team=account.team_id, engine="astria", status=waiting)
        rows.update(run_after=Now())
    publish_engine(account.team)


def let_go_of(job: Prompt | Tune) -> None:
    """The object is no longer wanted at the service, or will be made anew there."""
    rows = (
        Handover.objects.filter(prompt=job)
        if isinstance(job, Prompt)
        else (Handover.objects.filter(tune=job))
    )
    rows.let_go()


def try_pictures_again(prompt: Prompt) -> None:
    """A person's Retry asks once more for pictures that could not be fetched."""
    Handover.objects.filter(prompt=prompt).update(pictures={}, failures=0, looks=0)


def forget_deleted() -> int:
    """Deletes the rows of what was deleted at the service long ago; returns how many."""
    done = Handover.objects.filter(status=Handover.DELETED, finished_at__lt=Now() - MEMORY)
    return done.delete()[0]
