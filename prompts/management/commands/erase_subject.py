"""Erases somebody by their address: the account, and every person that belongs to it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from prompts.departures import Departure, Ending, counts_of_team, departures_of
from prompts.flows.account_erasure import erase_account, erase_address, is_known
from prompts.flows.erasure import AlreadyErased
from prompts.flows.members import MemberConflict
from prompts.mails import portal_url
from prompts.models import ApiKey, Erasure, Share, Tune, User
from prompts.receipts import receipt_text


class Command(BaseCommand):
    help = (
        "Lists what would go with the account of this address; with --yes erases the account and "
        "every person whose photos it brought, in all teams, and prints the receipt. An address "
        "without an account is erased from invitations, mails and logs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--yes", action="store_true", help="erase; there is no undo")

    def handle(self, *, email: str, yes: bool, **options: Any) -> None:
        address = email.strip().lower()
        user = User.objects.filter(email=address).first()
        if user is None:
            self._address(address, yes=yes)
            return
        departures = departures_of(user)
        self._list(user, departures)
        if blocked := [str(one.place.team) for one in departures if one.ending is Ending.BLOCKED]:
            raise CommandError(
                f"{address} is the only owner of {', '.join(blocked)}. Make somebody else an owner "
                "first, in the team's pages or at /admin/prompts/team/."
            )
        if yes:
            self._erase(user, departures)

    def _list(self, user: User, departures: list[Departure]) -> None:
        self.stdout.write(f"The account of {user.email}, with")
        self.stdout.write(f"  {Share.objects.filter(author=user).count()} links")
        self.stdout.write(f"  {ApiKey.objects.filter(user=user).count()} API keys")
        for one in departures:
            if one.ending is Ending.DELETE:
                counts = counts_of_team(one.place.team)
                parts = ", ".join(f"{number} {kind}" for kind, number in counts.items() if number)
                self.stdout.write(f"  the team {one.place.team}: {parts}")
            else:
                self.stdout.write(f"  the place in {one.place.team}")
        for tune in Tune.objects.filter(owner=user).select_related("team").order_by("pk"):
            photos, pictures = tune.photos.count(), tune.images.count()
            self.stdout.write(
                f"  {tune.title} in {tune.team}: {photos} photos, {pictures} pictures"
            )

    def _erase(self, user: User, departures: list[Departure]) -> None:
        decisions = {
            one.place.team_id: None
            if one.ending is Ending.DELETE
            else {"seen": one.place.role, "heir": None, "delete": True}
            for one in departures
        }
        try:
            self._print(erase_account(user, decisions, by=None, everywhere=True))
        except (MemberConflict, AlreadyErased) as error:
            raise CommandError("The account has changed meanwhile. Try again.") from error

    def _address(self, address: str, *, yes: bool) -> None:
        if not is_known(address):
            raise CommandError(f"Nothing is kept under the address {address}.")
        self.stdout.write(f"No account; invitations, mails and log entries that name {address}")
        if yes:
            self._print(erase_address(address))

    def _print(self, receipt: Erasure) -> None:
        receipt.refresh_from_db()
        self.stdout.write("")
        self.stdout.write(receipt_text(receipt), ending="")
        self.stdout.write(f"{portal_url()}{receipt.get_absolute_url()}")
