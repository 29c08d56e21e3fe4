"""Shares: make, count, pick."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from prompts import limits
from prompts.audit import record
from prompts.imaging import make_web_copy, strip_metadata
from prompts.models import Image, Membership, Pick, Share, ShareItem, ShareVisit, User
from prompts.storage import read_bytes, save_bytes

#: The long side of the web size, in px.
WEB_SIDE = 2048
#: Wrong passwords a link takes in an hour, whoever tries.
GUESSES, GUESS_PERIOD = 10, 3600
#: So many favourites a guest may have under one link.
MAX_PICKS = 500
#: So many hearts a link takes in an hour, whoever gives or takes them.
HEARTS, HEART_PERIOD = 600, 3600
#: So many archives guests take from a link in an hour, and so many self-tests a member runs.
ZIPS, SELF_TESTS, HOUR = 30, 20, 3600


def create_share(
    membership: Membership, share: Share, images: Sequence[Image], password: str
) -> Share:
    """Saves a new share of this member; `images` are the pictures of a picture or selection."""
    share.team, share.author = membership.team, membership.user
    if password:
        share.set_password(password)
    with transaction.atomic():
        share.save()
        ShareItem.objects.bulk_create(
            ShareItem(share=share, image=image, position=position)
            for position, image in enumerate(images)
        )
        record(
            share.team,
            "share_created",
            actor=membership.user,
            target=share,
            kind=share.kind,
            pictures=len(images),
            locked=share.has_password,
            until=share.expires_at.isoformat() if share.expires_at else None,
            downloads=share.downloads,
        )
    return share


def revoke_share(share: Share) -> bool:
    """Ends a link for good; False when it had been before."""
    with transaction.atomic():
        revoked = share.revoke()
        if revoked:
            record(share.team, "share_revoked", target=share)
    return revoked


def change_share(share: Share, changed: Sequence[str], password: str | None = None) -> bool:
    """Writes the columns `changed` of a share; False when it has been revoked meanwhile.

    `password` replaces the present one, "" takes it away: both lock what guests had unlocked.
    Raises IntegrityError when another link has taken the address meanwhile.
    """
    values: dict[str, Any] = {name: getattr(share, name) for name in changed}
    if password is not None:
        values["password"] = make_password(password) if password else ""
        values["password_version"] = F("password_version") + 1
    rows = Share.objects.filter(pk=share.pk, revoked_at=None)
    if not values:
        return rows.exists()
    with transaction.atomic():
        done = bool(rows.update(**values))
        if done:
            names = list(changed) if password is None else [*changed, "password"]
            record(share.team, "share_edited", target=share, changed=names)
    return done


def guess_password(share: Share, plain: str) -> bool | None:
    """Whether it is the password; None when too many were wrong in the last hour.

    A place is taken before anything is compared, so that guesses side by side are counted too; who
    is right gets it back, so that many guests do not lock each other out.
    """
    name = f"share-password:{share.pk}"
    if not limits.take(name, GUESSES, GUESS_PERIOD).allowed:
        return None
    if not share.check_password(plain):
        return False
    limits.give_back(name, GUESSES, GUESS_PERIOD)
    return True


def count_visit(share: Share, *, views: int = 0, downloads: int = 0) -> None:
    """Adds to today's numbers."""
    day = timezone.now().date()
    ShareVisit.objects.get_or_create(share=share, day=day)
    rows = ShareVisit.objects.filter(share=share, day=day)
    rows.update(views=F("views") + views, downloads=F("downloads") + downloads)


def wait_to_pick(share: Share) -> int:
    """Takes the place of one heart; the seconds until there is one, 0 when it was given."""
    return limits.take(f"share-picks:{share.pk}", HEARTS, HEART_PERIOD).wait


def wait_for_zip(share: Share) -> int:
    """The same of a guest's archive of everything under the link."""
    return limits.take(f"share-zip:{share.pk}", ZIPS, HOUR).wait


def wait_to_test(member: User) -> int:
    """The same of a member's self-test of a link, which asks for up to some hundred addresses."""
    return limits.take(f"share-test:{member.pk}", SELF_TESTS, HOUR).wait


def pick_image(share: Share, image: Image, visitor: str) -> bool:
    """Makes it this guest's favourite; False when it was, or the guest has too many."""
    own = Pick.objects.filter(share=share, visitor=visitor)
    if own.count() >= MAX_PICKS:
        return False
    name = own.exclude(name="").values_list("name", flat=True).first() or ""
    _, made = Pick.objects.get_or_create(
        share=share, image=image, visitor=visitor, defaults={"name": name}
    )
    return made


def unpick_image(share: Share, image: Image, visitor: str) -> None:
    """Takes it from this guest's favourites, with what was said about it."""
    Pick.objects.filter(share=share, image=image, visitor=visitor).delete()


def sign_picks(share: Share, visitor: str, name: str, comments: dict[str, str]) -> None:
    """Puts a name to this guest's favourites, and words to some: public id → comment."""
    own = Pick.objects.filter(share=share, visitor=visitor)
    with transaction.atomic():
        own.update(name=name)
        for public_id, comment in comments.items():
            own.filter(image__public_id=public_id).update(comment=comment)


def shared_file(share: Share, image: Image) -> bytes:
    """What a guest downloads: its size as the share says, without anything but the AI tag.

    With `show_recipe` the recipe stays inside. Raises FileNotFoundError, and ValueError for a
    damaged file.
    """
    if share.downloads == Share.Downloads.WEB:
        data = _web_copy(image)
    else:
        data = read_bytes(default_storage, image.file)
    return strip_metadata(data, keep_recipe=share.show_recipe)


def _web_copy(image: Image) -> bytes:
    try:
        return read_bytes(default_storage, image.web_copy)
    except FileNotFoundError:
        data = make_web_copy(read_bytes(default_storage, image.file), WEB_SIDE)
        save_bytes(default_storage, image.web_copy, data)
        Image.objects.filter(pk=image.pk).update(stored=F("stored") + len(data))
        return data


def file_suffix(share: Share, image: Image) -> str:
    """Of what `shared_file` gives, with its dot."""
    is_web = share.downloads == Share.Downloads.WEB
    return ".jpg" if is_web else f".{image.file.rsplit('.', 1)[-1]}"


def file_name(share: Share, image: Image, number: int) -> str:
    """A name that tells nothing but the order, counted from 1: "headshot-01.jpg"."""
    return f"headshot-{number:02}{file_suffix(share, image)}"
