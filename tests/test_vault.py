"""Secrets lie encrypted, are read with any of the keys, and never break a page."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from prompts.models import ApiKey, AstriaAccount, User
from prompts.vault import CannotUnseal, seal, unseal


def test_sealing_hides_the_text_and_differs_every_time() -> None:
    first, second = seal("sd_known"), seal("sd_known")
    assert "sd_known" not in first
    assert first != second
    assert unseal(first) == unseal(second) == "sd_known"


def test_an_older_key_still_unseals_and_the_newest_seals(settings: Settings) -> None:
    settings.SECRETS_KEYS = ["old"]
    sealed = seal("x")
    settings.SECRETS_KEYS = ["new", "old"]
    assert unseal(sealed) == "x"
    renewed = seal("x")
    settings.SECRETS_KEYS = ["new"]
    assert unseal(renewed) == "x"
    with pytest.raises(CannotUnseal):
        unseal(sealed)


def test_a_changed_value_is_refused() -> None:
    sealed = seal("x")
    with pytest.raises(CannotUnseal):
        unseal(sealed[:-2] + ("A" if sealed[-2] != "A" else "B") + sealed[-1])


def test_a_field_is_plain_in_python_and_sealed_in_the_database(
    alice: User, settings: Settings
) -> None:
    team = alice.teams.get()
    key = ApiKey.objects.create(
        team=team, user=alice, name="k", lookup="12345678", signing_secret="whsec_known"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT signing_secret FROM prompts_apikey")
        assert "whsec_known" not in cursor.fetchone()[0]
    assert ApiKey.objects.get(pk=key.pk).signing_secret == "whsec_known"
    settings.SECRETS_KEYS = ["another"]
    assert ApiKey.objects.get(pk=key.pk).signing_secret == ""


def test_rotation_seals_everything_with_the_new_key(alice: User, settings: Settings) -> None:
    account = AstriaAccount.objects.create(team=alice.teams.get(), key="sd_known_secret")
    settings.SECRETS_KEYS = ["new", settings.SECRET_KEY]
    call_command("rotate_secrets", stdout=io.StringIO())
    settings.SECRETS_KEYS = ["new"]
    account.refresh_from_db()
    assert account.key == "sd_known_secret"
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM prompts_astriaaccount")
        assert "sd_known_secret" not in cursor.fetchone()[0]


def test_rotation_leaves_what_it_cannot_read(alice: User, settings: Settings) -> None:
    account = AstriaAccount.objects.create(team=alice.teams.get(), key="sd_known_secret")
    before, settings.SECRETS_KEYS = settings.SECRETS_KEYS, ["new"]
    with pytest.raises(CommandError, match="1 were sealed with a key"):
        call_command("rotate_secrets", stdout=io.StringIO())
    settings.SECRETS_KEYS = before
    account.refresh_from_db()
    assert account.key == "sd_known_secret"
