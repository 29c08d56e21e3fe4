"""Measures the gallery with few and with many pictures: `python -m tests.bench_gallery [MANY]`.

The time of a page on the server, and how many queries it takes, at several depths and with several
filters: for an admin, for a member from whom nine in ten pictures are hidden, and for a newcomer
who sees one person of many. A page is compared with the same one of the small team, or, where that
has fewer pictures to show, with its full page. On SQLite the time is the processor's, which other
work on the machine does not change. Uses a database of its own, or the empty one that DATABASE_URL
names.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.bench import fresh_portal, pages_in_process

if TYPE_CHECKING:
    from django.test import Client

    #: Who asks, and for which query.
    Page = tuple[Client, str]

FEW, MANY = 1_000, 100_000
IMAGES_A_PROMPT = 4
PEOPLE = 50
SHOOTS = 20
REPEATS = 8
BATCH = 5_000
WORDS = ("studio", "office", "window light", "city at night", "forest", "stage", "rooftop")
ENGINES = ("studio", "astria")


@dataclass(frozen=True)
class Answer:
    """What a page took, and how many pictures it showed."""

    milliseconds: float
    queries: int
    pictures: int


def main() -> None:
    """Prints a table: milliseconds and queries with few and with many pictures."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    with fresh_portal(DEBUG="0", FAKE_ENGINE="0"), pages_in_process():
        print_table(pages_of("Few", FEW), pages_of("Many", many), many)


def pages_of(name: str, count: int) -> dict[str, Page]:
    """The kinds of page, in a new team with `count` pictures."""
    from django.db import connection

    from prompts.gallery import PER_PAGE
    from prompts.models import Image, Tune
    from tests import factories

    admin, member, newcomer = (factories.create_user() for _ in range(3))
    team = factories.create_team(name=name)
    factories.create_membership(team=team, user=admin, role="admin")
    factories.create_membership(team=team, user=member)
    factories.create_membership(team=team, user=newcomer)
    fill(team, admin, member, count)
    own = factories.create_tune(team=team, owner=newcomer, visibility=Tune.Visibility.PRIVATE)
    some = Image.objects.filter(team=team).order_by("pk")[:: count // PER_PAGE]
    Image.objects.filter(pk__in=[image.pk for image in some]).update(tune=own)
    if connection.vendor == "postgresql":  # which does it by itself in time; SQLite never does
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    ids = list(Image.objects.filter(team=team).order_by("-pk").values_list("public_id", flat=True))
    person = team.tunes.first().public_id
    shoot = team.shoots.order_by("pk").first()
    day = Image.objects.get(public_id=ids[len(ids) // 2]).created_at.date()
    pages = {
        "newest": "",
        "in the middle": f"?at={ids[len(ids) // 2]}",
        "near the end": f"?at={ids[-100]}",
        "fragment below": f"?at={ids[len(ids) // 2]}#",
        "fragment above": f"?above={ids[-100]}#",
        "oldest first": "?order=oldest",
        "person": f"?person={person}",
        "preset": "?preset=executive",
        "pack": f"?pack={shoot.pack.public_id}",
        "shoot": f"?shoot={shoot.public_id}",
        "kind": "?kind=action",
        "style": "?style=Lowpoly",
        "engine": "?engine=astria",
        "member": f"?member={member.pk}",
        "liked": "?liked=1",
        "final": "?final=1",
        "a day": f"?since={day}&until={day}",
        "frequent word": "?q=portrait",
        "rare word": "?q=xylophone",
        "absent word": "?q=zzz",
        "two words": "?q=portrait+forest",
        "word and name": "?q=portrait+7",
        "person, style, kind": f"?person={person}&style=Lowpoly&kind=action",
    }
    users = {"admin": admin, "member": member, "newcomer": newcomer}
    clients = {role: factories.signed_in(user) for role, user in users.items()}
    return {
        f"{role}, {what}": (client, query)
        for role, client in clients.items()
        for what, query in pages.items()
    }


def fill(team: Any, admin: Any, member: Any, count: int) -> None:
    """People whose pictures lie mixed in time; nine in ten are hidden from the member."""
    from django.utils import timezone

    from prompts.models import Image, Like, Pack, Preset, Prompt, Shoot, Tune
    from prompts.parameters import STYLES
    from tests import factories

    presets = [*Preset.objects.filter(team=None).exclude(slug="executive"), None]
    executive = Preset.objects.get(slug="executive")
    tunes = [
        factories.create_tune(
            team=team,
            owner=member if number % 10 == 0 else admin,
            title=f"Person {number}",
            visibility=Tune.Visibility.PRIVATE,
        )
        for number in range(PEOPLE)
    ]
    packs = list(Pack.objects.filter(team=None))
    shoots = [
        Shoot.objects.create(
            team=team, author=admin, title=f"Shoot {n}", pack=packs[n % len(packs)]
        )
        for n in range(SHOOTS)
    ]
    now = timezone.now()
    for start in range(0, count // IMAGES_A_PROMPT, BATCH):
        numbers = range(start, min(start + BATCH, count // IMAGES_A_PROMPT))
        prompts = Prompt.objects.bulk_create(
            Prompt(
                team=team,
                tune=tunes[n % PEOPLE],
                author=member if n % 10 == 0 else admin,
                preset=executive if n % 97 == 0 else presets[n % len(presets)],
                text=f"portrait of ohwx person, {WORDS[n % len(WORDS)]}"
                + (", xylophone" if n % 10_007 == 5 else ""),
                parameters={"style": STYLES[n % len(STYLES)]} if n % 3 == 0 else {},
                num_images=IMAGES_A_PROMPT,
                base_seed=n,
                status="completed",
                engine=ENGINES[n % 100 == 0],
                shoot=shoots[n // 8 % SHOOTS] if n % 2 else None,
            )
            for n in numbers
        )
        moments = {
            prompt.pk: now - dt.timedelta(minutes=count - 10 * n)
            for n, prompt in zip(numbers, prompts, strict=True)
        }
        images = Image.objects.bulk_create(
            Image(
                team=team, tune=prompt.tune, prompt=prompt, index=index,
                file=f"{prompt.pk}-{index}.jpg", sha256="0" * 64, content_type="image/jpeg",
                size=1, width=1024, height=1280, color="#808080", seed=index,
                recipe={"scene_title": "Some scene", "text": prompt.text}, engine=prompt.engine,
                **Image.listed_as(prompt),
            )
            for prompt in prompts
            for index in range(IMAGES_A_PROMPT)
        )  # fmt: skip
        for image in images:
            image.created_at = moments[image.prompt_id]
        Image.objects.bulk_update(images, ["created_at"], batch_size=500)
        Like.objects.bulk_create(
            Like(user=user, prompt_id=image.prompt_id, image=image)
            for image in images[::400]
            for user in (admin, member)
        )
        for image in images[: IMAGES_A_PROMPT * PEOPLE : IMAGES_A_PROMPT]:
            Tune.objects.filter(pk=image.tune_id).update(final_image=image)


def ask(*pages: Page) -> list[Answer]:
    """The best of several times, and queries; an address that ends in # is a fragment.

    They are asked in turn, so that what else the machine does weighs on all of them.
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    clock = time.process_time if connection.vendor == "sqlite" else time.perf_counter

    def get(page: Page) -> bytes:
        client, query = page
        headers = {"HX-Request": "true"} if query.endswith("#") else {}
        response = client.get(f"/gallery/{query.rstrip('#')}", headers=headers)
        assert response.status_code == 200
        return response.content

    answers = []
    for page in pages:
        with CaptureQueriesContext(connection) as captured:
            shown = get(page).count(b'id="tile-')
        answers.append(Answer(float("inf"), len(captured), shown))
    for _ in range(REPEATS):
        for number, page in enumerate(pages):
            began = clock()
            get(page)
            taken = (clock() - began) * 1e3
            answer = answers[number]
            answers[number] = replace(answer, milliseconds=min(answer.milliseconds, taken))
    return answers


def print_table(few: dict[str, Page], many: dict[str, Page], count: int) -> None:
    """One line a page; at the end the page that grew most."""
    print(f"{'page':32}{FEW:>10,}{count:>10,}{'times':>8}  queries  pictures")
    times = {}
    for what, page in many.items():
        role, _, kind = what.partition(", ")
        full_page = "fragment below" if kind.startswith("fragment") else "newest"
        before, after, full = ask(few[what], page, few[f"{role}, {full_page}"])
        reference = before if before.pictures >= after.pictures else full
        times[what] = after.milliseconds / reference.milliseconds
        print(
            f"{what:32}{before.milliseconds:8.1f}ms{after.milliseconds:8.1f}ms{times[what]:8.2f}  "
            f"{before.queries:3} {after.queries:3}  {before.pictures:3} {after.pictures:3}",
            flush=True,
        )
    print(f"at most {max(times.values()):.2f} times: {max(times, key=times.__getitem__)}")


if __name__ == "__main__":
    sys.exit(main())
