"""The owner chooses the engine and connects the team's Astria account."""

from __future__ import annotations

import io
import logging

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from prompts.models import AstriaAccount, Team
from prompts.reach import try_reach
from tests.astria.server import KEY, FakeAstria

URL = "/settings/engine/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def astria(settings: Settings) -> object:
    with FakeAstria() as server:
        settings.FETCH_ALLOWED_HOSTS = [server.host]
        yield server


def values(astria: FakeAstria, **changes: str) -> dict[str, str]:
    return {"engine": "astria", "new_key": KEY, "base_url": astria.url, "callback_base": ""} | (
        changes
    )


def test_a_key_is_tried_before_it_is_saved_and_never_shown_again(
    alice_client: Client, team: Team, astria: FakeAstria
) -> None:
    page = alice_client.post(URL, values(astria), follow=True).content.decode()
    assert len(astria.asked("GET", "/users")) == 1
    assert "Ada" in page, "it tells whose key it is"
    assert KEY not in page and KEY[-4:] in page
    team.refresh_from_db()
    assert team.engine == "astria"
    assert team.astria_account.key == KEY


def test_a_key_that_does_not_work_is_not_saved(
    alice_client: Client, team: Team, astria: FakeAstria
) -> None:
    answer = alice_client.post(URL, values(astria, new_key="sd_wrong_key_000000000000"))
    assert answer.status_code == 422
    assert "tried and not saved" in answer.content.decode()
    assert "sd_wrong_key" not in answer.content.decode()
    assert not AstriaAccount.objects.exists()


def test_astria_without_a_key_is_no_choice(
    alice_client: Client, team: Team, astria: FakeAstria
) -> None:
    answer = alice_client.post(URL, values(astria, new_key=""))
    assert answer.status_code == 422 and "needs a key" in answer.content.decode()


def test_a_kept_key_never_goes_to_another_address(
    alice_client: Client, team: Team, astria: FakeAstria
) -> None:
    alice_client.post(URL, values(astria))
    elsewhere = values(astria, new_key="", base_url="https://elsewhere.example.com")
    answer = alice_client.post(URL, elsewhere)
    assert answer.status_code == 422 and "needs the key again" in answer.content.decode()
    assert AstriaAccount.objects.get().base_url == astria.url


def test_an_address_in_the_private_network_is_refused(
    alice_client: Client, team: Team, astria: FakeAstria, settings: Settings
) -> None:
    settings.FETCH_ALLOWED_HOSTS = []
    assert alice_client.post(URL, values(astria)).status_code == 422
    assert astria.requests == []


@pytest.mark.parametrize("base", ["ftp://x.example.com", "https://a:b@x.example.com", "nonsense"])
def test_other_addresses_are_refused(
    alice_client: Client, team: Team, astria: FakeAstria, base: str
) -> None:
    assert alice_client.post(URL, values(astria, callback_base=base)).status_code == 422
    assert alice_client.post(URL, values(astria, base_url=base)).status_code == 422


def test_the_defaults_are_saved_without_asking_for_the_key_again(
    alice_client: Client, team: Team, astria: FakeAstria
) -> None:
    alice_client.post(URL, values(astria))
    changed = values(astria, new_key="", scheduler="euler", backend_version="1")
    assert alice_client.post(URL, changed).status_code == 302
    account = AstriaAccount.objects.get()
    assert account.key == KEY
    assert account.credentials.defaults == {"scheduler": "euler", "backend_version": "1"}


def test_removing_the_key_brings_the_team_back_to_this_server(
    alice_client: Client, team: Team, astria: FakeAstria
) -> None:
    alice_client.post(URL, values(astria))
    alice_client.post(f"{URL}key/remove/")
    team.refresh_from_db()
    assert (team.engine, AstriaAccount.objects.get().key) == ("studio", "")


def test_the_key_is_nowhere_in_clear(
    alice_client: Client, team: Team, astria: FakeAstria, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    pages = alice_client.post(URL, values(astria), follow=True).content.decode()
    pages += alice_client.get("/settings/").content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM prompts_astriaaccount")
        rows = str(cursor.fetchall())
        cursor.execute("SELECT * FROM django_session")
        rows += str(cursor.fetchall())
    dump = io.StringIO()
    call_command("dumpdata", "prompts", stdout=dump)
    account = AstriaAccount.objects.get()
    told = repr(account) + repr(account.credentials) + str(vars(account.credentials.__class__))
    for place in (pages, rows, dump.getvalue(), caplog.text, told):
        assert KEY not in place
    assert "…" in account.masked_key


def test_a_dump_can_be_loaded_again(
    alice_client: Client, team: Team, astria: FakeAstria, tmp_path: object
) -> None:
    alice_client.post(URL, values(astria))
    file = f"{tmp_path}/dump.json"
    call_command("dumpdata", "prompts.astriaaccount", output=file, verbosity=0)
    AstriaAccount.objects.all().delete()
    call_command("loaddata", file, verbosity=0)
    assert AstriaAccount.objects.get().key == KEY


# --- The public address -----------------------------------------------------------------------


@pytest.fixture
def account(team: Team) -> AstriaAccount:
    return AstriaAccount.objects.create(team=team, key=KEY)


@pytest.mark.django_db(transaction=True)
def test_the_portal_reaches_itself(
    account: AstriaAccount, live_server: LiveServer, settings: Settings
) -> None:
    settings.FETCH_ALLOWED_HOSTS = [live_server.url.removeprefix("http://")]
    account.callback_base = live_server.url
    account.save()
    assert try_reach(account), account.reach_words
    assert (account.reach, account.reach_nonce) == ("reached", "")


def test_the_proof_is_given_once_and_only_when_asked_for(account: AstriaAccount) -> None:
    AstriaAccount.objects.update(reach_nonce="n" * 43)
    path = f"/callbacks/test/{'n' * 43}/"
    assert Client().post(path, "{}", content_type="application/json").status_code == 200
    assert Client().post(path, "{}", content_type="application/json").status_code == 404
    assert Client().post("/callbacks/test/x/").status_code == 404


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "redirect", "location": "https://login.example.com/"}, "redirects to login"),
        ({"kind": "html"}, "Somebody else answered"),
        ({"kind": "status", "status": 404}, "answered with 404"),
        ({"kind": "reset"}, "broke off"),
    ],
)
def test_whoever_else_answers_is_told_apart(
    account: AstriaAccount, astria: FakeAstria, fault: dict[str, object], words: str
) -> None:
    astria.fault(method="POST", path="/callbacks/.*", **fault)
    account.callback_base = astria.url
    account.save()
    assert not try_reach(account)
    assert words in account.reach_words


@pytest.mark.parametrize(
    ("base", "words"),
    [
        ("", "No public address"),
        ("http://127.0.0.1", "not on the public internet"),
        ("http://no-such-host.invalid", "No connection"),
    ],
)
def test_addresses_that_lead_nowhere_are_told_in_words(
    account: AstriaAccount, base: str, words: str
) -> None:
    account.callback_base = base
    account.save()
    assert not try_reach(account)
    assert words in account.reach_words


def test_a_refused_connection_is_told(account: AstriaAccount, astria: FakeAstria) -> None:
    astria.go_down()
    account.callback_base = astria.url
    account.save()
    assert not try_reach(account)
    assert "refused" in account.reach_words
