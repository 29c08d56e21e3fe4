"""Keyword-only functions that make rows with sensible defaults."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image as PILImage

from prompts.flows import packs, shares
from prompts.imaging import COMPOSITE, finish_picture
from prompts.models import (
    Album,
    ApiKey,
    Consent,
    Image,
    Membership,
    Photo,
    Prompt,
    PromptStatus,
    Role,
    Share,
    Shoot,
    Team,
    Tune,
    TuneStatus,
    User,
)

PASSWORD = "correct horse battery"
# Hashed once: Argon2 is slow on purpose.
_HASH = make_password(PASSWORD)
_counter = iter(range(1, 10**9))


def jpeg_bytes(*, color: str = "#885533", size: tuple[int, int] = (64, 80)) -> bytes:
    """A small plain JPEG."""
    buffer = io.BytesIO()
    PILImage.new("RGB", size, color).save(buffer, "JPEG")
    return buffer.getvalue()


def create_user(*, name: str = "", email: str = "", **fields: Any) -> User:
    """A user whose password is `PASSWORD`."""
    number = next(_counter)
    name = name or f"User {number}"
    email = email or f"user{number}@example.com"
    return User.objects.create(email=email, name=name, password=_HASH, **fields)


def create_team(*, name: str = "Acme", engine: str = "fake") -> Team:
    """A team without members."""
    return Team.objects.create(name=name, engine=engine)


def create_membership(*, team: Team, user: User, role: Role = Role.MEMBER) -> Membership:
    """A place in a team."""
    return Membership.objects.create(team=team, user=user, role=role)


def create_tune(
    *,
    team: Team,
    owner: User,
    status: TuneStatus = TuneStatus.TRAINED,
    photos: int = 0,
    **fields: Any,
) -> Tune:
    """A tune with its consent and, if asked, plain photos with real files."""
    values = {"title": "Ada", "name": "woman", "token": "ohwx", "engine": team.engine}
    tune = Tune.objects.create(team=team, owner=owner, status=status, **(values | fields))
    Consent.objects.create(
        tune=tune, subject=tune.title, confirmed_by=owner, confirmed_by_email=owner.email, text="…"
    )
    for number in range(photos):
        create_photo(tune=tune, number=number)
    return tune


def create_photo(*, tune: Tune, number: int = 0, **fields: Any) -> Photo:
    """A photo with a file and a thumbnail."""
    data = jpeg_bytes(color=f"#{number * 9 % 256:02x}6644")
    sha256 = hashlib.sha256(data + str(next(_counter)).encode()).hexdigest()
    photo = Photo.objects.create(
        tune=tune,
        file=f"{tune.prefix}/photos/{sha256}.jpg",
        sha256=sha256,
        original_name=f"photo {number}.jpg",
        width=64,
        height=80,
        color="#885533",
        **fields,
    )
    for name in (photo.file, photo.thumbnail):
        default_storage.save(name, ContentFile(data))
    return photo


def create_prompt(
    *, tune: Tune, status: PromptStatus = PromptStatus.QUEUED, **fields: Any
) -> Prompt:
    """A prompt of the tune's owner."""
    values = {"text": f"{tune.subject_words}, portrait", "num_images": 4, "base_seed": 7}
    values |= {"team": tune.team, "author": tune.owner, "engine": tune.engine}
    return Prompt.objects.create(tune=tune, status=status, **(values | fields))


def create_image(*, prompt: Prompt, index: int = 0, **fields: Any) -> Image:
    """An image with its file and thumbnails."""
    data = jpeg_bytes(color="#334455") + str(next(_counter)).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    image = Image.objects.create(
        team=prompt.team,
        tune=prompt.tune,
        prompt=prompt,
        index=index,
        file=f"{prompt.prefix}/{sha256}.jpg",
        sha256=sha256,
        content_type="image/jpeg",
        size=len(data),
        width=64,
        height=80,
        color="#334455",
        seed=prompt.base_seed + index,
        engine=prompt.engine,
        **fields,
    )
    for name in (image.file, *(image.thumbnail(size) for size in (320, 640, 1280))):
        default_storage.save(name, ContentFile(data))
    return image


def write_recipe(image: Image, **recipe: Any) -> None:
    """Puts a finished picture in the place of the image's file, one that tells how it was made."""
    finished = finish_picture(jpeg_bytes(), recipe, made_by="Astria Web", digital_source=COMPOSITE)
    default_storage.delete(image.file)
    default_storage.save(image.file, ContentFile(finished.data))


def create_album(*, owner: User, images: Sequence[Image] = (), **fields: Any) -> Album:
    """An album of the owner's only team, with those pictures in that order."""
    values = {"title": "Team page", "team": owner.teams.get()} | fields
    album: Album = Album.objects.create(owner=owner, **values)
    for position, image in enumerate(images):
        album.places.create(image=image, position=position)
    return album


def create_share(
    *, author: User, images: Sequence[Image] = (), password: str = "", **fields: Any
) -> Share:
    """A share of the author's only team, of those pictures unless told otherwise."""
    values = {"title": "For the press", "note": "Choose well.", "kind": "selection"} | fields
    share = Share(**values)
    membership = author.memberships.select_related("team", "user").get()
    return shares.create_share(membership, share, images, password)


def start_order(author: User, *tunes: Tune) -> tuple[Shoot, list[Prompt]]:
    """A run over those people, one waiting prompt each, whose end is to be told."""
    values = {"text": "ohwx", "parameters": {}, "num_images": 1}
    return packs.start_shoot(
        team=tunes[0].team,
        author=author,
        title="x",
        prompts=[packs.ShootPrompt(tune, values) for tune in tunes],
        prompts_callback="https://example.com/all",
    )


def create_api_key(*, user: User, team: Team | None = None, **fields: Any) -> tuple[ApiKey, str]:
    """A key of that member, which may write unless told otherwise, and its plain text."""
    membership = user.memberships.select_related("team", "user").get(
        **({"team": team} if team else {})
    )
    values = {"name": "Test", "may_write": membership.may_make} | fields
    if values["may_write"]:
        values.setdefault("consent_text", "They agreed.")
    return ApiKey.objects.create_key(membership, **values)


class ApiClient(Client):
    """A program that calls the gateway with a key."""

    def __init__(self, plain_key: str, **headers: str) -> None:
        super().__init__(headers={"Authorization": f"Bearer {plain_key}", **headers})


def signed_in(user: User) -> Client:
    """A browser in which `user` is signed in."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
