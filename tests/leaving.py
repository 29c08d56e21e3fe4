"""What somebody does who leaves for good."""

from __future__ import annotations

import re

from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.test import Client

from prompts.flows.account_erasure import Decisions
from prompts.jobs.worker import Worker
from prompts.models import Membership, Team, TeamDeletion, Tune, User
from tests import factories
from tests.factories import PASSWORD
from tests.traces import image_of

URL = "/account/delete/"


def place(user: User) -> Membership:
    return Membership.objects.select_related("team", "user").get(user=user)


def leaving(user: User, *, heir: Membership | None = None) -> Decisions:
    """To leave every team, with everything handed to `heir` or deleted."""
    return {
        one.team_id: {"seen": one.role, "heir": heir, "delete": heir is None}
        for one in user.memberships.all()
    }


def confirm(client: Client, user: User, **data: str) -> HttpResponse:
    """Posts the form of the page as it stands now."""
    page = client.get(URL).content.decode()
    found = re.search(r'name="ends" value="([^"]*)"', page)
    values = {"password": PASSWORD, "ends": found[1] if found else ""}
    for one in user.memberships.all():
        values[f"{one.public_id}-seen"] = one.role
    return client.post(URL, values | data)


def run_all() -> None:
    """One worker does everything that is due."""
    worker = Worker()
    for _ in range(2):
        while worker.run_next():
            pass
        TeamDeletion.objects.update(run_after=None)


def claim() -> TeamDeletion:
    """The deletion as a worker takes it up."""
    found = TeamDeletion.objects.select_related("team", "receipt").claim("worker")
    assert isinstance(found, TeamDeletion)
    return found


def fill(team: Team, owner: User, people: int = 2) -> list[Tune]:
    """People with two photos, two prompts and two pictures each."""
    tunes = [factories.create_tune(team=team, owner=owner, photos=2) for _ in range(people)]
    for tune in tunes:
        image_of(tune)
        image_of(tune)
    return tunes


def files_below(prefix: str) -> list[str]:
    try:
        folders, names = default_storage.listdir(prefix)
    except FileNotFoundError:
        return []
    below = [file for folder in folders for file in files_below(f"{prefix}/{folder}")]
    return [*(f"{prefix}/{name}" for name in names), *below]
