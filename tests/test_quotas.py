"""Limits of use: their bounds, what gives back, and that parallel requests cannot pass together."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from prompts.flows.images import delete_images, trash_images
from prompts.flows.photos import add_photo
from prompts.flows.prompts import cancel_prompt, delete_prompt, retry_prompt, submit_prompt
from prompts.flows.quotas import set_quota
from prompts.flows.shares import shared_file
from prompts.flows.tunes import delete_tune
from prompts.flows.usage import measure_stored
from prompts.forms.quotas import GIGABYTE
from prompts.imaging import clean_photo
from prompts.jobs.worker import Worker
from prompts.models import (
    AuditEntry,
    Image,
    Pack,
    Photo,
    Prompt,
    PromptStatus,
    Quota,
    Share,
    Shoot,
    Team,
    Tune,
    TuneStatus,
    UsageEntry,
    User,
)
from prompts.quotas import QuotaExceeded, images_used, storage_used
from tests import factories
from tests.factories import ApiClient, jpeg_bytes
from tests.side_by_side import side_by_side
from tests.test_tunes import WHO

pytestmark = pytest.mark.django_db


@pytest.fixture
def tune(team: Team, bob: User) -> Tune:
    return factories.create_tune(team=team, owner=bob, photos=4)


@pytest.fixture
def bob_api(bob: User) -> ApiClient:
    return ApiClient(factories.create_api_key(user=bob)[1])


def ask(tune: Tune, count: int = 1, text: str = "ohwx woman") -> Prompt:
    return submit_prompt(tune=tune, author=tune.owner, text=text, parameters={}, num_images=count)


def work() -> None:
    worker = Worker()
    while worker.run_next():
        pass


def create_draft(client: Client) -> Tune:
    assert client.post(reverse("tune_new"), WHO, headers={"X-Draft": "1"}).status_code == 201
    return Tune.objects.latest("pk")


def submit(client: Client, tune: Tune, count: int, **headers: str) -> Any:
    data = {"text": "headshot of ohwx woman", "num_images": count}
    return client.post(reverse("prompt_list", args=[tune.public_id]), data, headers=headers)


# --- Pictures ------------------------------------------------------------------------------------


def test_pictures_up_to_the_limit_and_not_one_more(team: Team, bob: User, tune: Tune) -> None:
    set_quota(team, None, images=8)
    ask(tune, 5)
    with pytest.raises(
        QuotaExceeded, match=r"You have 3 of 8 pictures left this month; this asks for 4\."
    ):
        ask(tune, 4)
    ask(tune, 3)
    with pytest.raises(QuotaExceeded, match="You have none of 8 pictures left"):
        ask(tune, 1)
    assert images_used(team, bob) == 8


def test_a_member_is_not_limited_by_what_others_use(team: Team, alice: User, tune: Tune) -> None:
    set_quota(team, None, images=4)
    ask(tune, 4)
    ask(factories.create_tune(team=team, owner=alice), 4)


@pytest.mark.parametrize(("own", "passes"), [(12, True), (2, False), (0, False), (None, False)])
def test_a_member_s_own_limit_goes_before_the_team_s(
    own: int | None, passes: bool, team: Team, bob: User, tune: Tune
) -> None:
    set_quota(team, None, images=4)
    set_quota(team, bob, images=own, tunes=None)
    if passes:
        ask(tune, 8)
    else:
        with pytest.raises(QuotaExceeded):
            ask(tune, 8)


def test_a_limit_of_another_team_does_not_matter(team: Team, charlie: User, tune: Tune) -> None:
    set_quota(charlie.teams.get(), None, images=0, tunes=0, storage=0)
    ask(tune, 8)


def test_what_is_made_counts_and_stays_counted_when_it_is_deleted(
    team: Team, bob: User, tune: Tune
) -> None:
    set_quota(team, None, images=8)
    prompt = ask(tune, 3)
    work()
    assert images_used(team, bob) == 3
    trash_images(prompt.images.all(), bob)
    delete_images(prompt.images.all())
    delete_prompt(prompt)
    assert images_used(team, bob) == 3
    delete_tune(tune)
    assert images_used(team, bob) == 3


@pytest.mark.parametrize("leave", [cancel_prompt, delete_prompt])
def test_what_is_cancelled_or_deleted_before_it_was_made_is_given_back(
    leave: Callable[[Prompt], object], team: Team, bob: User, tune: Tune
) -> None:
    set_quota(team, None, images=4)
    prompt = ask(tune, 4)
    leave(prompt)
    assert images_used(team, bob) == 0
    ask(tune, 4)


def test_what_fails_is_given_back(team: Team, bob: User, tune: Tune) -> None:
    set_quota(team, None, images=4)
    prompt = ask(tune, 4, text="ohwx woman, fail: no")
    work()
    prompt.refresh_from_db()
    assert prompt.status == PromptStatus.FAILED
    assert images_used(team, bob) == prompt.images.count()


def test_pictures_made_before_a_cancellation_count_and_the_rest_can_be_retried(
    team: Team, bob: User, tune: Tune
) -> None:
    set_quota(team, None, images=4)
    prompt = ask(tune, 4)
    claimed = Prompt.objects.claim("worker")
    for index in range(2):
        factories.create_image(prompt=prompt, index=index)
        Prompt.objects.filter(pk=prompt.pk).update(made=index + 1)
    assert claimed is not None
    assert cancel_prompt(prompt)
    assert images_used(team, bob) == 2
    assert retry_prompt(prompt)
    assert images_used(team, bob) == 4
    work()
    assert prompt.images.count() == 4
    assert images_used(team, bob) == 4
    assert sorted(UsageEntry.objects.values_list("status", "images")) == [
        ("cancelled", 2),
        ("completed", 2),
    ]


def test_a_retry_must_fit_too_and_says_so_on_its_card(
    team: Team, bob_client: Client, tune: Tune
) -> None:
    prompt = ask(tune, 4)
    cancel_prompt(prompt)
    set_quota(team, None, images=3)
    url = reverse("prompt_retry", args=[prompt.public_id])
    answer = bob_client.post(url, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "You have 3 of 3 pictures left this month; this asks for 4." in answer.content.decode()
    assert "asks for 4." in bob_client.post(url, follow=True).content.decode()
    prompt.refresh_from_db()
    assert prompt.status == PromptStatus.CANCELLED


def test_a_month_begins_with_its_first_moment_in_utc(team: Team, bob: User) -> None:
    start = timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for ended_at, images in ((start, 1), (start - dt.timedelta(microseconds=1), 10)):
        UsageEntry.objects.create(
            team=team, user=bob, engine="fake", ended_at=ended_at, status="completed", images=images
        )
    assert images_used(team, bob) == 1


def test_the_mock_is_free(team: Team, bob: User) -> None:
    set_quota(team, None, images=0)
    mock = factories.create_tune(team=team, owner=bob, engine="mock", photos=1)
    ask(mock, 8)
    work()
    assert UsageEntry.objects.get().images == 8
    assert images_used(team, bob) == 0


def test_a_page_says_what_is_left_and_refuses_more_with_nothing_stored(
    team: Team, tune: Tune, bob_client: Client, media: str
) -> None:
    set_quota(team, None, images=3)
    assert (
        "3 of 3 pictures left this month"
        in bob_client.get(tune.get_absolute_url()).content.decode()
    )
    before = files_in(Path(media))
    for headers in ({}, {"HX-Request": "true"}):
        answer = submit(bob_client, tune, 4, **headers)
        assert answer.status_code == 422
        assert "You have 3 of 3 pictures left this month" in answer.content.decode()
    file = SimpleUploadedFile("in.jpg", jpeg_bytes(), "image/jpeg")
    data = {"text": "ohwx woman", "num_images": 4, "input_image": file}
    url = reverse("prompt_list", args=[tune.public_id])
    assert bob_client.post(url, data).status_code == 422
    assert not Prompt.objects.exists()
    assert files_in(Path(media)) == before
    assert submit(bob_client, tune, 3).status_code == 302


def test_without_a_limit_nothing_is_said_of_one(tune: Tune, bob_client: Client) -> None:
    assert "left this month" not in bob_client.get(tune.get_absolute_url()).content.decode()


def test_the_gateway_refuses_with_422_for_the_whole_object(
    team: Team, tune: Tune, bob_api: ApiClient
) -> None:
    set_quota(team, None, images=3)
    body = json.dumps({"prompt": {"text": "ohwx woman", "num_images": 4}})
    url = f"/api/tunes/{tune.pk}/prompts"
    answer = bob_api.post(url, body, "application/json")
    words = "You have 3 of 3 pictures left this month; this asks for 4."
    assert (answer.status_code, answer.json()) == (422, {"base": [words]})
    assert bob_api.post(url, body.replace("4", "3"), "application/json").status_code == 201


def test_a_pack_is_run_as_a_whole_or_not_at_all(
    team: Team, tune: Tune, bob_client: Client, bob_api: ApiClient
) -> None:
    pack = Pack.objects.get(slug="corporate-headshots")
    set_quota(team, None, images=9)
    values = {
        "tunes": [tune.public_id],
        "presets": [preset.slug for preset in pack.ordered_presets()],
        "num_images": 2,
    }
    page = bob_client.post(pack.get_absolute_url(), values)
    assert page.status_code == 422
    assert "this asks for 10" in page.content.decode()
    body = {"tune": {"tune_ids": [tune.pk], "prompt_attributes": {"num_images": 2}}}
    answer = bob_api.post("/api/p/corporate-headshots/tunes", json.dumps(body), "application/json")
    assert answer.status_code == 422
    assert "this asks for 10" in answer.json()["base"][0]
    assert not Prompt.objects.exists()
    assert not Shoot.objects.exists()
    set_quota(team, None, images=10)
    assert bob_client.post(pack.get_absolute_url(), values).status_code == 302


def test_a_person_with_prompts_comes_as_a_whole_or_not_at_all(
    team: Team, bob_api: ApiClient, media: str
) -> None:
    set_quota(team, None, images=7)
    photos = [factories.jpeg_bytes(color=f"#{10 + 9 * n:02x}6644") for n in range(4)]
    form = {
        "tune[title]": "Ada",
        "tune[name]": "woman",
        "tune[images][]": [SimpleUploadedFile("a.jpg", data, "image/jpeg") for data in photos],
        "tune[prompts_attributes][0][text]": "ohwx woman",
        "tune[prompts_attributes][0][num_images]": "4",
        "tune[prompts_attributes][1][text]": "ohwx woman",
        "tune[prompts_attributes][1][num_images]": "4",
    }
    answer = bob_api.post("/api/tunes", form)
    assert (answer.status_code, list(answer.json())) == (422, ["base"])
    assert "7 of 7" in answer.json()["base"][0]
    assert not Tune.objects.exists()
    assert not files_in(Path(media))


@pytest.mark.django_db(transaction=True)
def test_parallel_requests_cannot_pass_together(team: Team, bob: User) -> None:
    tune = factories.create_tune(team=team, owner=bob)
    set_quota(team, None, images=7)

    def one() -> Prompt:
        return ask(Tune.objects.get(pk=tune.pk), 2)

    answers = side_by_side([one] * 6, refusals=(QuotaExceeded,))
    assert sum(isinstance(answer, QuotaExceeded) for answer in answers) == 3
    assert images_used(team, bob) == 6


# --- People --------------------------------------------------------------------------------------


def test_people_up_to_the_limit_on_pages_and_through_the_gateway(
    team: Team, tune: Tune, bob_client: Client, bob_api: ApiClient, media: str
) -> None:
    set_quota(team, None, tunes=2)
    create_draft(bob_client)
    draft = bob_client.post(reverse("tune_new"), WHO, headers={"X-Draft": "1"})
    words = "You have 2 of 2 people."
    assert draft.status_code == 422
    assert words in draft.json()["errors"]["__all__"][0]
    photos = [SimpleUploadedFile("a.jpg", jpeg_bytes(color=f"#{n}06644")) for n in range(4)]
    page = bob_client.post(reverse("tune_new"), WHO | {"photos": photos})
    assert page.status_code == 422
    assert words in page.content.decode()
    before = len(list(Path(media).rglob("*.jpg")))
    files = [SimpleUploadedFile("a.jpg", jpeg_bytes(color=f"#{n}06644")) for n in range(4)]
    answer = bob_api.post(
        "/api/tunes", {"tune[title]": "Eve", "tune[name]": "woman", "tune[images][]": files}
    )
    assert answer.status_code == 422
    assert words in answer.json()["base"][0]
    assert Tune.objects.count() == 2
    assert len(list(Path(media).rglob("*.jpg"))) == before
    delete_tune(tune)
    create_draft(bob_client)


def test_the_demo_s_person_does_not_count(team: Team, bob: User, bob_client: Client) -> None:
    factories.create_tune(team=team, owner=bob, is_sample=True)
    set_quota(team, None, tunes=1)
    create_draft(bob_client)


# --- Storage -------------------------------------------------------------------------------------


def files_in(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def bytes_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in files_in(folder))


@pytest.mark.django_db(transaction=True)
def test_storage_is_the_files_of_photos_and_pictures_whatever_happens(
    team: Team, bob: User, charlie: User, media: str
) -> None:
    tune = factories.create_tune(team=team, owner=bob, status=TuneStatus.DRAFT)
    folder = Path(media)
    for n in range(4):
        add_photo(tune, f"{n}.jpg", clean_photo(jpeg_bytes(color=f"#{n}06644"), name="a.jpg"))
    assert storage_used(team) == bytes_of(folder) > 0
    Tune.objects.filter(pk=tune.pk).update(status=TuneStatus.TRAINED)
    tune.refresh_from_db()
    first, second = ask(tune, 2), ask(tune, 1)
    work()
    made = folder / first.prefix, folder / second.prefix
    photos = bytes_of(folder / tune.prefix / "photos")
    assert storage_used(team) == photos + sum(map(bytes_of, made))
    shared_copy(first.images.get(index=0))
    assert storage_used(team) == photos + sum(map(bytes_of, made))
    gone = first.images.filter(index=0)
    trash_images(gone, bob)
    assert storage_used(team) == photos + sum(map(bytes_of, made)), "the trash takes room too"
    delete_images(gone)
    delete_prompt(second)
    assert storage_used(team) == photos + sum(map(bytes_of, made))
    delete_tune(tune)
    assert storage_used(team) == 0
    assert storage_used(charlie.teams.get()) == 0


def shared_copy(image: Image) -> None:
    """Makes the copy for sharing, twice."""
    for _ in range(2):
        shared_file(Share(downloads=Share.Downloads.WEB), image)


def test_files_from_before_are_measured(team: Team, bob: User, tune: Tune, media: str) -> None:
    factories.create_image(prompt=factories.create_prompt(tune=tune))
    assert storage_used(team) == 0
    assert measure_stored() == 5
    assert storage_used(team) == bytes_of(Path(media))
    assert measure_stored() == 0


def test_a_photo_fits_to_the_last_byte(
    team: Team, bob: User, bob_client: Client, media: str
) -> None:
    tune = create_draft(bob_client)
    photo = clean_photo(jpeg_bytes(color="#906644"), name="a.jpg")
    add_photo(tune, "a.jpg", photo)
    size = storage_used(team)
    Photo.objects.all().delete()
    url = reverse("photo_upload", args=[tune.public_id])

    def upload() -> Any:
        file = SimpleUploadedFile("a.jpg", jpeg_bytes(color="#906644"), "image/jpeg")
        return bob_client.post(url, {"photo": file})

    set_quota(team, None, storage=size - 1)
    refused = upload()
    assert refused.status_code == 422
    assert "of storage" in refused.content.decode()
    assert not files_in(Path(media))
    set_quota(team, None, storage=size)
    assert upload().status_code == 201


def test_a_full_team_makes_no_more_pictures_until_something_is_deleted(
    team: Team, bob: User, tune: Tune
) -> None:
    prompt = ask(tune, 1)
    work()
    set_quota(team, None, storage=storage_used(team))
    with pytest.raises(QuotaExceeded, match="of storage"):
        ask(tune, 1)
    delete_prompt(prompt)
    ask(tune, 1)


# --- Settings ------------------------------------------------------------------------------------


def test_admins_set_limits_for_everybody_and_the_log_tells(
    team: Team, alice: User, alice_client: Client
) -> None:
    url = reverse("quota_settings")
    data = {"images": "100", "tunes": "", "storage": "1.5"}
    assert alice_client.post(url, data).status_code == 302
    quota = Quota.objects.get(team=team)
    assert (quota.images, quota.tunes, quota.storage) == (100, None, GIGABYTE * 3 // 2)
    entry = AuditEntry.objects.get(action="quotas_changed")
    assert (entry.actor, entry.details["changed"]) == (alice, ["images", "storage"])
    assert 'value="1.5"' in alice_client.get(url).content.decode()
    alice_client.post(url, data)
    assert AuditEntry.objects.filter(action="quotas_changed").count() == 1
    alice_client.post(url, {})
    assert not Quota.objects.exists()


@pytest.mark.parametrize("data", [{"images": "-1"}, {"tunes": "many"}, {"storage": "0"}])
def test_wrong_limits_are_refused(data: dict[str, str], alice_client: Client) -> None:
    answer = alice_client.post(reverse("quota_settings"), data)
    assert answer.status_code == 422
    assert 'class="errorlist"' in answer.content.decode()
    assert not Quota.objects.exists()


def test_admins_give_a_member_limits_of_their_own(
    team: Team, bob: User, alice_client: Client, tune: Tune
) -> None:
    place = bob.memberships.get()
    url = reverse("member_quota", args=[place.public_id])
    assert alice_client.post(url, {"images": "5", "tunes": ""}).status_code == 302
    assert Quota.objects.get(team=team, user=bob).images == 5
    ask(tune, 5)
    page = alice_client.get(reverse("quota_settings")).content.decode()
    assert "5 of 5" in page
    assert alice_client.post(url, {"images": "", "tunes": ""}).status_code == 302
    assert not Quota.objects.exists()


def test_the_page_of_limits_asks_as_often_for_many_members(
    team: Team, alice_client: Client
) -> None:
    counts = []
    for more in (1, 15):
        for _ in range(more):
            factories.create_membership(team=team, user=factories.create_user())
        with CaptureQueriesContext(connection) as queries:
            alice_client.get(reverse("quota_settings"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
