"""What a team's retention periods are up for goes, and nothing else, and never unannounced."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.utils import timezone

from prompts.flows.retention import sweep_retention
from prompts.models import AuditEntry, Image, Mail, Prompt, Team, Tune, TuneStatus, User
from prompts.retention import due_of
from tests.factories import (
    create_album,
    create_image,
    create_membership,
    create_photo,
    create_prompt,
    create_share,
    create_team,
    create_tune,
    signed_in,
)

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 1, 1, 9, tzinfo=dt.UTC)


def on_day(day: int) -> time_machine.travel:
    """So many days after everything was made."""
    return time_machine.travel(START + dt.timedelta(days=day), tick=False)


def sweep(*days: int) -> None:
    for day in days:
        with on_day(day):
            sweep_retention()


@pytest.fixture
def tune(team: Team, alice: User) -> Tune:
    with on_day(0):
        tune = create_tune(team=team, owner=alice, photos=2, trained_at=timezone.now())
        create_image(prompt=create_prompt(tune=tune, status="completed"))
        Prompt.objects.update(created_at=START)
        Image.objects.update(created_at=START)
        Tune.objects.update(created_at=START)
    return tune


def set_periods(team: Team, **days: int) -> None:
    Team.objects.filter(pk=team.pk).update(**days)
    team.refresh_from_db()


def test_without_periods_everything_is_kept(tune: Tune) -> None:
    sweep(1, 400, 4000)
    tune.refresh_from_db()
    assert (tune.status, tune.photos.count(), tune.images.count()) == (TuneStatus.TRAINED, 2, 1)
    assert not Mail.objects.exists()


def test_photos_go_on_their_day_and_pictures_stay(
    tune: Tune, team: Team, django_capture_on_commit_callbacks: object
) -> None:
    set_periods(team, photos_kept_days=60)
    photo, image = tune.photos.first(), tune.images.get()
    assert photo
    sweep(45)
    assert not Mail.objects.exists()
    sweep(47, 50)
    assert Mail.objects.get().to == "alice@example.com"
    assert "3 March 2026" in Mail.objects.get().text
    sweep(59)
    assert tune.photos.count() == 2
    with django_capture_on_commit_callbacks(execute=True):
        sweep(62)
    tune.refresh_from_db()
    assert tune.status == TuneStatus.EXPIRED and not tune.photos.exists()
    assert not default_storage.exists(photo.file) and default_storage.exists(image.file)
    assert list(tune.images.all()) == [image]
    assert AuditEntry.objects.get(action="data_expired").details == {"photos": 2}


def test_people_of_whom_nothing_was_asked_go_whole(
    tune: Tune, team: Team, django_capture_on_commit_callbacks: object
) -> None:
    set_periods(team, people_kept_days=100)
    file = tune.images.get().file
    with django_capture_on_commit_callbacks(execute=True):
        sweep(86, 101)
    assert not Tune.objects.exists() and not default_storage.exists(file)


def test_somebody_still_used_is_kept(tune: Tune, team: Team) -> None:
    set_periods(team, people_kept_days=100)
    sweep(86)
    with on_day(95):
        create_prompt(tune=tune)
    sweep(101, 150)
    assert Tune.objects.filter(pk=tune.pk).exists()


def test_somebody_used_again_is_announced_again(tune: Tune, team: Team) -> None:
    set_periods(team, people_kept_days=100)
    sweep(86)
    with on_day(95):
        create_prompt(tune=tune)
    sweep(101, 182, 196)
    assert Mail.objects.count() == 2
    assert not Tune.objects.exists()


def test_a_new_rule_takes_nothing_without_a_warning(tune: Tune, team: Team) -> None:
    with on_day(500):
        set_periods(team, people_kept_days=100)
    sweep(500, 505, 513)
    assert Tune.objects.exists()
    with on_day(505):
        due = due_of(Tune.objects.select_related("team").get())
        assert due and due.on == START + dt.timedelta(days=514)
    sweep(514)
    assert not Tune.objects.exists()


def test_the_owner_sees_it_coming_and_can_keep_it(tune: Tune, team: Team, alice: User) -> None:
    set_periods(team, photos_kept_days=60)
    sweep(50)
    with on_day(51):
        client = signed_in(alice)
        for path in ("/", tune.get_absolute_url(), f"/tunes/{tune.public_id}/data/"):
            page = client.get(path).content.decode()
            assert "are deleted" in page and f"/tunes/{tune.public_id}/keep/" in page
        client.post(f"/tunes/{tune.public_id}/keep/")
        assert "are deleted</" not in client.get("/").content.decode()
        assert due_of(Tune.objects.select_related("team").get()) is None
    sweep(62, 96)
    assert tune.photos.count() == 2
    sweep(98, 113)
    assert not tune.photos.exists()


def test_old_pictures_go_to_the_trash_unless_they_serve_somebody(
    tune: Tune, team: Team, alice: User
) -> None:
    prompt = Prompt.objects.get()
    images = [tune.images.get(), *(create_image(prompt=prompt, index=n) for n in (1, 2, 3))]
    Image.objects.update(created_at=START)
    chosen, in_album, shared, plain = images
    Tune.objects.update(final_image=chosen)
    create_album(owner=alice, images=[in_album])
    # By the database's clock, which no test moves, it ends never.
    share = create_share(author=alice, images=[shared], expires_at=None)
    set_periods(team, pictures_kept_days=90)
    sweep(89)
    assert Image.objects.present().count() == 4
    sweep(91)
    assert set(Image.objects.present()) == {chosen, in_album, shared}
    share.revoke()
    sweep(92)
    assert set(Image.objects.present()) == {chosen, in_album}
    assert plain.prompt == prompt


def test_other_teams_are_left_alone(tune: Tune, team: Team, alice: User) -> None:
    other = create_team(name="Other")
    create_membership(team=other, user=alice)
    theirs = create_tune(team=other, owner=alice, trained_at=START)
    create_photo(tune=theirs)
    Tune.objects.update(created_at=START)
    set_periods(team, photos_kept_days=30, people_kept_days=30, pictures_kept_days=30)
    sweep(20, 400)
    assert list(Tune.objects.all()) == [theirs] and theirs.photos.exists()


def test_admins_set_the_periods(team: Team, alice: User) -> None:
    client = signed_in(alice)
    assert client.post("/settings/data/", {"photos_kept_days": "3"}).status_code == 422
    client.post("/settings/data/", {"photos_kept_days": "60"})
    team.refresh_from_db()
    assert (team.photos_kept_days, team.people_kept_days) == (60, None)
    client.post("/settings/data/", {"photos_kept_days": ""})
    team.refresh_from_db()
    assert team.photos_kept_days is None
    changes = AuditEntry.objects.filter(action="retention_changed")
    assert [entry.details for entry in changes] == [{"changed": ["photos_kept_days"]}] * 2
