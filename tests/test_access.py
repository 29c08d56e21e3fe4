"""Every address × every kind of visitor; a route missing from the table fails."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from prompts.models import PromptStatus, Tune, TuneStatus, User
from tests import factories
from tests.factories import signed_in

pytestmark = pytest.mark.django_db

SIGN_IN = 302


@dataclass(frozen=True)
class Route:
    """What each visitor gets: anonymous, outsider, viewer, other member, owner."""

    method: str
    expected: tuple[int, int, int, int, int]
    target: str = ""
    query: str = ""
    args: tuple[object, ...] = field(default=())


ROUTES: dict[str, Route] = {
    "home": Route("GET", (200, 200, 200, 200, 200)),
    "setup": Route("GET", (302, 302, 302, 302, 302)),
    "health": Route("GET", (200, 200, 200, 200, 200)),
    "parameters": Route("GET", (SIGN_IN, 200, 200, 200, 200)),
    "developing": Route("GET", (SIGN_IN, 200, 200, 200, 200)),
    "team_switch": Route("POST", (SIGN_IN, 404, 302, 302, 302), "team"),
    "team_settings": Route("GET", (SIGN_IN, 200, 403, 403, 200)),
    "team_backdrop": Route("POST", (SIGN_IN, 302, 403, 403, 302)),
    "preset_backdrop": Route("GET", (SIGN_IN, 404, 200, 200, 200), args=("our-backdrop",)),
    "tune_list": Route("GET", (SIGN_IN, 200, 200, 200, 200)),
    "tune_new": Route("GET", (SIGN_IN, 200, 403, 200, 200)),
    "tune_detail": Route("GET", (SIGN_IN, 404, 200, 200, 200), "tune"),
    "tune_edit": Route("GET", (SIGN_IN, 404, 403, 403, 200), "tune"),
    "tune_train": Route("POST", (SIGN_IN, 404, 403, 403, 422), "tune"),
    "tune_retry": Route("POST", (SIGN_IN, 404, 403, 403, 302), "tune"),
    "tune_reopen": Route("POST", (SIGN_IN, 404, 403, 403, 302), "tune"),
    "tune_delete": Route("POST", (SIGN_IN, 404, 403, 403, 302), "tune"),
    "tune_status": Route("GET", (SIGN_IN, 404, 200, 200, 200), "tune"),
    "tune_sample": Route("GET", (SIGN_IN, 404, 200, 200, 200), "tune", args=("some-preset",)),
    "tune_zip": Route("GET", (SIGN_IN, 404, 200, 200, 200), "tune"),
    "photo_upload": Route("POST", (SIGN_IN, 404, 403, 403, 422), "tune"),
    "composer": Route("GET", (SIGN_IN, 404, 403, 403, 302), "tune"),
    "prompt_list": Route("POST", (SIGN_IN, 404, 403, 403, 422), "tune"),
    "photo_keep": Route("POST", (SIGN_IN, 404, 403, 403, 302), "photo"),
    "photo_delete": Route("POST", (SIGN_IN, 404, 403, 403, 422), "photo"),
    "photo_thumb": Route("GET", (SIGN_IN, 404, 200, 200, 200), "photo"),
    "photo_file": Route("GET", (SIGN_IN, 404, 403, 403, 200), "photo"),
    "prompt_detail": Route("GET", (SIGN_IN, 404, 200, 200, 200), "prompt"),
    "prompt_cancel": Route("POST", (SIGN_IN, 404, 403, 403, 302), "prompt"),
    "prompt_retry": Route("POST", (SIGN_IN, 404, 403, 403, 302), "prompt"),
    "prompt_delete": Route("POST", (SIGN_IN, 404, 403, 403, 302), "prompt"),
    "prompt_zip": Route("GET", (SIGN_IN, 404, 200, 200, 200), "prompt"),
    "gallery": Route("GET", (SIGN_IN, 200, 200, 200, 200)),
    "image_detail": Route("GET", (SIGN_IN, 404, 200, 200, 200), "image"),
    "image_original": Route("GET", (SIGN_IN, 404, 200, 200, 200), "image"),
    "image_thumb": Route("GET", (SIGN_IN, 404, 200, 200, 200), "image", args=(320,)),
}
#: Streams do not end by themselves; who hears what is proved in the tests of live pages.
ELSEWHERE = {"live"}
VISITORS = ("anonymous", "outsider", "viewer", "member", "owner")


def own_routes() -> set[str]:
    """The names of all routes of the product itself."""
    import prompts.urls

    return {p.name for p in prompts.urls.urlpatterns if isinstance(p, URLPattern) and p.name}


def test_the_table_names_every_route() -> None:
    assert own_routes() == set(ROUTES) | ELSEWHERE


def test_every_view_of_ours_states_its_access() -> None:
    import prompts.urls

    unmarked = [
        p.name
        for p in prompts.urls.urlpatterns
        if isinstance(p, URLPattern)
        and p.name not in ELSEWHERE
        and not hasattr(p.callback, "access")
    ]
    assert unmarked == []


def test_no_route_outside_the_product_serves_team_data() -> None:
    prefixes = {str(p.pattern) for p in get_resolver().url_patterns}
    assert prefixes == {"", "accounts/", "admin/"}


@pytest.fixture
def clients(alice: User, bob: User, vera: User, charlie: User) -> dict[str, Client]:
    people = {"outsider": charlie, "viewer": vera, "member": bob, "owner": alice}
    return {"anonymous": Client(), **{kind: signed_in(user) for kind, user in people.items()}}


@pytest.fixture
def tune(alice: User, team: object) -> Tune:
    tune = factories.create_tune(team=alice.teams.get(), owner=alice, photos=1)
    prompt = factories.create_prompt(tune=tune, status=PromptStatus.COMPLETED)
    image = factories.create_image(prompt=prompt)
    alice.teams.get().presets.create(
        slug="our-backdrop", title="Ours", kind="headshot", text="{token}", input_image=image.file
    )
    Tune.objects.filter(pk=tune.pk).update(samples={"some-preset": image.thumbnail(320)})
    return tune


def ask(client: Client, name: str, tune: Tune) -> HttpResponse:
    route = ROUTES[name]
    targets = {
        "team": tune.team,
        "tune": tune,
        "photo": tune.photos.first(),
        "prompt": tune.prompts.first(),
        "image": tune.images.first(),
    }
    ids = [targets[route.target].public_id] if route.target else []  # type: ignore[union-attr]
    url = reverse(name, args=[*ids, *route.args])
    return client.get(url) if route.method == "GET" else client.post(url)


@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("name", ROUTES)
def test_route_answers_visitor(
    name: str, visitor: str, tune: Tune, clients: dict[str, Client]
) -> None:
    response = ask(clients[visitor], name, tune)
    assert response.status_code == ROUTES[name].expected[VISITORS.index(visitor)]
    if visitor == "anonymous" and response.status_code == SIGN_IN and name != "setup":
        assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    "name", [n for n, r in ROUTES.items() if r.method == "POST" and n != "prompt_list"]
)
def test_reading_a_writing_address_is_refused(
    name: str, tune: Tune, clients: dict[str, Client]
) -> None:
    route = ROUTES[name]
    targets = {"team": tune.team, "tune": tune, "photo": tune.photos.first()}
    targets |= {"prompt": tune.prompts.first()}
    ids = [targets[route.target].public_id] if route.target else []  # type: ignore[union-attr]
    url = reverse(name, args=[*ids, *route.args])
    assert clients["owner"].get(url).status_code == 405


@pytest.mark.parametrize("name", [n for n, r in ROUTES.items() if r.target not in ("", "team")])
def test_private_tune_is_hidden_from_teammates(
    name: str, tune: Tune, clients: dict[str, Client]
) -> None:
    Tune.objects.filter(pk=tune.pk).update(visibility=Tune.Visibility.PRIVATE)
    for visitor in ("viewer", "member"):
        assert ask(clients[visitor], name, tune).status_code == 404


def test_lists_show_nothing_of_other_teams_and_private_tunes(
    tune: Tune, clients: dict[str, Client], bob: User
) -> None:
    private = factories.create_tune(
        team=tune.team,
        owner=bob,
        title="Hidden Harry",
        visibility=Tune.Visibility.PRIVATE,
        status=TuneStatus.TRAINED,
    )
    image = factories.create_image(prompt=factories.create_prompt(tune=private))
    for name in ("home", "tune_list", "gallery", "developing"):
        url = reverse(name)
        for visitor in ("outsider", "viewer"):
            page = clients[visitor].get(url).content.decode()
            assert "Hidden Harry" not in page
            assert image.public_id not in page
        assert tune.public_id not in clients["outsider"].get(url).content.decode()
        for visitor in ("member", "owner"):
            assert clients[visitor].get(url).status_code == 200
    assert "Hidden Harry" in clients["member"].get(reverse("tune_list")).content.decode()


def test_removed_member_sees_nothing_any_more(tune: Tune, bob: User, bob_client: Client) -> None:
    bob.memberships.all().delete()
    assert bob_client.get(tune.get_absolute_url()).status_code == 403
    other = factories.create_team(name="Next job")
    factories.create_membership(team=other, user=bob)
    assert bob_client.get(tune.get_absolute_url()).status_code == 404
