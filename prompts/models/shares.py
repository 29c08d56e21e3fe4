"""Shares: links under which people without an account see pictures.

What a link opens is decided in `prompts.access_shares` alone.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Self

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core.validators import MinLengthValidator, RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from .albums import Album
from .base import ALPHABET, PublicModel
from .images import Image
from .prompts import Prompt
from .share_guests import Pick, ShareVisit
from .teams import Membership, Team
from .tunes import Tune

SLUG_LENGTH = 26


def new_slug() -> str:
    """128 random bits as 26 lower-case characters."""
    return "".join(secrets.choice(ALPHABET) for _ in range(SLUG_LENGTH))


class ShareQuerySet(models.QuerySet["Share"]):
    """Shares as members may manage them, and as strangers may open them."""

    def visible_to(self, membership: Membership) -> Self:
        """The member's own; all of the team for admins."""
        shares = self.filter(team_id=membership.team_id)
        return shares if membership.is_admin else shares.filter(author_id=membership.user_id)

    def in_state(self, state: str) -> Self:
        """Those of which `Share.state` would say so, by the database's clock."""
        if state == Share.State.REVOKED:
            return self.exclude(revoked_at=None)
        unrevoked = self.filter(revoked_at=None)
        if state == Share.State.ENDED:
            return unrevoked.filter(expires_at__lte=Now())
        return unrevoked.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=Now()))

    def live(self) -> Self:
        """Neither revoked nor expired."""
        return self.in_state(Share.State.LIVE)

    def with_counts(self) -> Self:
        """With `views`, `downloads` and `picked`, each counted by itself."""

        def visits(column: str) -> models.Subquery:
            rows = ShareVisit.objects.filter(share=models.OuterRef("pk")).order_by()
            summed = rows.values("share").annotate(sum=models.Sum(column)).values("sum")
            return models.Subquery(summed, output_field=models.IntegerField())

        picks = Pick.objects.filter(share=models.OuterRef("pk")).order_by()
        picked = picks.values("share").annotate(number=models.Count("pk")).values("number")
        return self.annotate(
            views=models.functions.Coalesce(visits("views"), 0),
            downloaded=models.functions.Coalesce(visits("downloads"), 0),
            picked=models.functions.Coalesce(
                models.Subquery(picked, output_field=models.IntegerField()), 0
            ),
        )


class Share(PublicModel):
    """A link to a picture, a selection, or what is in a prompt, a tune or an album now."""

    class Kind(models.TextChoices):
        """What it covers."""

        PICTURE = "picture", "Picture"
        SELECTION = "selection", "Selection"
        PROMPT = "prompt", "Prompt"
        TUNE = "tune", "Person"
        ALBUM = "album", "Album"

    class State(models.TextChoices):
        """Whether it opens anything."""

        LIVE = "live", "Live"
        ENDED = "ended", "Ended"
        REVOKED = "revoked", "Revoked"

    class Downloads(models.TextChoices):
        """What guests may take away."""

        OFF = "off", "No downloads"
        WEB = "web", "Web size, 2048 px"
        ORIGINAL = "original", "Full size"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="shares")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shares"
    )
    slug = models.CharField(
        "address",
        max_length=64,
        unique=True,
        default=new_slug,
        validators=[
            RegexValidator(
                r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\Z",
                "Use small letters, digits and hyphens between them.",
            ),
            MinLengthValidator(4, "Use four characters or more."),
        ],
    )
    kind = models.CharField(max_length=10, choices=Kind, editable=False)
    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, null=True, related_name="shares")
    tune = models.ForeignKey(Tune, on_delete=models.CASCADE, null=True, related_name="shares")
    album = models.ForeignKey(Album, on_delete=models.CASCADE, null=True, related_name="shares")
    images = models.ManyToManyField(Image, through="ShareItem", related_name="shares")
    title = models.CharField(max_length=120)
    note = models.TextField(max_length=2000, blank=True)
    password = models.CharField(max_length=128, blank=True, editable=False)
    #: Grows whenever the password is set or taken away: what was unlocked before is locked again.
    password_version = models.PositiveIntegerField(default=1, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    downloads = models.CharField(max_length=10, choices=Downloads, default=Downloads.WEB)
    show_recipe = models.BooleanField("show how the pictures were made", default=False)
    takes_picks = models.BooleanField("let guests pick their favourites", default=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = ShareQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["team", "-id"], name="share_by_team")]
        constraints = [
            models.CheckConstraint(
                name="share_covers_its_kind",
                condition=(
                    models.Q(kind__in=["picture", "selection"], prompt=None, tune=None, album=None)
                    | models.Q(kind="prompt", prompt__isnull=False, tune=None, album=None)
                    | models.Q(kind="tune", prompt=None, tune__isnull=False, album=None)
                    | models.Q(kind="album", prompt=None, tune=None, album__isnull=False)
                ),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("share_detail", args=[self.public_id])

    @property
    def public_path(self) -> str:
        """Where guests go."""
        return reverse("shared", args=[self.slug])

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def state(self) -> State:
        if self.is_revoked:
            return self.State.REVOKED
        return self.State.ENDED if self.is_expired else self.State.LIVE

    @property
    def is_live(self) -> bool:
        return self.state == self.State.LIVE

    @property
    def days_left(self) -> int | None:
        """Days until it ends, to the nearest; None for a link without an end."""
        if self.expires_at is None:
            return None
        return max(0, round((self.expires_at - timezone.now()) / dt.timedelta(days=1)))

    @property
    def subject(self) -> Prompt | Tune | Album | None:
        """What it follows; None for a link to chosen pictures."""
        return self.prompt or self.tune or self.album

    @property
    def has_password(self) -> bool:
        return bool(self.password)

    @property
    def may_download(self) -> bool:
        return self.downloads != self.Downloads.OFF

    def set_password(self, plain: str) -> None:
        """Sets a password, or with "" takes it away; the caller saves.

        What guests had unlocked is locked.
        """
        self.password = make_password(plain) if plain else ""
        self.password_version += 1

    def check_password(self, plain: str) -> bool:
        """Whether it is this link's password."""
        return self.has_password and check_password(plain, self.password)

    def revoke(self) -> bool:
        """Ends it for good; False when it had been before."""
        rows = Share.objects.filter(pk=self.pk, revoked_at=None)
        return bool(rows.update(revoked_at=Now()))


class ShareItem(models.Model):
    """A picture's place in a shared selection."""

    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="items")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="share_items")
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["share", "image"], name="one_place_in_a_share")
        ]

    def __str__(self) -> str:
        return f"{self.share_id}/{self.position}"
