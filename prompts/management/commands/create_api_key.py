"""Makes an API key without a browser."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from prompts.access import memberships_of
from prompts.flows.api_keys import create_api_key
from prompts.forms.api_keys import KEY_CONSENT_TEXT
from prompts.models import Membership, User


class Command(BaseCommand):
    help = (
        "Makes an API key for the user with this address and prints it, alone, on standard output. "
        "By making a key that may write you confirm the consent that is printed on standard error."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--team", help="name or id, where the user is in several teams")
        parser.add_argument("--name", default="Command line", help="what the key is for")
        parser.add_argument("--read-only", action="store_true")

    def handle(
        self, *, email: str, team: str | None, name: str, read_only: bool, **options: Any
    ) -> None:
        membership = _membership(email, team)
        if not membership.may_make and not read_only:
            raise CommandError("A viewer's key only reads: add --read-only.")
        _, plain = create_api_key(
            membership,
            name=name,
            may_write=not read_only,
            consent_text="" if read_only else KEY_CONSENT_TEXT,
        )
        if not read_only:
            self.stderr.write(KEY_CONSENT_TEXT)
        self.stdout.write(plain)


def _membership(email: str, team: str | None) -> Membership:
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        raise CommandError(f"There is no active user with the address {email}.")
    places = memberships_of(user)
    if team is not None:
        places = [p for p in places if team in (p.team.name, p.team.public_id, str(p.team_id))]
    if not places:
        raise CommandError(f"{email} is in no such team." if team else f"{email} is in no team.")
    if len(places) > 1:
        names = ", ".join(f"{p.team.name} ({p.team.public_id})" for p in places)
        raise CommandError(f"Say which team with --team: {names}")
    places[0].user = user
    return places[0]
