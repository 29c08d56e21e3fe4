"""Outgoing callbacks: which are owed, what they say, how they are signed.

The body is what the Astria API sends: the entity under its name. On top come the headers of
Standard Webhooks 1.0.0 (https://www.standardwebhooks.com), signed with the secret of the key that
asked, so that receivers can tell our messages from others, and repeated ones from new ones.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet

from prompts import live
from prompts.access_tunes import may_change_tune
from prompts.models import (
    ApiKey,
    CallbackHost,
    Delivery,
    DeliveryStatus,
    Membership,
    Prompt,
    Shoot,
    Team,
    Tune,
    User,
)

SECRET_PREFIX = "whsec_"  # noqa: S105 - says what kind of secret follows
SWITCHED_OFF = "This address is switched off: {reason}"


def prompt_ended(prompt: Prompt) -> None:
    """Owes whoever wanted to hear of it; to be called in the transaction that ends the prompt."""
    url = prompt.parameters.get("callback")
    if url:
        _owe(prompt.team, url, Delivery.Event.PROMPT, prompt.api_key, prompt=prompt)
    if prompt.shoot_id:
        prompt_left(prompt.shoot)


def prompt_left(shoot: Shoot | None) -> None:
    """A prompt of the shoot has ended or is gone: perhaps it was the last one."""
    if shoot is None:
        return
    shoot.lock()
    if shoot.end_if_done():
        live.publish(shoot.team, f"shoot-{shoot.public_id}")
        if shoot.prompts_callback:
            event = Delivery.Event.PROMPTS
            _owe(shoot.team, shoot.prompts_callback, event, shoot.api_key, shoot=shoot)


def tune_ended(tune: Tune) -> None:
    """The same for a training."""
    if tune.callback:
        _owe(tune.team, tune.callback, Delivery.Event.TUNE, tune.api_key, tune=tune)


def send_ping(key: ApiKey, url: str) -> Delivery:
    """A message that is about nothing, to try a receiver."""
    return _owe(key.team, url, Delivery.Event.PING, key)


def _owe(
    team: Team,
    url: str,
    event: Delivery.Event,
    key: ApiKey | None,
    **about: Prompt | Tune | Shoot | None,
) -> Delivery:
    host = host_of(team, key, url)
    delivery = Delivery(team=team, api_key=key, event=event, url=url, **about)
    if host.disabled_at and event != Delivery.Event.PING:
        delivery.status = DeliveryStatus.CANCELLED
        delivery.error = SWITCHED_OFF.format(reason=host.reason)
    delivery.save(force_insert=True)
    publish_delivery(delivery)
    return delivery


def host_of(team: Team, key: ApiKey | None, url: str) -> CallbackHost:
    """How deliveries of that key to that address's host fare."""
    name = urlsplit(url).netloc.rpartition("@")[2][:255].lower()
    host, _ = CallbackHost.objects.get_or_create(team=team, api_key=key, host=name)
    return host


def unwanted(delivery: Delivery) -> str:
    """Why a message that was owed is not to be sent any more; nothing if it is.

    A key that has expired still gets what it asked for in its time.
    """
    key = delivery.api_key
    if _listening_place(delivery) is None or (key is not None and key.is_revoked):
        who = "The key that asked for it" if key else "Who asked for it"
        return f"{who} opens nothing any more."
    host = host_of(delivery.team, key, delivery.url)
    if host.disabled_at and delivery.event != Delivery.Event.PING:
        return SWITCHED_OFF.format(reason=host.reason)
    return ""


def _listener(delivery: Delivery) -> User | None:
    """To whom a message goes: the key's user, else who asked for what it tells of."""
    if delivery.api_key is not None:
        return delivery.api_key.user
    asked = delivery.prompt or delivery.shoot
    return asked.author if asked else None


def _listening_place(delivery: Delivery) -> Membership | None:
    """The listener's present place in the team, whose rights decide what a message says."""
    places = Membership.objects.filter(team_id=delivery.team_id, user__is_active=True)
    return places.filter(user=_listener(delivery)).select_related("user").first()


def publish_delivery(delivery: Delivery) -> None:
    """Tells the open logs."""
    live.publish(delivery.team, f"deliveries-{delivery.team.public_id}")


def base_url(key: ApiKey | None) -> str:
    """The gateway's address for whoever reads a message: the public one, else where the key's
    calls go."""
    if settings.PUBLIC_URL:
        return f"{settings.PUBLIC_URL}/api"
    return (key.base_url if key else "") or "http://localhost:8000/api"


def payload(delivery: Delivery) -> Any | None:
    """What the message says now.

    None when what it was about is gone, or may not be seen any more by whoever would hear of it.
    """
    from prompts.api import representations

    base = base_url(delivery.api_key)
    if delivery.event == Delivery.Event.PING:
        return {"ping": {"id": delivery.message_id}}
    place = _listening_place(delivery)
    if place is None:
        return None
    match delivery.event:
        case Delivery.Event.TUNE:
            tune = Tune.objects.visible_to(place).filter(deliveries=delivery).first()
            if tune is None:
                return None
            is_theirs = may_change_tune(place, tune)
            return {"tune": representations.tune(tune, base, shows_addresses=is_theirs)}
        case Delivery.Event.PROMPT:
            found = _prompts(place, Prompt.objects.filter(deliveries=delivery))
            return {"prompt": representations.prompt(found[0], base)} if found else None
    if delivery.shoot is None:
        return None
    found = _prompts(place, delivery.shoot.prompts.order_by("id"))
    return [representations.prompt(row, base) for row in found]


def _prompts(place: Membership, rows: QuerySet[Prompt]) -> list[Prompt]:
    """Those that this member may see, with what they like of them."""
    from prompts.api import representations

    seen = Prompt.objects.visible_to(place).filter(pk__in=rows.values("pk")).order_by("id")
    return representations.with_likes(list(representations.prompts_for_answers(seen)), place.user)


def encoded(body: Any) -> bytes:
    """The bytes that are signed and sent."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def signed_headers(delivery: Delivery, body: bytes) -> dict[str, str]:
    """Headers of Standard Webhooks; without a key there is nothing to sign with."""
    moment = str(int(time.time()))
    headers = {
        "content-type": "application/json",
        "user-agent": f"Astria-Web/{settings.VERSION}",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": moment,
    }
    secret = delivery.api_key.signing_secret if delivery.api_key else ""
    if secret:
        headers["webhook-signature"] = signature(secret, delivery.message_id, moment, body)
    return headers


def signature(secret: str, message_id: str, moment: str, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over id, timestamp and body."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    content = b".".join((message_id.encode(), moment.encode(), body))
    digest = hmac.new(key, content, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
