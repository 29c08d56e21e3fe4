"""Links as those see them who make them: made of anything, listed, counted."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from prompts.flows.images import trash_images
from prompts.models import Image, Membership, Prompt, Role, Share, Tune, User
from tests import factories
from tests.factories import signed_in

pytestmark = pytest.mark.django_db


def pick(share: Share, image: Image, name: str = "", comment: str = "", visitor: str = "a") -> None:
    share.picks.create(image=image, visitor=visitor, name=name, comment=comment)


@pytest.mark.parametrize("kind", ["prompt", "tune", "album"])
def test_a_link_is_made_of_a_prompt_a_person_or_an_album(
    alice: User, alice_client: Client, prompt: Prompt, images: list[Image], kind: str
) -> None:
    album = factories.create_album(owner=alice, images=images)
    subject = {"prompt": prompt, "tune": prompt.tune, "album": album}[kind]
    address = reverse("share_new")
    page = alice_client.get(address, {kind: subject.public_id}).content.decode()
    assert f'name="{kind}" value="{subject.public_id}"' in page
    sent = {kind: subject.public_id, "title": "Press", "downloads": "web", "lifetime": "7"}
    answer = alice_client.post(address, sent)
    share = Share.objects.get()
    assert answer["Location"] == share.get_absolute_url()
    assert (share.kind, share.subject) == (kind, subject)
    assert all(i.public_id in Client().get(share.public_path).content.decode() for i in images)


@pytest.mark.parametrize("kind", ["prompt", "tune", "album"])
def test_what_is_somebody_elses_makes_no_link(
    alice: User,
    bob_client: Client,
    vera_client: Client,
    charlie_client: Client,
    prompt: Prompt,
    images: list[Image],
    kind: str,
) -> None:
    album = factories.create_album(owner=alice, images=images)
    subject = {"prompt": prompt, "tune": prompt.tune, "album": album}[kind]
    sent = {kind: subject.public_id, "title": "Press", "downloads": "web", "lifetime": "7"}
    clients = (Client(), bob_client, vera_client, charlie_client)
    answers = [client.post(reverse("share_new"), sent).status_code for client in clients]
    assert answers == [302, 403, 403, 404]
    assert not Share.objects.exists()


def test_what_belongs_to_another_of_ones_teams_makes_no_link_of_this_team(
    alice: User, alice_client: Client, prompt: Prompt
) -> None:
    other = factories.create_team(name="Zeta")
    factories.create_membership(team=other, user=alice, role=Role.OWNER)
    alice_client.post(reverse("team_switch", args=[other.public_id]))
    address = reverse("share_new")
    assert alice_client.get(address, {"prompt": prompt.public_id}).status_code == 404


def test_the_pages_lead_to_a_link_of_what_they_show(
    alice: User, alice_client: Client, bob_client: Client, prompt: Prompt, images: list[Image]
) -> None:
    album = factories.create_album(owner=alice, images=images)
    expected = {
        prompt.tune.get_absolute_url(): f"tune={prompt.tune.public_id}",
        prompt.get_absolute_url(): f"prompt={prompt.public_id}",
        album.get_absolute_url(): f"album={album.public_id}",
    }
    for page, query in expected.items():
        link = f'href="{reverse("share_new")}?{query}"'
        assert link in alice_client.get(page).content.decode()
        assert link not in bob_client.get(page).content.decode()


def test_its_page_tells_address_settings_pictures_and_counts(
    alice_client: Client, share: Share, images: list[Image]
) -> None:
    guest = Client()
    guest.get(share.public_path)
    guest.get(reverse("shared_zip", args=[share.slug]))
    page = alice_client.get(share.get_absolute_url()).content.decode()
    assert f"http://testserver{share.public_path}" in page
    assert "Live until it is revoked" in page
    assert page.count("chosen") and "3 pictures" in page
    assert "1 views and 1 downloads in the last 30 days" in page
    assert re.search(r"<td>1</td><td>1</td>", page)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-1, "Ended "),
        (0.5, "Live, ends today"),
        (3.1, "Live, ends in 3 days"),
        (29.9, "Live, ends in 30 days"),
    ],
)
def test_its_page_says_how_long_it_lives(
    alice_client: Client, share: Share, days: float, words: str
) -> None:
    Share.objects.update(expires_at=timezone.now() + dt.timedelta(days=days))
    assert words in alice_client.get(share.get_absolute_url()).content.decode()


def test_its_page_warns_when_strangers_get_nothing(
    alice: User, alice_client: Client, share: Share, bob: User, images: list[Image]
) -> None:
    trash_images(images, alice)
    address = share.get_absolute_url()
    assert "No picture is left in it" in alice_client.get(address).content.decode()
    Share.objects.update(author=bob)
    Membership.objects.filter(user=bob).delete()
    assert "may not share any more" in alice_client.get(address).content.decode()


def test_its_page_shows_who_picked_what_and_only_what_is_still_there(
    alice: User, alice_client: Client, share: Share, images: list[Image]
) -> None:
    pick(share, images[0], "Gwen", "<b>This</b> one", visitor="a")
    pick(share, images[0], visitor="b")
    pick(share, images[1], "Hal", "not there", visitor="b")
    trash_images(images[1:2], alice)
    page = alice_client.get(share.get_absolute_url()).content.decode()
    assert "2 guests" in page
    assert "Gwen" in page
    assert "&lt;b&gt;This&lt;/b&gt; one" in page
    assert "not there" not in page
    assert f'name="images" value="{images[0].public_id}"' in page
    assert f'name="images" value="{images[1].public_id}"' not in page


def test_the_table_of_picks_holds_no_formula(
    alice_client: Client, share: Share, images: list[Image]
) -> None:
    Share.objects.update(title='../../x =HYPERLINK("a")')
    pick(share, images[0], "=HYPERLINK(1)", "@SUM(A1)", visitor="a")
    pick(share, images[2], "Gwen", "Zoë, the first", visitor="b")
    answer = alice_client.get(reverse("share_picks_csv", args=[share.public_id]))
    name = re.search(r'filename="(.*)"', answer["Content-Disposition"])
    assert name and not re.search(r'[/\\:*?<>|"]|\.\.', name[1])
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["Picture"], row["Guest"], row["Comment"]) for row in rows] == [
        (images[0].public_id, "'=HYPERLINK(1)", "'@SUM(A1)"),
        (images[2].public_id, "Gwen", "Zoë, the first"),
    ]
    assert rows[1]["Address"] == f"http://testserver{images[2].get_absolute_url()}"


def test_members_manage_their_own_links_and_admins_everybodys(
    alice_client: Client, bob: User, bob_client: Client, share: Share
) -> None:
    tune = factories.create_tune(team=share.team, owner=bob, title="Bert")
    image = factories.create_image(prompt=factories.create_prompt(tune=tune))
    own = factories.create_share(author=bob, images=[image], title="Bobs link")
    page = bob_client.get(reverse("share_list")).content.decode()
    assert "Bobs link" in page
    assert share.title not in page
    assert bob_client.get(share.get_absolute_url()).status_code == 404
    assert "Bobs link" in alice_client.get(own.get_absolute_url()).content.decode()


def test_the_list_is_narrowed_by_state_and_author(
    alice_client: Client, alice: User, bob: User, images: list[Image]
) -> None:
    past = timezone.now() - dt.timedelta(days=1)
    for title in ("Live one", "Ended one", "Revoked one"):
        factories.create_share(author=alice, images=images, title=title)
    Share.objects.filter(title="Ended one").update(expires_at=past)
    Share.objects.filter(title="Revoked one").update(expires_at=past, revoked_at=past)
    titles = ("Live one", "Ended one", "Revoked one")

    def shown(**query: object) -> list[str]:
        page = alice_client.get(reverse("share_list"), query).content.decode()
        return [title for title in titles if title in page]

    assert shown() == list(titles)
    assert shown(state="live") == ["Live one"]
    assert shown(state="ended") == ["Ended one"]
    assert shown(state="revoked") == ["Revoked one"]
    assert shown(author=alice.pk) == list(titles)
    assert shown(state="nonsense", author="x") == list(titles)


def test_the_list_costs_the_same_however_many_links_there_are(
    alice_client: Client,
    alice: User,
    images: list[Image],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(20):
        factories.create_share(author=alice, images=images, title=f"Link {number}")
    with django_assert_max_num_queries(12):
        alice_client.get(reverse("share_list"))


def test_visits_before_the_last_thirty_days_leave_the_chart(
    alice_client: Client, share: Share
) -> None:
    today = timezone.now().date()
    share.visits.create(day=today - dt.timedelta(days=29), views=7)
    share.visits.create(day=today - dt.timedelta(days=30), views=100)
    page = alice_client.get(share.get_absolute_url()).content.decode()
    assert "7 views and 0 downloads in the last 30 days" in page
    assert "<strong>107</strong> views" in page


def test_viewers_manage_no_links(alice: User, share: Share) -> None:
    alice.memberships.update(role=Role.VIEWER)
    client = signed_in(alice)
    assert client.get(share.get_absolute_url()).status_code == 403
    assert client.get(reverse("share_edit", args=[share.public_id])).status_code == 403


def test_a_link_of_a_former_admin_no_longer_names_somebody_private(
    alice: User, bob: User, prompt: Prompt, images: list[Image]
) -> None:
    Membership.objects.filter(user=bob).update(role=Role.ADMIN)
    share = factories.create_share(author=bob, kind="tune", tune=prompt.tune)
    browser, pages = signed_in(bob), (reverse("share_list"), share.get_absolute_url())
    Tune.objects.update(visibility=Tune.Visibility.PRIVATE)
    assert all("Ada Secretname" in browser.get(page).content.decode() for page in pages)
    Membership.objects.filter(user=bob).update(role=Role.MEMBER)
    for page in pages:
        content = browser.get(page).content.decode()
        assert "Everything of one person" in content
        assert "Ada Secretname" not in content
    Tune.objects.update(visibility=Tune.Visibility.TEAM)
    assert "Ada Secretname" in browser.get(pages[0]).content.decode()
