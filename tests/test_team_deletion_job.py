"""The job that deletes a team: what ran is stopped, and it goes on until nothing is left."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from prompts.engines.base import Picture
from prompts.flows.erasure import erase_person
from prompts.flows.results import keep_picture
from prompts.flows.team_deletion import delete_team
from prompts.jobs.control import Control
from prompts.jobs.runs import run_job
from prompts.jobs.team_deletions import run_team_deletion
from prompts.models import (
    AstriaAccount,
    AuditEntry,
    Delivery,
    Erasure,
    Handover,
    Image,
    Membership,
    Photo,
    Prompt,
    Team,
    TeamDeletion,
    Tune,
    TuneStatus,
    UsageEntry,
    User,
)
from prompts.models.jobs import Job
from tests import factories
from tests.leaving import claim, files_below, fill, place, run_all

# --- What runs --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_running_job_brings_nothing_back(team: Team, alice: User) -> None:
    tune = factories.create_tune(team=team, owner=alice, photos=1)
    factories.create_prompt(tune=tune)
    job = Prompt.objects.select_related("tune__team", "team").claim("worker")
    assert job is not None
    delete_team(place(alice))
    picture = Picture(0, factories.jpeg_bytes(size=(200, 250)), 200, 250, 7, recipe={})
    assert keep_picture(job, picture) is None
    run_all()
    run_job(job)
    assert files_below(f"teams/{team.public_id}") == [] and not Image.objects.exists()


@pytest.mark.django_db
def test_what_waits_is_called_off(team: Team, alice: User, charlie: User) -> None:
    tune = factories.create_tune(team=team, owner=alice, status=TuneStatus.QUEUED)
    prompt = factories.create_prompt(tune=tune)
    delivery = team.deliveries.create(event="prompt", url="https://example.com/", prompt=prompt)
    other = factories.create_prompt(
        tune=factories.create_tune(team=charlie.teams.get(), owner=charlie)
    )
    delete_team(place(alice))
    rows: tuple[Job, ...] = (tune, prompt, delivery, other)
    for row in rows:
        row.refresh_from_db()
    assert [row.status for row in rows] == ["failed", "cancelled", "cancelled", "queued"]
    assert Prompt.objects.claim("worker") == other
    assert Tune.objects.claim("worker") is Delivery.objects.claim("worker") is None


@pytest.mark.django_db
def test_what_its_people_wait_for_elsewhere_moves_up(team: Team, alice: User) -> None:
    elsewhere = factories.create_team(name="Elsewhere")
    factories.create_membership(team=elsewhere, user=alice)
    rows = []
    for number, at in enumerate((team, team, elsewhere), 1):
        tune = factories.create_tune(team=at, owner=alice)
        rows.append(factories.create_prompt(tune=tune, turn=number))
    delete_team(Membership.objects.get(team=team, user=alice))
    rows[-1].refresh_from_db()
    assert rows[-1].turn == 1


# --- In steps ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_worker_that_stops_leaves_the_rest_to_the_next(
    team: Team, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prompts.flows.team_deletion.BATCH", 1)
    fill(team, alice)
    delete_team(place(alice))
    rounds = 0
    while TeamDeletion.objects.exists():
        steps, control = iter(range(3)), Control()

        def check(steps: object = steps, control: Control = control) -> None:
            if next(steps, None) is None:
                control.stop()
            Control.checkpoint(control)

        monkeypatch.setattr(control, "checkpoint", check)
        run_team_deletion(claim(), control)
        rounds += 1
        assert rounds < 60
    assert rounds > 4
    assert not Team.objects.exists() and not Photo.objects.exists() and not Image.objects.exists()
    assert files_below(f"teams/{team.public_id}") == []


@pytest.mark.django_db
def test_a_fault_is_tried_again_without_end(
    team: Team, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> int:
        raise OSError("the disk is away")

    fill(team, alice)
    delete_team(place(alice))
    TeamDeletion.objects.update(attempts=400)
    with monkeypatch.context() as patch:
        patch.setattr("prompts.flows.team_deletion.delete_tree", fail)
        run_team_deletion(claim(), Control())
    row = TeamDeletion.objects.get()
    assert row.status == TeamDeletion.WAITING and row.run_after is not None
    TeamDeletion.objects.update(run_after=None)
    run_team_deletion(claim(), Control())
    assert not Team.objects.exists() and files_below(f"teams/{team.public_id}") == []


@pytest.mark.django_db
def test_late_rows_and_files_go_as_well(team: Team, alice: User) -> None:
    fill(team, alice, 1)
    delete_team(place(alice))
    # Requests that were under way when the team was deleted.
    late = fill(team, alice, 1)[0]
    UsageEntry.objects.create(
        team=team, engine="fake", ended_at=timezone.now(), status="completed", images=1
    )
    AuditEntry.objects.create(team=team, via="page", action="team_edited")
    run_team_deletion(claim(), Control())
    assert not Tune.objects.exists() and not UsageEntry.objects.exists()
    assert files_below(late.prefix) == []
    assert Erasure.objects.get().prefixes == [f"teams/{team.public_id}"]


# --- Copies at a service ----------------------------------------------------------------------


@pytest.mark.django_db
def test_the_key_is_kept_until_no_copy_is_left(team: Team, alice: User) -> None:
    account = AstriaAccount.objects.create(team=team, key="sd_key", holder="Acme Inc")
    tune = fill(team, alice, 1)[0]
    Handover.of(tune, "https://portal.test").note(remote_id=7, sent_at=timezone.now())
    receipt = delete_team(place(alice))
    assert (receipt.remote_copies, receipt.remote_left) == (1, 1)
    assert Handover.objects.runnable().count() == 1
    run_team_deletion(claim(), Control())
    account.refresh_from_db()
    team.refresh_from_db()
    assert (account.key, account.holder, team.name) == ("sd_key", "", "")
    assert not Tune.objects.exists() and files_below(f"teams/{team.public_id}") == []
    assert TeamDeletion.objects.get().run_after is not None
    page = Client().get(receipt.get_absolute_url()).content.decode()
    assert "1 of 1 are still to be deleted there" in page and "Files are still" not in page
    Handover.objects.update(status=Handover.DELETED)
    TeamDeletion.objects.update(run_after=None)
    run_team_deletion(claim(), Control())
    receipt.refresh_from_db()
    assert receipt.remote_done_at is not None and receipt.remote_left == 0
    assert not Team.objects.exists() and not AstriaAccount.objects.exists()


@pytest.mark.django_db
def test_copies_of_people_erased_before_stay_with_their_own_receipt(
    team: Team, alice: User
) -> None:
    AstriaAccount.objects.create(team=team, key="sd_key")
    tune = fill(team, alice, 1)[0]
    Handover.of(tune, "https://portal.test").note(remote_id=7, sent_at=timezone.now())
    earlier = erase_person(tune, by=alice)
    receipt = delete_team(place(alice))
    earlier.refresh_from_db()
    assert (receipt.remote_copies, earlier.remote_left) == (0, 1)
    run_team_deletion(claim(), Control())
    assert Team.objects.exists() and Handover.objects.runnable().count() == 1
