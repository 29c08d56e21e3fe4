"""Databases walk down an index for every list of prompts, at any depth: they sort nothing."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from prompts.api.prompts import FILTERS
from prompts.models import Like, Prompt, Team, User
from tests import factories
from tests.factories import ApiClient

pytestmark = pytest.mark.django_db

COUNT = 400
PAGE = re.compile(r'FROM "prompts_prompt".* ORDER BY "prompts_prompt"."id" DESC LIMIT 20')
#: What plans say of a table that is read through an index, and of rows that have to be sorted.
WALKS_DOWN = {
    "sqlite": "SEARCH prompts_prompt USING (INDEX|INTEGER PRIMARY KEY)",
    "postgresql": "Index Scan .*on prompts_prompt",
}
SORTS = {"sqlite": "USE TEMP B-TREE FOR ORDER BY", "postgresql": "Sort"}


@pytest.fixture
def prompts(team: Team, alice: User, bob: User) -> list[Prompt]:
    """Enough for a choice of plans, of two people, one of whom only alice sees."""
    tunes = [
        factories.create_tune(team=team, owner=alice, visibility=visibility)
        for visibility in ("team", "private")
    ]
    rows = Prompt.objects.bulk_create(
        Prompt(
            team=team,
            tune=tunes[n % 2],
            author=alice,
            text="by the sea",
            base_seed=n,
            engine="fake",
        )
        for n in range(COUNT)
    )
    for row in rows[::40]:
        Like.objects.create(user=alice, prompt=row)
        Like.objects.create(user=bob, prompt=row)
    return rows


def plan_of(sql: str) -> str:
    """How the database does it; PostgreSQL shall avoid what only small tables are good for."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for way in ("seqscan", "bitmapscan", "sort", "hashjoin", "hashagg"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
            cursor.execute(f"EXPLAIN {sql}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def listing(api: ApiClient, path: str) -> tuple[str, int]:
    """The SQL that finds the page, and how many queries the call takes."""
    with CaptureQueriesContext(connection) as queries:
        assert api.get(path).status_code == 200
    [found] = [q["sql"] for q in queries if PAGE.search(q["sql"])]
    return found, len(queries)


def path_of(name: str, prompts: list[Prompt], depth: int) -> str:
    values = {"text": "sea", "is_video": "false"}
    value = prompts[0].tune_id if name.endswith("_id") else values.get(name, "true")
    return f"/api/prompts?{name}={value}&before_id={prompts[depth].pk}"


@pytest.mark.parametrize("who", ["alice", "bob"])
@pytest.mark.parametrize("name", ["", *FILTERS])
def test_a_page_of_prompts_comes_from_an_index_in_its_order(
    name: str, who: str, prompts: list[Prompt], alice_api: ApiClient, bob_api: ApiClient
) -> None:
    api = alice_api if who == "alice" else bob_api
    api.get("/api/users")  # notes that the key was used
    asked = [listing(api, path_of(name, prompts, depth)) for depth in (COUNT - 1, COUNT // 2, 30)]
    for sql, _ in asked:
        plan = plan_of(sql)
        assert re.search(WALKS_DOWN[connection.vendor], plan), plan
        assert SORTS[connection.vendor] not in plan, plan
    assert len({number for _, number in asked}) == 1
