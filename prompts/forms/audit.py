"""Which entries of the audit log are shown."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from prompts.audit import ACTIONS
from prompts.models import AuditEntry, Membership, Team

from .fields import offer

#: Chosen in place of a member: what nobody signed in did.
NOBODY = "portal"


def _action_choices() -> list[tuple[str, Any]]:
    by_topic: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, action in ACTIONS.items():
        by_topic[action.topic].append((name, action.words.capitalize()))
    return [("", "Everything"), *by_topic.items()]


class AuditFilterForm(forms.Form):
    """Action, member, object and days; nonsense shows everything."""

    action = forms.ChoiceField(label="What", required=False)
    member = forms.ChoiceField(label="Who", required=False)
    since = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label="To", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    #: The id of an object, or of the depicted person, that entries are about.
    about = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = Membership.objects.filter(team=team).select_related("user")
        people = sorted(((str(p.user_id), str(p.user)) for p in places), key=lambda row: row[1])
        offer(self, "action", _action_choices())
        offer(self, "member", [("", "Everybody"), (NOBODY, "The portal itself"), *people])

    @property
    def given(self) -> dict[str, str]:
        """What was asked for, as it stands in the address."""
        if not self.is_valid():
            return {}
        return {name: self[name].data for name, value in self.cleaned_data.items() if value}

    def narrow(self, rows: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Those that were asked for."""
        if not self.is_valid():
            return rows.all()
        wanted = self.cleaned_data
        if wanted["action"]:
            rows = rows.filter(action=wanted["action"])
        if wanted["member"] == NOBODY:
            rows = rows.filter(actor=None)
        elif wanted["member"]:
            rows = rows.filter(actor=wanted["member"])
        if wanted["since"]:
            rows = rows.filter(at__gte=_midnight(wanted["since"]))
        if wanted["until"] and wanted["until"] < dt.date.max:
            rows = rows.filter(at__lt=_midnight(wanted["until"] + dt.timedelta(days=1)))
        if about := wanted["about"]:
            rows = rows.filter(Q(target_id=about) | Q(subject=about))
        return rows


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))
