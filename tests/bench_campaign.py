"""Measures the page of team headshots: `python -m tests.bench_campaign [members]`.

An admin's page with twenty members and with all of them, at every filter, through the whole chain
of middleware. Uses a database of its own, or the empty one that DATABASE_URL names.
"""

from __future__ import annotations

import statistics
import sys
import time

from tests.bench import fresh_portal, pages_in_process

MEMBERS = 500
PATHS = ("/campaign/", "/campaign/?page=10", "/campaign/?step=3", "/campaign/?q=member+4")
ROUNDS = 20


def main() -> None:
    """Prints a table: median and slowest in ms, and the number of queries."""
    members = int(sys.argv[1]) if len(sys.argv) > 1 else MEMBERS
    with fresh_portal(), pages_in_process():
        measure(members)


def measure(members: int) -> None:
    from django.core.cache import cache

    from prompts.models import Campaign, Preset, Role
    from tests.factories import create_membership, create_team, create_user, signed_in

    team, owner = create_team(), create_user(name="Owner")
    create_membership(team=team, user=owner, role=Role.OWNER)
    preset = Preset.objects.get(slug="corporate-blue")
    Campaign.objects.create(team=team, preset=preset, is_locked=True)
    client = signed_in(owner)
    print(f"{'members':>8} {'page':24} {'median':>8} {'slowest':>8} {'queries':>8}")
    present = 0
    for count in (20, members):
        for number in range(present, count):
            add_member(team, number)
        present = count
        for path in PATHS:
            cache.clear()
            print_row(client, count, path)


def add_member(team: object, number: int) -> None:
    """The steps in turn: nothing, photos, trained, pictures, chosen."""
    from prompts.models import Tune, TuneStatus
    from tests import factories

    user = factories.create_user(name=f"Member {number:04}")
    factories.create_membership(team=team, user=user)
    if not (step := number % 5):
        return
    status = TuneStatus.TRAINED if step > 1 else TuneStatus.DRAFT
    tune = factories.create_tune(team=team, owner=user, status=status, photos=2)
    if step < 3:
        return
    prompt = factories.create_prompt(tune=tune, status="completed")
    images = [factories.create_image(prompt=prompt, index=index) for index in range(4)]
    if step == 4:
        Tune.objects.filter(pk=tune.pk).update(final_image=images[0])


def print_row(client: object, count: int, path: str) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200, path
    queries = len(captured)
    took = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        client.get(path)
        took.append((time.perf_counter() - begun) * 1e3)
    print(f"{count:8} {path:24} {statistics.median(took):8.1f} {max(took):8.1f} {queries:8}")


if __name__ == "__main__":
    main()
