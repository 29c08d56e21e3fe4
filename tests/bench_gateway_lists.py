"""Measures lists of the gateway at depth: `python -m tests.bench_gateway_lists [prompts]`.

One team, 100,000 prompts of 200 people (every tenth private to somebody else), 20 a page. The page
in the middle and the last one are reached by `before_id`. What is rare (likes, an order, a pack,
duplicates, a second author, calls of programs) is one prompt in 500; every second like is of an
image. Medians of 15 calls through Django's client, so without the network; DATABASE_URL chooses
another database, which must be empty.
"""

from __future__ import annotations

import statistics
import sys
import time
from typing import Any

from tests.bench import fresh_portal

PROMPTS, PEOPLE, ROUNDS = 100_000, 200, 15
RARE = 500


def main() -> None:
    """Prints a table: rows are filters, columns depths."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PROMPTS
    with fresh_portal(API_READS_PER_MINUTE="0"):
        measure(count)


def measure(count: int) -> None:
    from prompts.models import Prompt, Tune
    from tests import factories

    team = factories.create_team()
    owner, member = factories.create_user(), factories.create_user()
    factories.create_membership(team=team, user=owner, role="owner")
    factories.create_membership(team=team, user=member)
    tunes = [
        factories.create_tune(
            team=team,
            owner=owner,
            visibility=Tune.Visibility.PRIVATE if n % 10 == 0 else Tune.Visibility.TEAM,
        )
        for n in range(PEOPLE)
    ]
    filters = fill(tunes, owner, member, count)
    first, last = Prompt.objects.earliest("id").pk, Prompt.objects.latest("id").pk
    depths = {
        "first": "",
        "middle": f"before_id={(first + last) // 2}",
        "last": f"before_id={first + 20}",
    }
    print(f"{count:,} prompts; median ms of {ROUNDS}\n")
    print(f"{'who':8}{'filter':22}" + "".join(f"{depth:>9}" for depth in depths))
    for who, user in (("owner", owner), ("member", member)):
        api = factories.ApiClient(factories.create_api_key(user=user, team=team)[1])
        for words in filters:
            times = [median(api, f"/api/prompts?{words}&{depth}") for depth in depths.values()]
            print(f"{who:8}{words or '-':22}" + "".join(f"{ms:9.1f}" for ms in times), flush=True)


def fill(tunes: list[Any], owner: Any, member: Any, count: int) -> list[str]:
    """Completed prompts, of one person after another; answers what to filter them by."""
    import datetime as dt

    from django.db import connection
    from django.utils import timezone

    from prompts.models import Image, Like, Pack, Prompt, Shoot
    from tests import factories

    pack = Pack.objects.create(team=tunes[0].team, title="Pack", slug="pack")
    shoot = Shoot.objects.create(team=tunes[0].team, pack=pack, author=owner)
    original = factories.create_prompt(tune=tunes[1])
    texts = ("ohwx woman by the sea", "ohwx woman, studio light")

    def image_of(prompt: Prompt) -> Image:
        sizes = {"size": 1, "width": 1, "height": 1}
        owners = {"team_id": prompt.team_id, "tune_id": prompt.tune_id, "prompt": prompt}
        return Image(**owners, **sizes, index=0, file="x.jpg", seed=1)

    def row(n: int) -> Prompt:
        tune = tunes[n % len(tunes)]
        is_rare = n % RARE == 1
        return Prompt(
            team=tune.team,
            tune=tune,
            author=member if is_rare else owner,
            text="a rare word" if is_rare else texts[n % 2],
            base_seed=n,
            engine="fake",
            status="completed",
            is_api=is_rare,
            shoot=shoot if is_rare else None,
            base_pack=pack if is_rare else None,
            template_of=pack if is_rare else None,
            orig_prompt=original if is_rare else None,
        )

    Prompt.objects.bulk_create((row(n) for n in range(count)), batch_size=2000)
    yesterday = timezone.now() - dt.timedelta(days=1)
    newest = Prompt.objects.latest("id").pk
    Prompt.objects.filter(pk__lte=newest - count // RARE).update(created_at=yesterday)
    rare = list(Prompt.objects.filter(is_api=True).order_by("pk"))
    images = Image.objects.bulk_create(image_of(prompt) for prompt in rare[::2])
    likes = [Like(prompt=prompt) for prompt in rare[1::2]]
    likes += [Like(prompt_id=image.prompt_id, image=image) for image in images]
    Like.objects.bulk_create(
        Like(user=user, prompt_id=like.prompt_id, image_id=like.image_id)
        for like in likes
        for user in (owner, member)
    )
    if connection.vendor == "postgresql":
        # It analyses by itself in time; SQLite is left as it is in production.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return [
        "",
        f"tune_id={tunes[3].pk}",
        "text=sea",
        "text=rare",
        f"user_id={owner.pk}",
        f"user_id={member.pk}",
        f"orig_prompt_id={original.pk}",
        f"order_id={shoot.pk}",
        f"pack_id={pack.pk}",
        f"base_pack_id={pack.pk}",
        "is_api=true",
        "is_api=false",
        "liked=true",
        "liked=false",
        "today=true",
        "today=false",
    ]


def median(api: Any, path: str) -> float:
    """Milliseconds of a call."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        response = api.get(path)
        times.append((time.perf_counter() - start) * 1000)
        assert response.status_code == 200, response.content
    return statistics.median(times)


if __name__ == "__main__":
    main()
