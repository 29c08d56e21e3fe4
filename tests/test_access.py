"""Every address × every kind of visitor; a route missing from the table fails."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from prompts.models import Campaign, PromptStatus, Role, Tune, TuneStatus, User
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
    #: The name under which a form sends the target's id, which is then not in the address.
    body: str = ""
    #: What an admin of the team gets; if not said, the same as the owner.
    admin: int | None = None
    #: What somebody gets who has been removed from their only team; if not said, 403 where one
    #: must sign in, else the same as the anonymous.
    removed: int | None = None

    def answer_to(self, visitor: str) -> int:
        """The status that this visitor gets."""
        anonymous, owner = self.expected[0], self.expected[-1]
        if visitor == "admin":
            return owner if self.admin is None else self.admin
        if visitor == "removed member":
            gone = 403 if anonymous == SIGN_IN and self.target != "share" else anonymous
            return gone if self.removed is None else self.removed
        if visitor in ("revoked key", "share visitor"):
            return anonymous
        return self.expected[VISITORS.index(visitor)]


ROUTES: dict[str, Route] = {
    "home": Route("GET", (200, 200, 200, 200, 200)),
    "setup": Route("GET", (302, 302, 302, 302, 302), removed=302),
    "health": Route("GET", (200, 200, 200, 200, 200)),
    "privacy": Route("GET", (200, 200, 200, 200, 200)),
    "parameters": Route("GET", (SIGN_IN, 200, 200, 200, 200)),
    "developing": Route("GET", (SIGN_IN, 200, 200, 200, 200)),
    "account": Route("GET", (SIGN_IN, 200, 200, 200, 200), removed=200),
    "account_picture": Route("POST", (SIGN_IN, 302, 302, 302, 302)),
    "sessions_end": Route("POST", (SIGN_IN, 302, 302, 302, 302), removed=302),
    "account_delete": Route("GET", (SIGN_IN, 200, 200, 200, 200), removed=200),
    # Of somebody who has chosen none; tests/account/test_profile.py has one who has.
    "member_picture": Route("GET", (SIGN_IN, 404, 404, 404, 404), "viewer"),
    "campaign": Route("GET", (SIGN_IN, 200, 200, 200, 200)),
    "campaign_style": Route("GET", (SIGN_IN, 200, 403, 403, 200)),
    "campaign_end": Route("POST", (SIGN_IN, 302, 403, 403, 302)),
    # The outsider is an admin elsewhere, where no campaign has begun.
    "campaign_remind": Route("POST", (SIGN_IN, 404, 403, 403, 302)),
    "campaign_finals": Route("GET", (SIGN_IN, 404, 403, 403, 200)),
    "campaign_status": Route("GET", (SIGN_IN, 404, 403, 403, 200)),
    "team_switch": Route("POST", (SIGN_IN, 404, 302, 302, 302), "team"),
    "team_new": Route("GET", (SIGN_IN, 200, 200, 200, 200), removed=200),
    # The outsider owns another team, and would delete that one.
    "team_delete": Route("GET", (SIGN_IN, 200, 403, 403, 200), admin=403),
    "member_list": Route("GET", (SIGN_IN, 200, 200, 200, 200)),
    "team_leave": Route("GET", (SIGN_IN, 200, 200, 200, 200)),
    "mail_list": Route("GET", (SIGN_IN, 200, 403, 403, 200)),
    "invitation_list": Route("GET", (SIGN_IN, 200, 403, 403, 200)),
    "invitation_new": Route("GET", (SIGN_IN, 200, 403, 403, 200)),
    "invitation_table": Route("POST", (SIGN_IN, 422, 403, 403, 422)),
    "invite_link_new": Route("GET", (SIGN_IN, 200, 403, 403, 200)),
    "invitations_remind": Route("POST", (SIGN_IN, 302, 403, 403, 302)),
    "invitation_resend": Route("POST", (SIGN_IN, 404, 403, 403, 302), "invitation"),
    "invitation_remind": Route("POST", (SIGN_IN, 404, 403, 403, 302), "invitation"),
    "invitation_revoke": Route("POST", (SIGN_IN, 404, 403, 403, 302), "invitation"),
    "invite_link_revoke": Route("POST", (SIGN_IN, 404, 403, 403, 302), "invite_link"),
    # Who holds a token counts, not who asks.
    "join_token": Route("GET", (302,) * 5, args=("x" * 43,), removed=302),
    "join_page": Route("GET", (404,) * 5),
    "member_detail": Route("GET", (SIGN_IN, 404, 403, 403, 200), "viewer"),
    "member_role": Route("POST", (SIGN_IN, 404, 403, 403, 422), "viewer"),
    "member_remove": Route("POST", (SIGN_IN, 404, 403, 403, 422), "viewer"),
    "member_transfer": Route("POST", (SIGN_IN, 404, 403, 403, 422), "viewer"),
    "team_settings": Route("GET", (SIGN_IN, 200, 403, 403, 200)),
    "usage": Route("GET", (SIGN_IN, 200, 200, 200, 200)),
    "usage_table": Route("GET", (SIGN_IN, 200, 200, 200, 200)),
    "quota_settings": Route("GET", (SIGN_IN, 200, 403, 403, 200)),
    "member_quota": Route("GET", (SIGN_IN, 404, 403, 403, 200), "viewer"),
    "team_backdrop": Route("POST", (SIGN_IN, 302, 403, 403, 302)),
    "audit_log": Route("GET", (SIGN_IN, 200, 403, 403, 200)),
    "erasure_list": Route("GET", (SIGN_IN, 200, 403, 403, 200)),
    # Whoever holds the number of a receipt may see it: it names nobody.
    "erasure_receipt": Route("GET", (200,) * 5, "erasure"),
    "erasure_text": Route("GET", (200,) * 5, "erasure"),
    "erasure_json": Route("GET", (200,) * 5, "erasure"),
    "audit_csv": Route("GET", (SIGN_IN, 200, 403, 403, 200)),
    "engine_settings": Route("GET", (SIGN_IN, 200, 403, 403, 200), admin=403),
    "engine_state": Route("GET", (SIGN_IN, 302, 403, 403, 302), admin=403, removed=403),
    "engine_self_test": Route("POST", (SIGN_IN, 302, 403, 403, 302), admin=403),
    "engine_key_remove": Route("POST", (SIGN_IN, 302, 403, 403, 302), admin=403),
    "preset_backdrop": Route("GET", (SIGN_IN, 404, 200, 200, 200), args=("our-backdrop",)),
    "api_keys": Route("GET", (SIGN_IN, 200, 200, 200, 200)),
    "pack_list": Route("GET", (SIGN_IN, 200, 200, 200, 200)),
    "pack_detail": Route("GET", (SIGN_IN, 404, 200, 200, 200), "pack"),
    "shoot_detail": Route("GET", (SIGN_IN, 404, 200, 200, 200), "shoot"),
    "delivery_list": Route("GET", (SIGN_IN, 200, 200, 200, 200)),
    "delivery_detail": Route("GET", (SIGN_IN, 404, 404, 404, 200), "delivery"),
    "delivery_replay": Route("POST", (SIGN_IN, 404, 404, 404, 302), "delivery"),
    "delivery_ping": Route("POST", (SIGN_IN, 422, 422, 422, 422)),
    "callback_host_enable": Route("POST", (SIGN_IN, 404, 404, 404, 302), "callback_host"),
    "api_key_revoke": Route("POST", (SIGN_IN, 404, 404, 404, 302), "api_key"),
    "tune_list": Route("GET", (SIGN_IN, 200, 200, 200, 200)),
    "tune_bases": Route("GET", (SIGN_IN, 404, 403, 404, 404)),
    "tune_new": Route("GET", (SIGN_IN, 200, 403, 200, 200)),
    "tune_detail": Route("GET", (SIGN_IN, 404, 200, 200, 200), "tune"),
    "tune_edit": Route("GET", (SIGN_IN, 404, 403, 403, 200), "tune"),
    "tune_train": Route("POST", (SIGN_IN, 404, 403, 403, 422), "tune"),
    "tune_retry": Route("POST", (SIGN_IN, 404, 403, 403, 302), "tune"),
    "tune_reopen": Route("POST", (SIGN_IN, 404, 403, 403, 302), "tune"),
    "tune_delete": Route("POST", (SIGN_IN, 404, 403, 403, 302), "tune"),
    "tune_export": Route("GET", (SIGN_IN, 404, 403, 403, 200), "tune"),
    "account_export": Route("GET", (SIGN_IN, 200, 200, 200, 200), removed=200),
    "tune_keep": Route("POST", (SIGN_IN, 404, 403, 403, 302), "tune"),
    "team_data": Route("GET", (SIGN_IN, 200, 403, 403, 200)),
    "tune_data": Route("GET", (SIGN_IN, 404, 403, 403, 200), "tune"),
    "tune_erase": Route("GET", (SIGN_IN, 404, 403, 403, 200), "tune"),
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
    "callback": Route("POST", (400,) * 5, args=("prompt", "x" * 43)),
    "prompt_zip": Route("GET", (SIGN_IN, 404, 200, 200, 200), "prompt"),
    "gallery": Route("GET", (SIGN_IN, 200, 200, 200, 200)),
    "gallery_news": Route("GET", (SIGN_IN, 200, 200, 200, 200)),
    "trash": Route("GET", (SIGN_IN, 200, 403, 200, 200)),
    "trash_restore": Route("POST", (SIGN_IN, 302, 403, 302, 302)),
    "trash_delete": Route("POST", (SIGN_IN, 302, 403, 302, 302)),
    "trash_empty": Route("POST", (SIGN_IN, 302, 403, 302, 302)),
    # Of a picture that is not in the trash; tests/test_trash.py has one that is.
    "trash_thumb": Route("GET", (SIGN_IN, 404, 404, 404, 404), "image"),
    "album_list": Route("GET", (SIGN_IN, 200, 200, 200, 200)),
    "album_new": Route("GET", (SIGN_IN, 200, 403, 200, 200)),
    "album_choose": Route("GET", (SIGN_IN, 200, 403, 200, 200)),
    "album_detail": Route("GET", (SIGN_IN, 404, 200, 200, 200), "album"),
    "album_edit": Route("GET", (SIGN_IN, 404, 403, 403, 200), "album"),
    "album_delete": Route("POST", (SIGN_IN, 404, 403, 403, 302), "album"),
    "album_add": Route("POST", (SIGN_IN, 404, 403, 403, 302), "album"),
    "album_remove": Route("POST", (SIGN_IN, 404, 403, 403, 302), "album"),
    "album_order": Route("POST", (SIGN_IN, 404, 403, 403, 400), "album"),
    "album_cover": Route("POST", (SIGN_IN, 404, 403, 403, 404), "album"),
    "images_like": Route("POST", (SIGN_IN, 404, 302, 302, 302), "image", body="images"),
    "images_trash": Route("POST", (SIGN_IN, 404, 403, 403, 302), "image", body="images"),
    "images_restore": Route("POST", (SIGN_IN, 404, 403, 403, 302), "image", body="images"),
    "images_zip": Route("POST", (SIGN_IN, 404, 200, 200, 200), "image", body="images"),
    "images_compare": Route("POST", (SIGN_IN, 404, 302, 302, 302), "image", body="images"),
    "compare": Route("GET", (SIGN_IN, 404, 200, 200, 200), "image", body="images"),
    "image_like": Route("POST", (SIGN_IN, 404, 302, 302, 302), "image"),
    "image_final": Route("POST", (SIGN_IN, 404, 403, 403, 302), "image"),
    "image_detail": Route("GET", (SIGN_IN, 404, 200, 200, 200), "image"),
    "image_original": Route("GET", (SIGN_IN, 404, 200, 200, 200), "image"),
    "image_thumb": Route("GET", (SIGN_IN, 404, 200, 200, 200), "image", args=(320,)),
    "share_list": Route("GET", (SIGN_IN, 200, 200, 200, 200)),
    "share_new": Route("GET", (SIGN_IN, 404, 403, 403, 200), "image", body="images"),
    "share_detail": Route("GET", (SIGN_IN, 404, 404, 404, 200), "owned_share"),
    "share_edit": Route("GET", (SIGN_IN, 404, 404, 404, 200), "owned_share"),
    "share_picks_csv": Route("GET", (SIGN_IN, 404, 404, 404, 200), "owned_share"),
    "share_test": Route("GET", (SIGN_IN, 404, 404, 404, 200), "owned_share"),
    "share_revoke": Route("POST", (SIGN_IN, 404, 404, 404, 302), "owned_share"),
    # Under a link it is the link that counts, not who asks.
    "shared": Route("GET", (200,) * 5, "share"),
    "shared_json": Route("GET", (200,) * 5, "share"),
    "shared_unlock": Route("POST", (302,) * 5, "share"),
    "shared_zip": Route("GET", (200,) * 5, "share"),
    "shared_sign": Route("POST", (302,) * 5, "share"),
    "shared_thumb": Route("GET", (404,) * 5, "share", args=("nothing", 320)),
    "shared_download": Route("GET", (404,) * 5, "share", args=("nothing",)),
    "shared_pick": Route("POST", (404,) * 5, "share", args=("nothing",)),
}
#: Streams do not end by themselves; who hears what is proved in the tests of live pages.
ELSEWHERE = {"live"}
#: Targets that are nobody's own.
OF_THE_TEAM = (
    "", "team", "viewer", "invitation", "invite_link", "pack", "shoot", "share", "erasure",
)  # fmt: skip
VISITORS = (
    "anonymous", "outsider", "viewer", "member", "owner",
    "admin", "removed member", "revoked key", "share visitor",
)  # fmt: skip


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


@pytest.fixture
def clients(alice: User, bob: User, vera: User, charlie: User) -> dict[str, Client]:
    team = alice.teams.get()
    admin, removed = factories.create_user(name="Adam"), factories.create_user(name="Rita")
    factories.create_membership(team=team, user=admin, role=Role.ADMIN)
    people = {"outsider": charlie, "viewer": vera, "member": bob, "owner": alice}
    people |= {"admin": admin, "removed member": removed}
    signed = {kind: signed_in(user) for kind, user in people.items()}
    place = factories.create_membership(team=team, user=removed)
    assert signed["removed member"].get("/tunes/").status_code == 200
    place.delete()
    key, secret = factories.create_api_key(user=alice, team=team)
    key.revoke()
    revoked = Client(headers={"authorization": f"Bearer {secret}"})
    return {"anonymous": Client(), "revoked key": revoked, **signed}


@pytest.fixture
def clients_at(clients: dict[str, Client], tune: Tune) -> dict[str, Client]:
    """With somebody who has opened a link to a picture of the tune."""
    guest = Client()
    assert guest.get(tune.team.shares.get().public_path).status_code == 200
    return {**clients, "share visitor": guest}


@pytest.fixture
def tune(alice: User, team: object) -> Tune:
    tune = factories.create_tune(team=alice.teams.get(), owner=alice, photos=1)
    prompt = factories.create_prompt(tune=tune, status=PromptStatus.COMPLETED)
    image = factories.create_image(prompt=prompt)
    alice.teams.get().presets.create(
        slug="our-backdrop", title="Ours", kind="headshot", text="{token}", input_image=image.file
    )
    Campaign.objects.create(team=tune.team, preset=tune.team.presets.get())
    key, _ = factories.create_api_key(user=alice, team=tune.team)
    tune.team.packs.create(slug="ours", title="Ours")
    tune.prompts.update(shoot=tune.team.shoots.create(author=alice, title="Ours"))
    tune.team.deliveries.create(
        api_key=key, event="prompt", url="https://example.com/", prompt=prompt, status="failed"
    )
    tune.team.callback_hosts.create(api_key=key, host="example.com")
    tune.team.invitations.create(
        author=alice, email="bea@example.com", token_sha256="1", expires_at=timezone.now()
    )
    tune.team.invitelinks.create(author=alice, token_sha256="2")
    tune.team.erasures.create(kind="person")
    factories.create_album(owner=alice, images=[image])
    factories.create_share(author=alice, images=[image], takes_picks=True)
    Tune.objects.filter(pk=tune.pk).update(samples={"some-preset": image.thumbnail(320)})
    return tune


def address(name: str, tune: Tune) -> str:
    route = ROUTES[name]
    ids = [target_id(name, tune)] if route.target and not route.body else []
    return reverse(name, args=[*ids, *route.args])


def target_id(name: str, tune: Tune) -> str:
    if ROUTES[name].target == "share":
        return tune.team.shares.get().slug
    targets = {
        "team": tune.team,
        "invitation": tune.team.invitations.first(),
        "invite_link": tune.team.invitelinks.first(),
        "viewer": tune.team.memberships.get(role="viewer"),
        "tune": tune,
        "photo": tune.photos.first(),
        "prompt": tune.prompts.first(),
        "image": tune.images.first(),
        "album": tune.team.albums.first(),
        "owned_share": tune.team.shares.first(),
        "api_key": tune.team.api_keys.first(),
        "pack": tune.team.packs.first(),
        "shoot": tune.team.shoots.first(),
        "delivery": tune.team.deliveries.first(),
        "erasure": tune.team.erasures.first(),
        "callback_host": tune.team.callback_hosts.first(),
    }
    return targets[ROUTES[name].target].public_id


def ask(client: Client, name: str, tune: Tune) -> HttpResponse:
    url, route = address(name, tune), ROUTES[name]
    values = {route.body: target_id(name, tune)} if route.body else {}
    return client.get(url, values) if route.method == "GET" else client.post(url, values)


@pytest.mark.parametrize("name", ROUTES)
def test_route_answers(name: str, tune: Tune, clients_at: dict[str, Client]) -> None:
    answers = {}
    for visitor in VISITORS:
        # Undone, so that each finds what the others would have deleted.
        with transaction.atomic():
            response = ask(clients_at[visitor], name, tune)
            transaction.set_rollback(True)
        answers[visitor] = response.status_code
        leads_elsewhere = name in ("setup", "join_token") or ROUTES[name].target == "share"
        if visitor == "anonymous" and response.status_code == SIGN_IN and not leads_elsewhere:
            assert response["Location"].startswith("/accounts/login/")
    assert answers == {visitor: ROUTES[name].answer_to(visitor) for visitor in VISITORS}


@pytest.mark.parametrize(
    "name", [n for n, r in ROUTES.items() if r.method == "POST" and n != "prompt_list"]
)
def test_reading_a_writing_address_is_refused(
    name: str, tune: Tune, clients: dict[str, Client]
) -> None:
    assert clients["owner"].get(address(name, tune)).status_code == 405


@pytest.mark.parametrize(
    "name",
    [n for n, r in ROUTES.items() if r.target not in OF_THE_TEAM],
)
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
