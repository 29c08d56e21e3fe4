"""Erasing a person: nothing of them is left anywhere, and nothing of others is lost."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prompts.audit import ERASED, record
from prompts.engines.base import Picture
from prompts.flows.erasure import AlreadyErased, erase_person, finish_erasures
from prompts.flows.packs import add_to_pack
from prompts.flows.results import keep_picture
from prompts.jobs.runs import run_job
from prompts.jobs.worker import Worker
from prompts.models import (
    Album,
    AuditEntry,
    Delivery,
    Erasure,
    Handover,
    IdempotencyKey,
    Image,
    Pack,
    Preset,
    Prompt,
    PromptStatus,
    Share,
    Team,
    Tune,
    TuneStatus,
    User,
)
from tests import factories
from tests.traces import image_of, leave_traces, mail_folder, where


@pytest.fixture
def tune(alice: User, team: Team) -> Tune:
    return factories.create_tune(
        team=team, owner=alice, photos=2, title="Jane Doe", status=TuneStatus.TRAINED
    )


# --- Nothing is left --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_no_byte_of_the_person_is_left(
    folders: list[Path], alice: User, alice_client: Client
) -> None:
    marker = f"zq{secrets.token_hex(8)}"
    tune = leave_traces(marker, alice, alice_client)
    before = where(marker, folders)
    assert len(before) >= 6, before
    address = reverse("tune_erase", args=[tune.public_id])
    response = alice_client.post(address, {"name": tune.title.upper()})
    assert response.status_code == 302
    connections.close_all()
    worker = Worker()
    worker._sweep_if_due()
    while worker.run_next():
        pass
    assert where(marker, folders) == []
    receipt = Erasure.objects.get()
    assert (receipt.counts["photos"], receipt.counts["prompts"], receipt.counts["pictures"]) == (
        2, 2, 1,
    )  # fmt: skip
    assert receipt.counts["files"] > 8
    # What is about others is still there.
    assert Share.objects.get().title == f"{ERASED} and Ada"
    assert Album.objects.get().title == f"With {ERASED}"
    assert Album.objects.get().images.count() == 1
    assert [f.name for f in mail_folder().glob("20260101-*")] == ["20260101-2.log"]


@pytest.mark.django_db(transaction=True)
def test_deleted_rows_are_overwritten_at_once(team: Team) -> None:
    """Not only for erasures: nothing that is deleted stays readable in free pages."""
    if connection.vendor != "sqlite":
        pytest.skip("SQLite alone leaves this to its users")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        assert cursor.fetchone()[0] == 1


@pytest.mark.django_db(transaction=True)
def test_no_piece_of_a_text_stays_in_the_search_index(
    folders: list[Path], tune: Tune, alice: User
) -> None:
    # Three letters are one piece of the index, which keeps it in one run of bytes.
    piece = "\u9f98\u9750\u9f49"
    factories.create_prompt(tune=tune, text=f"woman {piece}", status=PromptStatus.COMPLETED)
    factories.create_prompt(tune=tune, text="woman at sea", status=PromptStatus.COMPLETED)
    assert where(piece, folders)
    erase_person(tune, by=alice)
    connections.close_all()
    assert where(piece, folders) == []


# --- Workers ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_running_job_brings_nothing_back(tune: Tune, alice: User, media: str) -> None:
    factories.create_prompt(tune=tune)
    job = Prompt.objects.select_related("tune__team", "team").claim("worker")
    assert job is not None
    erase_person(tune, by=alice)
    picture = Picture(0, factories.jpeg_bytes(size=(200, 250)), 200, 250, 7, recipe={})
    assert keep_picture(job, picture) is None
    run_job(job)
    assert not (Path(media) / tune.prefix).exists() or not any(
        f.is_file() for f in (Path(media) / tune.prefix).rglob("*")
    )
    assert Image.objects.count() == Prompt.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_file_that_comes_back_is_deleted_for_a_day(tune: Tune, alice: User) -> None:
    prefix = tune.prefix
    erase_person(tune, by=alice)
    name = default_storage.save(f"{prefix}/photos/late.jpg", ContentFile(b"late"))
    finish_erasures()
    assert not default_storage.exists(name)
    Erasure.objects.update(created_at=timezone.now() - dt.timedelta(days=2))
    assert finish_erasures() == 1
    receipt = Erasure.objects.get()
    assert receipt.prefixes == [] and receipt.settled_at
    assert finish_erasures() == 0


@pytest.mark.django_db(transaction=True)
def test_files_go_although_the_process_died_right_after_the_commit(
    tune: Tune, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = tune.photos.get(pk=tune.photos.first().pk).file
    with monkeypatch.context() as patch:
        patch.setattr("prompts.flows.erasure.wipe", lambda receipt: None)
        erase_person(tune, by=alice)
    assert default_storage.exists(photo)
    finish_erasures()
    assert not default_storage.exists(photo)


# --- Copies at a service ----------------------------------------------------------------------


@pytest.mark.django_db
def test_copies_at_a_service_are_tried_until_they_are_gone(tune: Tune, alice: User) -> None:
    handover = Handover.of(tune, "https://portal.test")
    handover.note(remote_id=7, sent_at=timezone.now())
    receipt = erase_person(tune, by=alice)
    assert (receipt.remote_copies, receipt.remote_left) == (1, 1)
    # It got stuck two days ago.
    Handover.objects.update(
        status=Handover.FAILED, finished_at=timezone.now() - dt.timedelta(days=2), attempts=12
    )
    finish_erasures()
    assert Handover.objects.runnable().count() == 1
    receipt.refresh_from_db()
    assert receipt.remote_done_at is None and receipt.remote_left == 1
    Handover.objects.update(status=Handover.DELETED)
    finish_erasures()
    receipt.refresh_from_db()
    assert receipt.remote_done_at is not None and receipt.remote_left == 0


@pytest.mark.django_db
def test_a_removal_that_got_stuck_a_moment_ago_is_left_alone(tune: Tune, alice: User) -> None:
    Handover.of(tune, "https://portal.test").note(remote_id=7, sent_at=timezone.now())
    erase_person(tune, by=alice)
    Handover.objects.update(status=Handover.FAILED, finished_at=timezone.now())
    finish_erasures()
    assert Handover.objects.get().status == Handover.FAILED


@pytest.mark.django_db
def test_a_person_who_never_left_the_house_has_no_copies(tune: Tune, alice: User) -> None:
    receipt = erase_person(tune, by=alice)
    finish_erasures()
    receipt.refresh_from_db()
    assert receipt.remote_copies == receipt.remote_left == 0


# --- What stays -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_others_keep_their_pictures_links_and_names(tune: Tune, alice: User, team: Team) -> None:
    ada = factories.create_tune(team=team, owner=alice, title="Ada")
    both = factories.create_share(author=alice, images=[image_of(tune), image_of(ada)])
    own = factories.create_share(author=alice, images=[image_of(tune)])
    hers = factories.create_share(author=alice, images=[image_of(ada)], title="Jane Doerr’s Ada")
    erase_person(tune, by=alice)
    assert set(Share.objects.all()) == {both, hers} and own not in Share.objects.all()
    assert both.images.count() == 1
    hers.refresh_from_db()
    assert hers.title == "Jane Doerr’s Ada"
    assert Image.objects.filter(tune=ada).count() == 2


@pytest.mark.django_db
def test_a_name_that_somebody_else_bears_stays(tune: Tune, alice: User, team: Team) -> None:
    factories.create_tune(team=team, owner=alice, title="jane doe")
    factories.create_album(owner=alice, title="Jane Doe on stage")
    erase_person(tune, by=alice)
    assert Album.objects.get().title == "Jane Doe on stage"


@pytest.mark.django_db
def test_other_teams_are_not_touched(tune: Tune, alice: User, charlie: User) -> None:
    theirs = factories.create_album(owner=charlie, title="Jane Doe")
    entry = record(charlie.teams.get(), "album_created", target=theirs)
    erase_person(tune, by=alice)
    entry.refresh_from_db()
    assert entry.target_label == Album.objects.get(pk=theirs.pk).title == "Jane Doe"


@pytest.mark.django_db
def test_the_audit_log_keeps_what_happened_without_whose_it_was(tune: Tune, alice: User) -> None:
    record(tune.team, "tune_created", target=tune, consent_of="Jane Doe", engine="studio")
    record(tune.team, "prompt_submitted", target=image_of(tune).prompt, pictures=3)
    receipt = erase_person(tune, by=alice)
    rows = AuditEntry.objects.order_by("id").values_list("action", "target_label", "details")
    assert list(rows) == [
        ("tune_created", ERASED, {}),
        ("prompt_submitted", ERASED, {"pictures": 3}),
        ("tune_erased", "", {"receipt": receipt.number}),
    ]


@pytest.mark.django_db
def test_kept_answers_about_others_stay(tune: Tune, alice: User) -> None:
    key, _ = factories.create_api_key(user=alice)

    def keep(name: str, body: dict[str, object]) -> None:
        IdempotencyKey.objects.create(
            api_key=key, name=name, fingerprint="x", lease_expires_at=timezone.now(), status=201,
            body=json.dumps(body),
        )  # fmt: skip

    keep("theirs", {"id": 1, "tune_id": tune.pk})
    keep("longer number", {"id": tune.pk, "tune_id": int(f"{tune.pk}0")})
    erase_person(tune, by=alice)
    assert list(IdempotencyKey.objects.values_list("name", flat=True)) == ["longer number"]


@pytest.mark.django_db
def test_the_templates_of_other_people_stay(tune: Tune, alice: User, team: Team) -> None:
    ada = factories.create_tune(team=team, owner=alice, title="Ada")
    pack = Pack.objects.create(team=team, slug="ours", title="Ours")
    add_to_pack(pack, [factories.create_prompt(tune=tune), factories.create_prompt(tune=ada)])
    erase_person(tune, by=alice)
    assert pack.items.count() == Preset.objects.filter(team=team).count() == 1


# --- Once, and wholly -------------------------------------------------------------------------


@pytest.mark.django_db
def test_erasing_again_finds_nobody(tune: Tune, alice: User) -> None:
    again = Tune.objects.get(pk=tune.pk)
    erase_person(tune, by=alice)
    with pytest.raises(AlreadyErased):
        erase_person(again, by=alice)
    assert Erasure.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_fails_halfway_erases_nothing(
    tune: Tune, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("prompts.flows.traces.take_names_out", fail)
    public_id = tune.public_id
    with pytest.raises(RuntimeError), transaction.atomic():
        erase_person(tune, by=alice)
    left = Tune.objects.get(public_id=public_id)
    assert left.photos.count() == 2 and Erasure.objects.count() == 0
    assert all(default_storage.exists(photo.file) for photo in left.photos.all())


# --- Pages ------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["", "Jane", "Jane Doe!", "John Doe"])
def test_another_name_erases_nobody(typed: str, tune: Tune, alice_client: Client) -> None:
    response = alice_client.post(reverse("tune_erase", args=[tune.public_id]), {"name": typed})
    assert response.status_code == 422
    assert Tune.objects.filter(pk=tune.pk).exists()


@pytest.mark.django_db
def test_an_owner_may_withdraw_in_any_role(tune: Tune, vera: User, vera_client: Client) -> None:
    Tune.objects.filter(pk=tune.pk).update(owner=vera)
    response = vera_client.post(reverse("tune_erase", args=[tune.public_id]), {"name": "jane doe"})
    assert response.status_code == 302
    assert not Tune.objects.exists()


@pytest.mark.django_db
def test_the_receipt_names_nobody_and_needs_no_account(tune: Tune, alice: User) -> None:
    receipt = erase_person(tune, by=alice)
    for name in ("erasure_receipt", "erasure_text", "erasure_json"):
        response = Client().get(reverse(name, args=[receipt.public_id]))
        page = response.content.decode()
        assert receipt.number in page
        assert not any(word in page for word in ("Jane", "Doe", "Alice", "alice@example.com"))
        assert response["Cache-Control"] == "private, no-store"
    data = Client().get(reverse("erasure_json", args=[receipt.public_id])).json()
    assert data["counts"]["photos"] == 2


@pytest.mark.django_db
def test_the_list_shows_the_teams_own_receipts(
    tune: Tune, alice: User, alice_client: Client, charlie_client: Client
) -> None:
    receipt = erase_person(tune, by=alice)
    assert receipt.number in alice_client.get(reverse("erasure_list")).content.decode()
    assert receipt.number not in charlie_client.get(reverse("erasure_list")).content.decode()


Answer = Callable[[], object]


@pytest.mark.django_db
def test_a_callback_that_is_being_sent_finds_nothing_to_say(tune: Tune, alice: User) -> None:
    prompt = factories.create_prompt(tune=tune, status=PromptStatus.COMPLETED)
    tune.team.deliveries.create(event="prompt", url="https://example.com/", prompt=prompt)
    delivery = Delivery.objects.claim("worker")
    assert delivery is not None
    erase_person(tune, by=alice)
    assert not delivery.finish_as("delivered", response_excerpt="Jane Doe")
    assert Delivery.objects.count() == 0
