"""Who hears of a change, and how a stream collects what it has to say."""

from __future__ import annotations

import asyncio
import json

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from prompts.live import prune_changes, publish, publish_about
from prompts.live.hub import ChangeFeed
from prompts.live.rights import Rights, rights_of_session
from prompts.live.streams import BYE, MAX_PENDING, OPEN, RECONNECT, Stream
from prompts.models import Change, Membership, Role, Team, Tune, User
from tests.factories import create_membership, create_tune, create_user, signed_in

VISIBILITIES = list(Tune.Visibility)


def rights_of(client: Client) -> Rights | None:
    return rights_of_session(client.session.session_key)


def newest() -> Change:
    return Change.objects.latest("pk")


def test_a_stream_needs_somebody_signed_in(db: None, client: Client) -> None:
    assert client.get(reverse("live")).status_code == 401


def test_a_stream_is_not_to_be_kept_or_collected_on_the_way(alice_client: Client) -> None:
    response = alice_client.get(reverse("live"))
    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-cache, no-transform"
    assert response.headers["X-Accel-Buffering"] == "no"


@pytest.mark.parametrize("visibility", VISIBILITIES)
@pytest.mark.parametrize("role", list(Role))
def test_a_stream_hears_of_exactly_the_tunes_its_member_may_see(
    team: Team, alice: User, role: Role, visibility: Tune.Visibility
) -> None:
    listener = create_user()
    membership = create_membership(team=team, user=listener, role=role)
    for owner in (alice, listener):
        tune = create_tune(team=team, owner=owner, visibility=visibility)
        publish_about(tune, "topic")
        rights = rights_of(signed_in(listener))
        assert rights is not None
        sees = Tune.objects.visible_to(membership).filter(pk=tune.pk).exists()
        assert rights.may_hear(newest()) == sees


def test_a_private_tune_without_an_owner_is_for_the_admins(
    team: Team, alice_client: Client, bob: User, bob_client: Client
) -> None:
    tune = create_tune(team=team, owner=bob, visibility=Tune.Visibility.PRIVATE)
    Tune.objects.update(owner=None)
    tune.refresh_from_db()
    publish_about(tune, "topic")
    admin, member = rights_of(alice_client), rights_of(bob_client)
    assert admin is not None and admin.may_hear(newest())
    assert member is not None and not member.may_hear(newest())


def test_a_job_that_began_before_a_tune_became_private_tells_only_those_who_may_know(
    team: Team, alice: User, bob_client: Client
) -> None:
    tune = create_tune(team=team, owner=alice, visibility=Tune.Visibility.TEAM)
    Tune.objects.update(visibility=Tune.Visibility.PRIVATE)
    publish_about(tune, "topic")
    rights = rights_of(bob_client)
    assert rights is not None and not rights.may_hear(newest())


def test_no_other_team_hears_of_anything(team: Team, alice: User, charlie_client: Client) -> None:
    rights = rights_of(charlie_client)
    assert rights is not None
    for number in range(1000):
        publish(team, f"topic-{number}", only_for=alice if number % 2 else None)
    assert not any(rights.may_hear(change) for change in Change.objects.all())


def test_rights_cover_every_team_of_a_member(team: Team, charlie: User) -> None:
    create_membership(team=team, user=charlie, role=Role.VIEWER)
    rights = rights_of(signed_in(charlie))
    assert rights is not None
    assert rights.teams == {
        membership.team_id: membership.is_admin for membership in charlie.memberships.all()
    }
    assert len(rights.teams) == 2


def test_a_session_that_has_ended_has_no_rights(bob: User, bob_client: Client) -> None:
    key = bob_client.session.session_key
    assert rights_of_session(key) is not None
    bob_client.logout()
    assert rights_of_session(key) is None
    assert rights_of_session(None) is None


def test_a_disabled_user_and_one_with_another_password_have_no_rights(bob: User) -> None:
    disabled, changed = signed_in(bob), signed_in(bob)
    bob.set_password("another long password")
    bob.save()
    assert rights_of(changed) is None
    bob.is_active = False
    bob.save()
    assert rights_of(disabled) is None


def access_changes() -> set[int | None]:
    return set(Change.objects.filter(team=None).values_list("only_for", flat=True))


def test_signing_out_tells_the_streams(bob: User, bob_client: Client) -> None:
    Change.objects.all().delete()
    bob_client.logout()
    assert access_changes() == {bob.pk}


def test_disabling_leaving_and_another_role_tell_the_streams(bob: User) -> None:
    membership = Membership.objects.get(user=bob)
    bob.is_active = False
    for change in (bob.save, membership.save, membership.delete):
        Change.objects.all().delete()
        change()
        assert access_changes() == {bob.pk}


def test_deleting_a_user_tells_the_streams(bob: User) -> None:
    Change.objects.all().delete()
    key = bob.pk
    bob.delete()
    assert access_changes() == {key}


def test_signing_in_tells_nobody(bob: User) -> None:
    Change.objects.all().delete()
    signed_in(bob)
    assert access_changes() == set()


def test_what_is_rolled_back_was_never_said(team: Team) -> None:
    feed = ChangeFeed()
    with transaction.atomic():
        publish(team, "never")
        transaction.set_rollback(True)
    publish(team, "once")
    assert [change.topics for change in feed.read()] == ["once"]
    assert feed.read() == []


def test_a_feed_begins_now_and_misses_no_straggler(team: Team) -> None:
    """On PostgreSQL a change with a smaller id may become visible after one with a larger."""
    publish(team, "before")
    late = Change.objects.latest("pk").pk + 1
    feed = ChangeFeed()
    feed._overlap = 200
    Change.objects.create(pk=late + 1, team=team, topics="early")
    assert [change.topics for change in feed.read() if change.topics != "before"] == ["early"]
    Change.objects.create(pk=late, team=team, topics="late")
    assert [change.topics for change in feed.read()] == ["late"]


def test_old_changes_are_pruned(team: Team) -> None:
    publish(team, "old")
    Change.objects.update(created_at="2020-01-01T00:00:00Z")
    publish(team, "new")
    assert prune_changes() == 1
    assert newest().topics == "new"


def stream_for(team_id: int = 1, *, user_id: int = 7, then: Rights | None = None) -> Stream:
    return Stream(Rights(user_id, {team_id: False}), lambda: then)


def in_team(team_id: int, topics: str) -> Change:
    return Change(team_id=team_id, topics=topics)


def run(stream: Stream, count: int) -> list[bytes]:
    """The first `count` events, or fewer if the stream ends."""

    async def collect() -> list[bytes]:
        events: list[bytes] = []
        async for event in stream.events():
            events.append(event)
            if len(events) == count:
                break
        return events

    return asyncio.run(asyncio.wait_for(collect(), 10))


def topics_of(event: bytes) -> list[str]:
    name, data = event.decode().strip().split("\n")
    assert name == "event: change"
    topics: list[str] = json.loads(data.removeprefix("data: "))["topics"]
    return topics


def test_a_topic_that_changes_often_is_sent_once() -> None:
    stream = stream_for()
    for _ in range(50):
        stream.offer(in_team(1, "prompt-a team-x"))
    stream.offer(in_team(2, "prompt-foreign"))
    stream.offer(in_team(1, "prompt-b"))
    opened, changed = run(stream, 2)
    assert opened == RECONNECT + OPEN
    assert topics_of(changed) == ["prompt-a", "team-x", "prompt-b"]


def test_a_page_that_fell_far_behind_is_told_to_read_everything() -> None:
    stream = stream_for()
    for number in range(MAX_PENDING + 1):
        stream.offer(in_team(1, f"prompt-{number}"))
    assert run(stream, 2)[1] == OPEN


def test_a_stream_ends_with_a_farewell_when_its_member_may_hear_no_more() -> None:
    stream = stream_for(user_id=7, then=None)
    stream.offer(in_team(1, "prompt-a"))
    stream.offer(Change(team=None, only_for_id=7))
    assert run(stream, 9) == [RECONNECT + OPEN, BYE]


def test_what_was_pending_when_a_member_left_the_team_is_not_sent() -> None:
    stream = stream_for(1, user_id=7, then=Rights(7, {2: False}))
    stream.offer(in_team(1, "prompt-secret"))
    stream.offer(Change(team=None, only_for_id=7))

    assert run(stream, 9) == [RECONNECT + OPEN, BYE]


def test_what_an_admin_could_hear_is_not_sent_to_the_member_they_have_become() -> None:
    stream = stream_for(1, user_id=7, then=Rights(7, {1: False}))
    stream.offer(Change(team_id=1, only_for_id=8, private=True, topics="prompt-secret"))
    stream.offer(in_team(1, "prompt-open"))
    stream.offer(Change(team=None, only_for_id=7))
    assert topics_of(run(stream, 2)[1]) == ["prompt-open"]


def test_another_users_access_does_not_end_a_stream() -> None:
    stream = stream_for(user_id=7, then=None)
    stream.offer(Change(team=None, only_for_id=8))
    stream.offer(in_team(1, "prompt-a"))
    assert topics_of(run(stream, 2)[1]) == ["prompt-a"]
