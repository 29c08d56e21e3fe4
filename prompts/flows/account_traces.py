"""What deleting an account's row leaves behind elsewhere: names, addresses, invitations, mails.

What hangs on the user by a foreign key goes with it, or loses its author: prompts and pictures that
stay with a team have none then. Here is what does not.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.db.models.functions import Lower

from prompts.audit import ERASED
from prompts.models import (
    ApiKey,
    AuditEntry,
    Consent,
    Delivery,
    IdempotencyKey,
    Invitation,
    Membership,
    Prompt,
    RateLimit,
    Shoot,
    Team,
    Tune,
    User,
)

from .traces import Names, forget_mails, take_names_out

BATCH = 500


def addresses_of(user: User) -> list[str]:
    """All that are known of them, in lower case."""
    more = EmailAddress.objects.filter(user=user).values_list(Lower("email"), flat=True)
    return sorted({user.email.lower(), *more})


def teams_that_know(addresses: Collection[str], user: User | None) -> list[Team]:
    """Teams they are or were in, or were invited to."""
    told = Q(target_label__in=addresses)
    if user is not None:
        told |= Q(actor=user) | Q(target_type="user", target_id=str(user.pk))
    known = [
        Membership.objects.filter(user=user).values("team"),
        AuditEntry.objects.filter(told).values("team"),
        Invitation.objects.filter(email__in=addresses).values("team"),
        Consent.objects.filter(confirmed_by_email__in=addresses).values("tune__team"),
    ]
    wanted = Q()
    for rows in known:
        wanted |= Q(pk__in=rows)
    return list(Team.objects.filter(wanted))


def forget_programs(user: User) -> dict[str, int]:
    """Deletes their API keys and the log of callbacks; nobody is told at their addresses any more.

    Nothing here shows or wants their addresses, which are the user's.
    """
    keys = ApiKey.objects.filter(user=user)
    theirs = Q(api_key__in=keys) | Q(author=user, api_key=None)
    asked = Prompt.objects.filter(theirs, parameters__has_key="callback")
    for prompt in asked.only("parameters").iterator(chunk_size=BATCH):
        parameters = {k: v for k, v in prompt.parameters.items() if k != "callback"}
        Prompt.objects.filter(pk=prompt.pk).update(parameters=parameters)
    Tune.objects.filter(api_key__in=keys).update(callback="")
    Shoot.objects.filter(api_key__in=keys).update(prompts_callback="")
    counts = {
        "kept answers": IdempotencyKey.objects.filter(api_key__in=keys).count(),
        "callbacks": Delivery.objects.filter(
            Q(api_key__in=keys) | Q(api_key=None, prompt__author=user)
        ).delete()[0],
        "API keys": keys.count(),
    }
    keys.delete()
    return counts


def forget_address(addresses: Collection[str]) -> dict[str, int]:
    """Deletes invitations to these addresses, and what else is kept under them."""
    Consent.objects.filter(confirmed_by_email__in=addresses).update(confirmed_by_email="")
    for address in addresses:
        RateLimit.objects.filter(name__iendswith=f":{address}").delete()
    rows = Invitation.objects.filter(email__in=addresses)
    count = rows.count()
    rows.delete()
    return {"invitations": count}


def make_nameless(user: User) -> None:
    """The audit log keeps what they did and what was done to them, and loses who it was."""
    AuditEntry.objects.filter(actor=user).update(actor_name=ERASED)
    about = AuditEntry.objects.filter(target_type="user", target_id=str(user.pk))
    about.update(target_label=ERASED)
    kind = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(content_type=kind, object_id=str(user.pk)).delete()


def forget_names(teams: Iterable[Team], addresses: Collection[str], user: User | None) -> None:
    """Takes the addresses, and names that nobody else bears, out of texts and mails."""
    for team in teams:
        names = Names.of([*addresses, *_own_names(team, user)])
        take_names_out(team, names)
        forget_mails(names, [team])
    forget_mails(Names.of(addresses), [], to=addresses)
    _take_out_of_site_log(Names.of([*addresses, *([user.name] if user else [])]))


def _own_names(team: Team, user: User | None) -> Iterator[str]:
    if user is None or not user.name:
        return
    members = Membership.objects.filter(team=team, user__name__iexact=user.name).exclude(user=user)
    people = Tune.objects.filter(team=team, title__iexact=user.name)
    if not members.exists() and not people.exists():
        yield user.name


def _take_out_of_site_log(names: Names) -> None:
    """The log of the admin site, which belongs to no team, and keeps its messages as JSON."""
    names = Names.of([*names.words, *(json.dumps(word)[1:-1] for word in names.words)])
    asked = Q()
    for word in names.words:
        asked |= Q(object_repr__icontains=word) | Q(change_message__icontains=word)
    for row in LogEntry.objects.filter(asked) if names.words else ():
        LogEntry.objects.filter(pk=row.pk).update(
            object_repr=names.taken_out(row.object_repr, 200),
            change_message=names.taken_out(row.change_message, None),
        )
