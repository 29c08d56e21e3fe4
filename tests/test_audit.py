"""The audit log: every change is noted once, with who made it, and by whom it may be read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from prompts.audit import ACTIONS, Action, record
from prompts.flows.images import delete_images, empty_trash, trash_images
from prompts.flows.tunes import delete_tune
from prompts.models import AuditEntry, PromptStatus, Role, Team, Tune, TuneStatus, User
from tests import factories
from tests.factories import ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def tune(alice: User, team: Team) -> Tune:
    return factories.create_tune(
        team=team, owner=alice, photos=1, title="Jane Doe", status=TuneStatus.TRAINED
    )


def entries(team: Team) -> list[str]:
    return list(
        AuditEntry.objects.filter(team=team).order_by("id").values_list("action", flat=True)
    )


def by_page(client: Client, route: str, /, *args: object, **values: Any) -> None:
    response = client.post(reverse(route, args=args), values)
    assert response.status_code in (200, 201, 302), response.content[:300]


def edit(client: Client, tune: Tune) -> None:
    values = {"title": "Jane D", "name": tune.name, "token": tune.token, "visibility": "team"}
    by_page(client, "tune_edit", tune.public_id, **values)


def a_prompt(tune: Tune, status: PromptStatus) -> str:
    return factories.create_prompt(tune=tune, status=status).public_id


def an_image(tune: Tune) -> str:
    prompt = factories.create_prompt(tune=tune, status=PromptStatus.COMPLETED)
    return factories.create_image(prompt=prompt).public_id


Change = Callable[[Client, Tune], None]
CHANGES: dict[str, Change] = {
    "tune_edited": edit,
    "tune_deleted": lambda c, t: by_page(c, "tune_delete", t.public_id),
    "prompt_submitted": lambda c, t: by_page(
        c, "prompt_list", t.public_id, text="portrait of ohwx person", num_images=1
    ),
    "prompt_cancelled": lambda c, t: by_page(c, "prompt_cancel", a_prompt(t, PromptStatus.QUEUED)),
    "prompt_retried": lambda c, t: by_page(c, "prompt_retry", a_prompt(t, PromptStatus.FAILED)),
    "prompt_deleted": lambda c, t: by_page(c, "prompt_delete", a_prompt(t, PromptStatus.FAILED)),
    "images_trashed": lambda c, t: by_page(c, "images_trash", images=an_image(t)),
    "final_chosen": lambda c, t: by_page(c, "image_final", an_image(t)),
    "share_created": lambda c, t: by_page(
        c, "share_new", images=an_image(t), title="For the press", downloads="web", lifetime="30"
    ),
    "album_created": lambda c, t: by_page(c, "album_new", title="Team page"),
    "api_key_created": lambda c, t: by_page(
        c, "api_keys", name="Script", scope="read", lifetime="30"
    ),
    "team_edited": lambda c, t: by_page(c, "team_settings", name="Acme Inc"),
    "backdrop_changed": lambda c, t: by_page(c, "team_backdrop", color="#0b3d91"),
    "engine_key_removed": lambda c, t: by_page(c, "engine_key_remove"),
}


@pytest.mark.parametrize("action", CHANGES)
def test_a_change_by_page_is_noted_once_with_its_actor(
    action: str, tune: Tune, alice: User, alice_client: Client
) -> None:
    before = AuditEntry.objects.count()
    CHANGES[action](alice_client, tune)
    entry = AuditEntry.objects.get(action=action)
    assert (entry.team_id, entry.actor, entry.actor_name, entry.via) == (
        tune.team_id,
        alice,
        "Alice Ames",
        "page",
    )
    assert AuditEntry.objects.count() == before + 1


def test_entries_about_a_person_name_them(tune: Tune, alice_client: Client) -> None:
    for action in ("tune_edited", "prompt_submitted", "images_trashed", "prompt_cancelled"):
        CHANGES[action](alice_client, tune)
    assert set(AuditEntry.objects.values_list("subject", flat=True)) == {tune.public_id}


def test_an_edit_tells_what_changed_and_saving_again_tells_nothing(
    tune: Tune, alice_client: Client
) -> None:
    edit(alice_client, tune)
    assert AuditEntry.objects.get().details == {"changed": ["title"]}
    edit(alice_client, tune)
    assert AuditEntry.objects.count() == 1


def test_what_changes_nothing_leaves_no_entry(tune: Tune, alice_client: Client) -> None:
    by_page(alice_client, "prompt_cancel", a_prompt(tune, PromptStatus.COMPLETED))
    by_page(alice_client, "prompt_retry", a_prompt(tune, PromptStatus.COMPLETED))
    by_page(alice_client, "tune_retry", tune.public_id)
    assert entries(tune.team) == []


def test_an_entry_goes_with_the_change_that_is_rolled_back(tune: Tune) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        delete_tune(tune)
        raise RuntimeError
    assert entries(tune.team) == []
    assert Tune.objects.filter(public_id=tune.public_id).exists()


def test_a_program_is_noted_as_the_gateway(tune: Tune, alice: User) -> None:
    _, plain = factories.create_api_key(user=alice)
    answer = ApiClient(plain).post(
        f"/api/tunes/{tune.pk}/prompts", {"prompt": {"text": "ohwx person"}}, "application/json"
    )
    assert answer.status_code == 201
    entry = AuditEntry.objects.get(action="prompt_submitted")
    assert (entry.via, entry.actor) == ("api", alice)


def test_what_the_portal_does_by_itself_has_no_actor(tune: Tune, alice: User) -> None:
    image = factories.create_image(prompt=factories.create_prompt(tune=tune))
    trash_images([image], alice)
    type(image).objects.update(trashed_at=timezone.now() - dt.timedelta(days=31))
    assert empty_trash() == 1
    entry = AuditEntry.objects.get(action="images_deleted")
    assert (entry.via, entry.actor, entry.actor_name) == ("system", None, "")


def test_many_pictures_make_one_entry_a_person(tune: Tune, alice: User) -> None:
    prompt = factories.create_prompt(tune=tune, num_images=8)
    other = factories.create_prompt(tune=factories.create_tune(team=tune.team, owner=alice))
    images = [factories.create_image(prompt=prompt, index=i) for i in range(5)]
    trash_images([*images, factories.create_image(prompt=other)], alice)
    counts = AuditEntry.objects.filter(action="images_trashed").values_list("details", flat=True)
    assert sorted(count["pictures"] for count in counts) == [1, 5]
    delete_images(images[:2])
    assert AuditEntry.objects.get(action="images_deleted").details == {"pictures": 2}


def test_signing_in_and_out_is_noted_in_each_team(alice: User, team: Team) -> None:
    other = factories.create_team(name="Second")
    factories.create_membership(team=other, user=alice)
    client = Client()
    client.post("/accounts/login/", {"login": alice.email, "password": factories.PASSWORD})
    client.post("/accounts/logout/")
    assert entries(team) == entries(other) == ["signed_in", "signed_out"]


def test_a_wrong_password_is_not_noted_as_a_sign_in(alice: User, team: Team) -> None:
    Client().post("/accounts/login/", {"login": alice.email, "password": "wrong"})
    assert entries(team) == []


def test_unknown_actions_and_details_are_refused(team: Team) -> None:
    with pytest.raises(KeyError):
        record(team, "tune_painted")
    with pytest.raises(ValueError, match="carries no"):
        record(team, "tune_edited", now="secret")
    with pytest.raises(TypeError):
        record(team, "tune_edited", changed={"title": 1})


@pytest.mark.parametrize("name", ["password", "new_key", "api_token", "key_sha_hash", "Secret"])
def test_no_action_can_be_defined_that_carries_secrets(name: str) -> None:
    with pytest.raises(ValueError, match="must not carry"):
        Action("leaked", "Data", frozenset({name}))


def test_a_new_key_appears_nowhere_in_the_log(team: Team, alice_client: Client) -> None:
    response = alice_client.post(
        reverse("api_keys"), {"name": "Script", "scope": "read", "lifetime": ""}
    )
    plain = response.context["plain"]
    row = AuditEntry.objects.values().get()
    assert plain not in str(row) and plain[3:11] not in str(row)


# --- The page ---------------------------------------------------------------------------------


def page(client: Client, **query: Any) -> list[AuditEntry]:
    response = client.get(reverse("audit_log"), query)
    assert response.status_code == 200
    return [entry for entry, _, _ in response.context["rows"]]


def test_the_log_pages_through_everything_once_even_at_one_moment(
    team: Team, alice_client: Client
) -> None:
    for _ in range(150):
        record(team, "audit_exported")
    moments = AuditEntry.objects.values_list("pk", flat=True)
    AuditEntry.objects.filter(pk__in=list(moments)[:100]).update(at=timezone.now())
    seen: list[int] = []
    query: dict[str, Any] = {}
    while True:
        response = alice_client.get(reverse("audit_log"), query)
        seen += [entry.pk for entry, _, _ in response.context["rows"]]
        if not response.context["next_query"]:
            break
        query = {"before": seen[-1]}
        record(team, "signed_in")  # what arrives meanwhile moves no page
    assert len(seen) == len(set(seen)) == 150


def test_filters_narrow_by_action_member_object_and_day(
    tune: Tune, alice: User, bob: User, alice_client: Client
) -> None:
    old = record(tune.team, "tune_edited", actor=bob, target=tune, changed=["title"])
    AuditEntry.objects.filter(pk=old.pk).update(at=timezone.now() - dt.timedelta(days=10))
    new = record(tune.team, "tune_deleted", actor=alice, target=tune)
    portal = record(tune.team, "data_expired", photos=3)
    today = timezone.localdate()
    week_ago = today - dt.timedelta(days=7)
    assert page(alice_client) == [portal, new, old]
    assert page(alice_client, action="tune_deleted") == [new]
    assert page(alice_client, member=bob.pk) == [old]
    assert page(alice_client, member="portal") == [portal]
    assert page(alice_client, about=tune.public_id) == [new, old]
    assert page(alice_client, since=week_ago) == [portal, new]
    assert page(alice_client, until=week_ago) == [old]
    assert page(alice_client, until=today, since=today) == [portal, new]
    assert page(alice_client, action="nonsense", since="never") == [portal, new, old]
    assert page(alice_client, before="x" * 30) == [portal, new, old]


def test_another_team_sees_none_of_it(
    tune: Tune, alice: User, charlie: User, charlie_client: Client
) -> None:
    entry = record(tune.team, "tune_deleted", actor=alice, target=tune)
    own = record(charlie.teams.get(), "team_edited")
    assert page(charlie_client) == [own]
    assert page(charlie_client, about=tune.public_id) == []
    assert page(charlie_client, before=entry.pk) == [own]


def test_admins_read_it_too(team: Team, bob: User, bob_client: Client) -> None:
    assert bob_client.get(reverse("audit_log")).status_code == 403
    bob.memberships.update(role=Role.ADMIN)
    assert page(bob_client) == []


def test_the_page_costs_the_same_with_one_entry_and_with_many(
    tune: Tune,
    alice: User,
    alice_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(59):
        record(tune.team, "tune_edited", actor=alice, target=tune, changed=["title"])
    with django_assert_max_num_queries(8):
        assert len(page(alice_client)) == 59


def test_every_action_reads_as_a_sentence(tune: Tune, alice: User, alice_client: Client) -> None:
    for name in ACTIONS:
        record(tune.team, name, actor=alice, target=tune)
    html = alice_client.get(reverse("audit_log"), {"about": tune.public_id}).content.decode()
    assert all(action.words in html for action in list(ACTIONS.values())[-59:])


def test_the_table_holds_what_the_filters_show_and_no_formula(
    tune: Tune, alice: User, alice_client: Client
) -> None:
    Tune.objects.filter(pk=tune.pk).update(title="=HYPERLINK(1)")
    tune.refresh_from_db()
    record(tune.team, "tune_edited", actor=alice, target=tune, changed=["title"])
    record(tune.team, "signed_in", actor=alice)
    response = alice_client.get(reverse("audit_csv"), {"action": "tune_edited"})
    rows = response.content.decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert "'=HYPERLINK(1)" in rows[1] and ",=" not in rows[1]
    assert AuditEntry.objects.get(action="audit_exported").details == {"entries": 1}
