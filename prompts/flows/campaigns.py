"""Team headshots: starting, changing and ending them, and reminding those who are late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from prompts.audit import record
from prompts.campaigns import NEXT_WORDS, Participant
from prompts.mails import queue_mail
from prompts.models import Campaign, Membership, Team

#: What a campaign's form decides.
STYLE = ("preset", "aspect_ratio", "is_locked", "due_on", "note")
#: Nobody is reminded more often than that.
PAUSE = dt.timedelta(hours=20)


@transaction.atomic
def save_campaign(campaign: Campaign) -> None:
    """Starts the campaign of a valid form, or changes it; of two at once the later one counts."""
    values = {name: getattr(campaign, name) for name in STYLE}
    Campaign.objects.update_or_create(team=campaign.team, defaults=values)
    look, locked = str(campaign.preset), campaign.is_locked
    record(campaign.team, "campaign_changed", look=look, locked=locked)


@transaction.atomic
def end_campaign(team: Team) -> None:
    """Makes the style free again; again is harmless."""
    deleted, _ = Campaign.objects.filter(team=team).delete()
    if deleted:
        record(team, "campaign_ended")


def remind(campaign: Campaign, people: Iterable[Participant], sender: str) -> int:
    """Mails everybody of `people` who has a next step to take; how many were.

    Whoever was reminded within `PAUSE` is left out, however often this is pressed.
    """
    reminded = sum(_remind(campaign, one, sender) for one in people)
    if reminded:
        record(campaign.team, "campaign_reminded", people=reminded)
    return reminded


def _remind(campaign: Campaign, one: Participant, sender: str) -> bool:
    if not one.may_be_reminded:
        return False
    member = one.member
    rested = Q(reminded_at=None) | Q(reminded_at__lt=timezone.now() - PAUSE)
    with transaction.atomic():
        rows = Membership.objects.filter(rested, pk=member.pk)
        if not rows.update(reminded_at=timezone.now()):
            return False
        queue_mail(
            to=member.user.email,
            template="campaign_reminder",
            context={
                "name": member.user.get_short_name(),
                "sender": sender,
                "campaign": campaign,
                "next": NEXT_WORDS[one.step],
            },
            team=campaign.team,
        )
    return True
