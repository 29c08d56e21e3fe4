"""The page of usage: the ledger added up, for those who may see it."""

from __future__ import annotations

import datetime as dt
import math
import random
import re
from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prompts import usage
from prompts.charts import HEIGHT, WIDTH, bar_chart
from prompts.flows.prompts import delete_prompt, submit_prompt
from prompts.jobs.worker import Worker
from prompts.models import Prompt, Team, UsageDay, UsageEntry, User
from prompts.usage import WAIT_STEP, Period, sum_up_days, usage_report, usage_rows
from tests import factories
from tests.factories import signed_in

pytestmark = pytest.mark.django_db

NOON = dt.time(12, tzinfo=dt.UTC)


def today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


def enter(team: Team, user: User | None, *, days_ago: int = 0, **fields: Any) -> UsageEntry:
    ended_at = dt.datetime.combine(today() - dt.timedelta(days=days_ago), NOON)
    values = {"engine": "studio", "status": "completed", "images": 4, "waited": 1.0}
    return UsageEntry.objects.create(
        team=team, user=user, **({"ended_at": ended_at} | values | fields)
    )


def test_a_report_is_what_adding_up_every_entry_gives(
    team: Team, alice: User, bob: User, charlie: User
) -> None:
    draw = random.Random(5)
    enter(charlie.teams.get(), charlie)
    enter(team, bob, days_ago=30)
    entries = [
        enter(
            team,
            draw.choice([alice, bob, None]),
            days_ago=draw.randrange(30),
            engine=draw.choice(["studio", "astria"]),
            status=draw.choice(["completed", "failed", "cancelled"]),
            images=draw.randrange(9),
            waited=draw.choice([None, draw.expovariate(0.05)]),
        )
        for _ in range(200)
    ]
    for _ in range(2):  # summed up by the first report, read by the second
        report = usage_report(team, Period.named("30"))
        assert report.total.images == sum(entry.images for entry in entries)
        assert report.total.runs == 200
        assert report.total.failures == sum(entry.status == "failed" for entry in entries)
        for name, sums in (
            ("user_id", report.by_member),
            ("engine", report.by_engine),
        ):
            expected: Counter[Any] = Counter()
            for entry in entries:
                expected[getattr(entry, name)] += entry.images
            assert {key: each.images for key, each in sums.items()} == expected
        days: Counter[dt.date] = Counter()
        for entry in entries:
            days[entry.ended_at.date()] += entry.images
        assert {day: each.images for day, each in report.by_day.items() if each.images} == +days
        waits = sorted(entry.waited for entry in entries if entry.waited is not None)
        for percent, found in ((50, report.median_wait), (95, report.p95_wait)):
            exact = waits[math.ceil(len(waits) * percent / 100) - 1]
            assert found is not None
            assert abs(found - exact) <= (exact + 1) * (WAIT_STEP - 1)


def test_a_members_report_is_theirs_alone(team: Team, alice: User, bob: User) -> None:
    enter(team, alice, images=3, waited=100.0)
    enter(team, bob, images=5, waited=1.0)
    enter(team, bob, images=2, waited=1.0, days_ago=3)
    report = usage_report(team, Period.named("30"), bob)
    assert (report.total.images, report.total.runs) == (7, 2)
    assert set(report.by_member) == {bob.pk}
    assert report.p95_wait == pytest.approx(1, rel=0.02)
    assert [row[3].images for row in usage_rows(team, Period.named("30"), bob)] == [2, 5]


def test_runs_are_entered_as_they_end_and_outlive_their_prompts(team: Team, bob: User) -> None:
    tune = factories.create_tune(team=team, owner=bob, photos=4)
    for text in ("ohwx woman", "ohwx woman, fail: no"):
        submit_prompt(tune=tune, author=bob, text=text, parameters={}, num_images=2)
    worker = Worker()
    while worker.run_next():
        pass
    for prompt in Prompt.objects.all():
        delete_prompt(prompt)
    report = usage_report(team, Period.named("month"))
    assert (report.total.runs, report.total.images, report.total.failures) == (2, 2, 1)
    assert report.median_wait is not None
    assert report.by_day[today()].images == 2
    assert report.by_member[bob.pk].images == 2
    assert report.by_engine["fake"].images == 2


def test_days_that_are_over_are_summed_up_once_and_today_never(team: Team, bob: User) -> None:
    enter(team, bob, days_ago=1)
    usage_report(team, Period.named("30"))
    enter(team, bob)
    assert not UsageDay.objects.filter(day=today()).exists()
    assert UsageDay.objects.filter(team=team).count() == 29
    UsageEntry.objects.filter(ended_at__date__lt=today()).delete()
    assert usage_report(team, Period.named("30")).total.images == 8


def test_a_day_is_not_closed_at_midnight_on_the_dot(
    team: Team, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    midnight = dt.datetime.combine(today(), dt.time(), dt.UTC)
    monkeypatch.setattr(usage, "_now", lambda: midnight + dt.timedelta(minutes=1))
    enter(team, bob, days_ago=1)
    usage_report(team, Period.named("30"))
    late = midnight - dt.timedelta(milliseconds=1)
    enter(team, bob, ended_at=late)
    assert usage_report(team, Period.named("30")).total.images == 8
    monkeypatch.setattr(usage, "_now", lambda: midnight + dt.timedelta(minutes=11))
    assert sum_up_days() == 1
    assert sum_up_days() == 0
    assert UsageDay.objects.get(day=late.date()).summary[str(bob.pk)][0] == {"studio": [2, 8, 0]}


def test_admins_see_everybody_and_members_themselves(
    team: Team, alice: User, bob: User, vera: User, alice_client: Client, bob_client: Client
) -> None:
    enter(team, alice, images=3)
    enter(team, bob, images=5)
    url = reverse("usage")
    everything = alice_client.get(url)
    assert everything.context["report"].total.images == 8
    assert "Bob Brown" in everything.content.decode()
    own = bob_client.get(url)
    assert own.context["report"].total.images == 5
    assert "Alice Ames" not in own.content.decode()
    place = {user: user.memberships.get().public_id for user in (alice, bob)}
    chosen = alice_client.get(url, {"member": place[bob]})
    assert chosen.context["report"].total.images == 5
    assert bob_client.get(url, {"member": place[alice]}).status_code == 403
    assert bob_client.get(url, {"member": place[bob]}).status_code == 200
    table = reverse("usage_table")
    assert bob_client.get(table, {"member": place[alice]}).status_code == 403
    assert signed_in(vera).get(url).context["report"].total.images == 0


def test_members_of_other_teams_are_not_there(
    bob: User, charlie_client: Client, charlie: User, alice_client: Client
) -> None:
    enter(charlie.teams.get(), charlie, images=7)
    place = bob.memberships.get().public_id
    for name in ("usage", "usage_table"):
        assert charlie_client.get(reverse(name), {"member": place}).status_code == 404
    assert alice_client.get(reverse("usage")).context["report"].total.images == 0


def test_the_table_has_a_row_a_day_member_and_engine(
    team: Team, alice: User, bob: User, alice_client: Client, bob_client: Client
) -> None:
    enter(team, alice, images=3, days_ago=2)
    enter(team, bob, images=5, status="failed")
    enter(team, None, images=1, engine="astria")
    answer = alice_client.get(reverse("usage_table"), {"period": "90"})
    assert "attachment" in answer["Content-Disposition"]
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Day,Member,Engine,Prompts,Pictures,Failed"
    assert lines[1] == f"{today() - dt.timedelta(days=2)},Alice Ames,studio,1,3,0"
    assert sorted(lines[2:]) == [
        f"{today()},Bob Brown,studio,1,5,1",
        f"{today()},Somebody who has left,astria,1,1,0",
    ]
    assert "Alice" not in bob_client.get(reverse("usage_table")).content.decode()


@pytest.mark.parametrize(("period", "days"), [("30", 30), ("90", 90), ("nonsense", 30)])
def test_the_chart_has_a_bar_a_day_and_no_styles(
    period: str, days: int, team: Team, alice: User, alice_client: Client
) -> None:
    enter(team, alice, images=6)
    page = alice_client.get(reverse("usage"), {"period": period}).content.decode()
    chart = re.search(r"<svg viewBox.*?</svg>", page, re.DOTALL)
    assert chart is not None
    assert chart[0].count("<rect") == days
    assert f"<title>{today().day} {today():%B}: 6</title>" in chart[0]
    assert "style=" not in page


def test_an_empty_period_says_so(alice_client: Client) -> None:
    page = alice_client.get(reverse("usage")).content.decode()
    assert "Nothing in these days" in page
    assert "usage-chart" not in page


@pytest.mark.parametrize(
    ("values", "top"), [([], 2), ([0], 2), ([3], 4), ([11, 5], 20), ([399], 400), ([401], 1000)]
)
def test_bars_stand_on_the_ground_and_stay_inside(values: list[int], top: int) -> None:
    chart = bar_chart([(str(n), value) for n, value in enumerate(values)])
    assert chart.top == top
    for bar in chart.bars:
        assert bar.y + bar.height == pytest.approx(HEIGHT)
        assert bar.height == pytest.approx(HEIGHT * bar.value / top, abs=0.01)
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH


def test_what_is_left_and_what_is_stored_are_shown(
    team: Team, bob: User, alice_client: Client, bob_client: Client
) -> None:
    from prompts.flows.quotas import set_quota

    set_quota(team, None, images=100, storage=10_000_000)
    enter(team, bob, images=30, ended_at=dt.datetime.now(dt.UTC))
    own = re.sub(r"\s+", " ", bob_client.get(reverse("usage")).content.decode())
    assert "<dd>70 <span" in own
    assert "of 100 pictures" in own
    assert "Stored by the team" not in own
    assert "Stored by the team" in alice_client.get(reverse("usage")).content.decode()


def test_the_page_asks_as_often_for_much_as_for_little(
    team: Team, alice: User, alice_client: Client
) -> None:
    counts = []
    for more in (1, 20):
        for _ in range(more):
            user = factories.create_user()
            factories.create_membership(team=team, user=user)
            enter(team, user)
        alice_client.get(reverse("usage"))
        with CaptureQueriesContext(connection) as queries:
            alice_client.get(reverse("usage"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
