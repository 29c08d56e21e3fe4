"""Makes the demo: a team, its owner, and the sample person, trained."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from astria_web import env
from prompts.accounts import DEMO_EMAIL, DEMO_PASSWORD, create_owner, is_fresh_install
from prompts.flows.photos import add_photo
from prompts.flows.training import start_training
from prompts.flows.tunes import create_tune
from prompts.imaging import clean_photo
from prompts.jobs.runs import run_training
from prompts.models import Consent, Membership, Tune, User
from prompts.sample import sample_photos


class Command(BaseCommand):
    help = "Makes a demo team with a sample person on an install that has no accounts yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--first-start",
            action="store_true",
            help="do nothing, without complaint, unless the install is fresh and DEMO is not 0",
        )

    def handle(self, *, first_start: bool, **options: Any) -> None:
        if not is_fresh_install():
            if first_start:
                return
            raise CommandError("There are accounts already; the demo is for a fresh install.")
        if first_start and not env.flag("DEMO", default=True):
            return
        self.stdout.write("First start: making the demo team and training the sample person…")
        make_demo()


def make_demo() -> Tune:
    """The demo's owner, team and sample person; answers the trained tune."""
    owner = create_owner(
        team_name="Demo team", name="Demo Owner", email=DEMO_EMAIL, password=DEMO_PASSWORD
    )
    User.objects.filter(pk=owner.pk).update(is_demo=True)
    membership = Membership.objects.select_related("team", "user").get(user=owner)
    tune = create_tune(
        membership,
        {
            "title": "Sample person",
            "name": "woman",
            "token": "ohwx",
            "visibility": Tune.Visibility.TEAM,
            "consent_subject": "Eileen Collins (NASA portrait, public domain)",
            "consent_relation": Consent.Relation.OTHER,
        },
    )
    Tune.objects.filter(pk=tune.pk).update(is_sample=True)
    for name, data in sample_photos():
        add_photo(tune, name, clean_photo(data, name=name))
    if problem := start_training(tune):
        raise CommandError(problem)
    claimed = Tune.objects.filter(pk=tune.pk).claim(f"demo on {settings.DATA_DIR.name}")
    if claimed is not None:
        run_training(claimed)
    tune.refresh_from_db()
    return tune
