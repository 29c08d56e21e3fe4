"""Deletes an account, with its places in teams and every trace of whose it was.

One transaction, under the locks of all its teams. What stays with a team stays without an author.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import Q

from prompts.audit import record
from prompts.departures import Departure, Ending, departures_of
from prompts.models import AuditEntry, Erasure, Invitation, Mail, Prompt, Share, Tune, User

from . import account_traces as traces
from .erasure import AlreadyErased, erase_people, wipe
from .members import MemberConflict, lock_members, remove_member
from .team_deletion import end_team

CHANGED = "Your teams have changed meanwhile. Look again."
#: What becomes of each place by the team's number: what `remove_member` takes, and None for a team
#: that is deleted.
Decisions = Mapping[int, Mapping[str, Any] | None]


def erase_account(
    user: User, decisions: Decisions, *, by: User | None, everywhere: bool = False
) -> Erasure:
    """Deletes the account for good and returns the receipt.

    With `everywhere` their people are erased in teams which they have left, too. Raises
    MemberConflict when the teams are others than was decided about, or one would be left without an
    owner, and AlreadyErased.
    """
    with transaction.atomic():
        user, departures = _locked(user, decisions)
        addresses = traces.addresses_of(user)
        receipt = Erasure.objects.create(
            actor=by, kind=Erasure.Kind.ACCOUNT, counts={"people": 0, "teams": 0}
        )
        known = traces.teams_that_know(addresses, user)
        for departure in departures:
            _depart(departure, decisions[departure.place.team_id], receipt, by)
        if everywhere:
            tunes = Tune.objects.filter(owner=user, team__deletion=None)
            erase_people(tunes.order_by("pk"), receipt, by=by)
        receipt.add({"links": Share.objects.filter(author=user).count()})
        receipt.add(traces.forget_programs(user))
        receipt.add(traces.forget_address(addresses))
        traces.make_nameless(user)
        traces.forget_names(known, addresses, user)
        for session in UserSession.objects.filter(user=user):
            session.end()
        user.delete()
        transaction.on_commit(lambda: wipe(receipt))
    return receipt


def _locked(user: User, decisions: Decisions) -> tuple[User, list[Departure]]:
    """The user and what becomes of their places, as long as it is what was decided about."""
    # The teams first, in order, as whoever joins one holds it before looking at the user.
    for team_id in sorted(decisions):
        lock_members(team_id)
    # And before the user their open prompts, as a worker that keeps a picture does.
    list(Prompt.objects.filter(author=user).open().select_for_update().order_by("pk"))
    found = User.objects.select_for_update().filter(pk=user.pk).first()
    if found is None:
        raise AlreadyErased
    departures = departures_of(found)
    if {one.place.team_id for one in departures} != set(decisions):
        raise MemberConflict(CHANGED)
    for one in departures:
        wanted = Ending.DELETE if decisions[one.place.team_id] is None else Ending.LEAVE
        if one.ending is not wanted:
            raise MemberConflict(CHANGED)
    return found, departures


def _depart(
    departure: Departure, decision: Mapping[str, Any] | None, receipt: Erasure, by: User | None
) -> None:
    place = departure.place
    if decision is None:
        receipt.add({"teams": 1})
        end_team(place.team, receipt)
        return
    if decision["delete"]:
        tunes = Tune.objects.filter(team=place.team_id, owner=place.user_id)
        erase_people(tunes.order_by("pk"), receipt, by=by)
    record(place.team, "account_erased", actor=by, receipt=receipt.number)
    remove_member(place, place, **decision)


def is_known(address: str) -> bool:
    """Whether anything is kept under an address that has no account."""
    return (
        Invitation.objects.filter(email=address).exists()
        or Mail.objects.filter(to__iexact=address).exists()
        or AuditEntry.objects.filter(
            Q(target_label__icontains=address) | Q(actor_name__icontains=address)
        ).exists()
    )


def erase_address(address: str) -> Erasure:
    """Erases what is kept under an address that has no account, and returns the receipt."""
    addresses: Collection[str] = [address]
    with transaction.atomic():
        receipt = Erasure.objects.create(kind=Erasure.Kind.ACCOUNT)
        known = traces.teams_that_know(addresses, None)
        receipt.add(traces.forget_address(addresses))
        traces.forget_names(known, addresses, None)
        transaction.on_commit(lambda: wipe(receipt))
    return receipt
