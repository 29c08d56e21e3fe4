"""Everything the portal has about a person, or about somebody with an account, as files.

For the right of access and portability: https://gdpr-info.eu/art-15-gdpr/,
https://gdpr-info.eu/art-20-gdpr/. What opens doors (passwords, keys, tokens) is never among it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from allauth.usersessions.models import UserSession
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Exists, OuterRef, Q

from prompts.archives import image_name
from prompts.models import (
    ApiKey,
    AuditEntry,
    Consent,
    Image,
    Like,
    Photo,
    Share,
    ShareItem,
    Tune,
    User,
)
from prompts.storage import read_bytes

Member = tuple[str, Callable[[], bytes]]


def person_files(tune: Tune, prefix: str = "") -> Iterator[Member]:
    """Photos, pictures and input images of a person, and `person.json`, which tells of them.

    `prefix` stands before each name. Contents are read when their turn comes (OSError).
    """
    photos = {photo: f"{prefix}photo-{n:03}.jpg" for n, photo in enumerate(_photos(tune), 1)}
    images = {image: f"{prefix}{image_name(image)}" for image in _images(tune)}
    data = _person(tune, photos, images)
    yield f"{prefix}person.json", partial(_as_json, data)
    for photo, name in photos.items():
        yield name, partial(read_bytes, default_storage, photo.file)
    for image, name in images.items():
        yield name, partial(read_bytes, default_storage, image.file)
    for prompt in tune.prompts.exclude(input_image="").order_by("pk"):
        name = f"{prefix}input-{prompt.pk}.jpg"
        yield name, partial(read_bytes, default_storage, prompt.input_image)


def account_files(user: User) -> Iterator[Member]:
    """`account.json`, and the files of every person the user owns in a team they are in."""
    yield "account.json", partial(_as_json, _account(user))
    rows = Tune.objects.filter(owner=user, team__in=user.memberships.values("team"))
    for tune in rows.select_related("team", "owner").order_by("pk"):
        yield from person_files(tune, prefix=f"{tune.title}-{tune.pk} ")


def _photos(tune: Tune) -> list[Photo]:
    return list(tune.photos.order_by("pk"))


def _images(tune: Tune) -> list[Image]:
    # Those in the trash too: they are still there.
    return list(tune.images.select_related("tune", "prompt").order_by("prompt_id", "index"))


def _as_json(data: dict[str, Any]) -> bytes:
    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    return text.encode()


def _values(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _person(tune: Tune, photos: dict[Photo, str], images: dict[Image, str]) -> dict[str, Any]:
    consent: Consent | None = getattr(tune, "consent", None)
    return {
        **_values(tune, "title", "name", "token", "status", "visibility", "engine", "created_at"),
        "team": tune.team.name,
        "owner": str(tune.owner or ""),
        "consent": _consent(consent) if consent else None,
        "photos": [
            {"file": name, **_values(photo, "original_name", "width", "height", "problems")}
            for photo, name in photos.items()
        ],
        "prompts": [
            _values(p, "pk", "created_at", "text", "parameters", "num_images", "status", "engine")
            for p in tune.prompts.order_by("pk")
        ],
        "pictures": [
            {
                "file": name,
                "in_trash": image.trashed_at is not None,
                "is_final": tune.final_image_id == image.pk,
                **_values(image, "prompt_id", "created_at", "seed", "recipe", "engine"),
            }
            for image, name in images.items()
        ],
        "links": _links(tune),
        "albums": sorted(
            set(tune.team.albums.filter(places__image__tune=tune).values_list("title", flat=True))
        ),
        "log": [_entry(e) for e in _log(Q(team=tune.team, subject=tune.public_id))],
    }


def _links(tune: Tune) -> list[dict[str, Any]]:
    """The links that show the person.

    Of one that shows others too, without the words of whoever made it: they may be about those.
    """
    shown = Q(tune=tune) | Q(prompt__tune=tune) | Q(items__image__tune=tune)
    of_others = ShareItem.objects.filter(share=OuterRef("pk")).exclude(image__tune=tune)
    rows = Share.objects.filter(shown, team=tune.team).distinct().order_by("pk")
    words, dates = ("title", "note"), ("created_at", "expires_at", "revoked_at")
    return [
        _values(share, *([] if share.shows_others else words), *dates)
        for share in rows.annotate(shows_others=Exists(of_others))
    ]


def _consent(consent: Consent) -> dict[str, Any]:
    names = ("subject", "relation", "confirmed_by_email", "confirmed_at", "text", "text_sha256")
    return _values(consent, *names)


def _log(asked: Q) -> Iterator[AuditEntry]:
    return AuditEntry.objects.filter(asked).order_by("pk").iterator()


def _entry(entry: AuditEntry) -> dict[str, Any]:
    names = ("at", "actor_name", "via", "action", "target_type", "target_label", "details")
    return _values(entry, *names)


def _account(user: User) -> dict[str, Any]:
    places = user.memberships.select_related("team").order_by("pk")
    likes = Like.objects.filter(user=user).select_related("image", "prompt").order_by("pk")
    return {
        **_values(user, "name", "email", "date_joined", "last_login"),
        "teams": [
            {"team": place.team.name, **_values(place, "role", "joined_at")} for place in places
        ],
        "signed_in": [
            _values(row, "ip", "user_agent", "created_at", "last_seen_at")
            for row in UserSession.objects.filter(user=user).order_by("pk")
        ],
        "api_keys": [
            _values(key, "name", "created_at", "expires_at", "revoked_at", "last_used_at")
            for key in ApiKey.objects.filter(user=user).order_by("pk")
        ],
        "consents": [
            _consent(row) for row in Consent.objects.filter(confirmed_by=user).order_by("pk")
        ],
        "links": [
            _values(share, "title", "note", "slug", "created_at", "expires_at", "revoked_at")
            for share in Share.objects.filter(author=user).order_by("pk")
        ],
        "likes": [{"prompt": like.prompt_id, "at": like.created_at} for like in likes],
        "log": [_entry(e) for e in _log(Q(actor=user))],
    }
