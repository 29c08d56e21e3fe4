"""Finds out whether our public address leads to this portal: we call ourselves from outside.

No service needs to help. A one-time number goes through the guarded network to our own callback
address; only this portal can take it and answer with the proof, so a login page, another portal
or a parking page cannot pass for us.
"""

from __future__ import annotations

import json
import secrets

import httpx
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from prompts.fetching import FetchRefused, GuardedTransport
from prompts.models import AstriaAccount

KIND = "test"
SECONDS = 10.0
MAX_ANSWER = 64 * 1024


def take_call(nonce: str) -> str:
    """The proof for a number that is expected, once; nothing for any other."""
    taken = nonce and AstriaAccount.objects.filter(reach_nonce=nonce).update(reach_nonce="")
    return _proof(nonce) if taken else ""


def _proof(nonce: str) -> str:
    return salted_hmac("astria web reach", nonce, algorithm="sha256").hexdigest()


def try_reach(account: AstriaAccount) -> bool:
    """Calls our own public address and saves what came of it, in words."""
    nonce = secrets.token_urlsafe(32)
    rows = AstriaAccount.objects.filter(pk=account.pk)
    rows.update(reach_nonce=nonce)
    problem = _call(account.public_url, nonce)
    rows.update(
        reach_nonce="",
        reach=AstriaAccount.Reach.FAILED if problem else AstriaAccount.Reach.REACHED,
        reach_words=problem[:300],
        reach_tried_at=Now(),
    )
    account.refresh_from_db()
    return not problem


def _call(base: str, nonce: str) -> str:
    """What is wrong, in words; nothing when the portal was reached."""
    if not base:
        return "No public address is set."
    url = f"{base}/callbacks/{KIND}/{nonce}/"
    timeout = httpx.Timeout(SECONDS)
    try:
        with (
            httpx.Client(
                transport=GuardedTransport(SECONDS), timeout=timeout, trust_env=False
            ) as client,
            client.stream("POST", url, json={}) as answer,
        ):
            return _problem(answer, nonce)
    except FetchRefused as error:
        return f"{error.message} Services outside of your network cannot reach it."
    except httpx.TimeoutException:
        return f"Nothing answered at {base} within {SECONDS:g} seconds."
    except httpx.ConnectError as error:
        return f"No connection to {base}: {_plain(error)}."
    except httpx.HTTPError:
        return f"The connection to {base} broke off."


def _plain(error: httpx.ConnectError) -> str:
    text = str(error)
    if "Name or service" in text or "getaddrinfo" in text or "resolution" in text:
        return "the name is unknown"
    if "refused" in text:
        return "it was refused"
    if "certificate" in text.lower():
        return "its certificate is not valid"
    return "it could not be made"


def _problem(answer: httpx.Response, nonce: str) -> str:
    if answer.is_redirect:
        target = httpx.URL(answer.headers.get("Location", "")).host or "another page"
        return f"The address redirects to {target}, for example to a login page."
    if answer.status_code != httpx.codes.OK:
        return f"Somebody answered with {answer.status_code} instead of this portal."
    body = b""
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER:
            break
    try:
        proof = json.loads(body)["proof"]
    except (ValueError, KeyError, TypeError):
        proof = ""
    if proof != _proof(nonce):
        return "Somebody else answered: a login page, or another portal."
    return ""
