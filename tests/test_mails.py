"""The outbox: owed once, sealed, sent, repeated, given up."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core import mail as django_mail
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from astria_web.mail import mail_settings
from prompts.jobs.control import Control
from prompts.jobs.mails import RETRY_DELAYS, run_mail
from prompts.mails import queue_mail
from prompts.models import Mail, MailStatus, Team, User
from tests.smtp_server import MailServer, Script

pytestmark = pytest.mark.django_db
ADDRESS = "bea@example.com"


def queue(**values: object) -> Mail:
    fields = {"to": ADDRESS, "template": "test", "context": {"portal": "Tom & Ada"}} | values
    return queue_mail(**fields)


def send_next() -> Mail:
    """One try of the mail that is due."""
    mail = Mail.objects.claim("w")
    assert mail is not None
    run_mail(mail, Control())
    return Mail.objects.get(pk=mail.pk)


def due_now() -> None:
    Mail.objects.update(run_after=None)


@pytest.fixture
def server(settings: Settings) -> Iterator[Script]:
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield server.script


def test_a_mail_is_written_now_and_sent_by_a_worker(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://portal.example.com"
    queue()
    assert django_mail.outbox == []
    sent = send_next()
    assert sent.status == MailStatus.SENT
    [message] = django_mail.outbox
    assert message.subject == "A test of Tom & Ada"
    assert message.to == [ADDRESS]
    assert "https://portal.example.com/" in message.body
    assert "Subject" not in message.body
    assert Mail.objects.claim("w") is None


def test_what_it_says_is_sealed_and_wiped_once_sent() -> None:
    queue()

    def stored() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT text FROM prompts_mail")
            return str(cursor.fetchone()[0])

    assert stored() and "arrive" not in stored()
    send_next()
    assert stored() == ""


def test_a_key_is_used_once_whoever_repeats_it() -> None:
    first = queue(key="welcome:1")
    assert queue(key="welcome:1").pk == first.pk
    queue(key="welcome:2")
    queue()
    queue()
    assert Mail.objects.count() == 4
    send_next()
    assert queue(key="welcome:1").pk == first.pk


def test_what_is_rolled_back_is_not_sent() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        queue()
        raise RuntimeError
    assert Mail.objects.claim("w") is None


def test_a_subject_cannot_bring_headers_of_its_own() -> None:
    queue(context={"portal": "x\nBcc: eve@example.com"})
    send_next()
    message = django_mail.outbox[0]
    assert message.recipients() == [ADDRESS]
    assert "\n" not in message.subject


def test_a_real_mail_server_takes_it_with_the_same_id_at_every_attempt(server: Script) -> None:
    mail = queue()
    server.recipient = "451 come back later"
    waiting = send_next()
    assert waiting.status == MailStatus.QUEUED
    assert "451 come back later" in waiting.error
    assert waiting.run_after is not None and waiting.run_after > timezone.now()
    assert waiting.text
    due_now()
    server.recipient = "250 fine"
    assert send_next().status == MailStatus.SENT
    [message] = server.taken
    assert message["Message-ID"] == mail.message_id
    assert message["To"] == ADDRESS


def test_an_unknown_recipient_is_final_and_says_why(server: Script) -> None:
    queue()
    server.recipient = "550 no such user here"
    failed = send_next()
    assert failed.status == MailStatus.FAILED
    assert "550 no such user here" in failed.error
    assert failed.text == ""
    assert Mail.objects.claim("w") is None


def test_a_mail_server_that_is_away_is_tried_so_often_and_no_more(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    settings.EMAIL_USE_TLS = False
    queue()
    for _ in RETRY_DELAYS:
        assert send_next().status == MailStatus.QUEUED
        due_now()
    failed = send_next()
    assert failed.status == MailStatus.FAILED
    assert failed.attempts == Mail.MAX_ATTEMPTS
    assert "refused" in failed.error


def test_a_mail_that_lost_its_seal_fails_instead_of_being_sent_empty(settings: Settings) -> None:
    queue()
    settings.SECRETS_KEYS = ["another"]
    assert send_next().status == MailStatus.FAILED
    assert django_mail.outbox == []


def test_a_slow_sender_that_lost_its_lease_does_not_settle_the_mail() -> None:
    queue()
    late = Mail.objects.claim("w")
    Mail.objects.update(lease_expires_at=timezone.now() - dt.timedelta(minutes=5))
    assert send_next().status == MailStatus.SENT
    assert late is not None and not late.fail("late")


def test_html_goes_beside_the_text() -> None:
    mail = queue()
    Mail.objects.filter(pk=mail.pk).update(html="<p>rich</p>")
    send_next()
    [(body, kind)] = django_mail.outbox[0].alternatives
    assert (body, kind) == ("<p>rich</p>", "text/html")


def test_a_forgotten_password_is_answered_through_the_outbox(
    client: Client, alice: User, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://portal.example.com"
    answers = [
        client.post("/accounts/password/reset/", {"email": email})
        for email in (alice.email, "nobody@example.com")
    ]
    assert [a.status_code for a in answers] == [302, 302]
    assert django_mail.outbox == []
    assert send_next().to == alice.email
    message = django_mail.outbox[0]
    link = re.search(r"https://portal\.example\.com(/accounts/\S+)", message.body)
    assert link is not None
    assert client.get(link[1], follow=True).status_code == 200
    send_next()
    assert "no account" in django_mail.outbox[1].body


def test_old_mails_are_forgotten(team: Team) -> None:
    queue(team=team)
    send_next()
    queue()
    assert Mail.objects.outdated().count() == 0
    Mail.objects.filter(status="sent").update(finished_at=timezone.now() - dt.timedelta(days=31))
    Mail.objects.outdated().delete()
    assert [mail.status for mail in Mail.objects.all()] == [MailStatus.QUEUED]


def test_send_test_mail_sends_at_once_and_tells_what_went_wrong(server: Script) -> None:
    call_command("send_test_mail", ADDRESS)
    assert server.taken[0]["To"] == ADDRESS
    server.recipient = "550 no"
    with pytest.raises(CommandError, match="550"):
        call_command("send_test_mail", ADDRESS)


def test_email_url_says_where_mails_go(tmp_path: Path) -> None:
    values = mail_settings("smtp://me%40x:p%2Fw@mail.example.com", tmp_path)
    assert (values["EMAIL_HOST_USER"], values["EMAIL_HOST_PASSWORD"]) == ("me@x", "p/w")
    assert (values["EMAIL_PORT"], values["EMAIL_USE_TLS"]) == (587, True)
    assert not mail_settings("smtp://relay:25?tls=none", tmp_path)["EMAIL_USE_TLS"]
    values = mail_settings("smtps://mail.example.com", tmp_path)
    assert (values["EMAIL_PORT"], values["EMAIL_USE_SSL"]) == (465, True)
    assert not values["EMAIL_USE_TLS"]
    folder = tmp_path / "mail"
    assert mail_settings("", folder)["EMAIL_FILE_PATH"] == folder
    assert folder.stat().st_mode & 0o077 == 0
    for wrong in ("mail.example.com", "smtp://", "smtp://h?tls=perhaps", "imap://h"):
        with pytest.raises(ValueError, match="EMAIL_URL"):
            mail_settings(wrong, tmp_path)


def test_admins_see_what_did_not_arrive_in_their_team(
    team: Team, alice_client: Client, charlie_client: Client, server: Script
) -> None:
    assert "No mails yet" in alice_client.get("/settings/mails/").content.decode()
    queue(team=team, context={"portal": "door 123"})
    server.recipient = "550 no such user here"
    send_next()
    page = alice_client.get("/settings/mails/").content.decode()
    assert "550 no such user here" in page
    assert ADDRESS in page
    assert ADDRESS not in charlie_client.get("/settings/mails/").content.decode()
