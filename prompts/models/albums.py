"""Albums: pictures of several people, put in order by hand."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse

from .base import PublicModel
from .images import Image
from .teams import Membership, Team


class AlbumQuerySet(models.QuerySet["Album"]):
    """Albums as members may see them."""

    def visible_to(self, membership: Membership) -> Self:
        """Those of the team in which this member may see a picture, and the member's own.

        A title alone could tell of somebody whose pictures are private.
        """
        albums = self.filter(team_id=membership.team_id)
        if membership.is_admin:
            return albums
        seen = AlbumImage.objects.filter(
            album=models.OuterRef("pk"), image__in=Image.objects.visible_to(membership)
        )
        return albums.filter(models.Q(owner_id=membership.user_id) | models.Exists(seen))


class Album(PublicModel):
    """Pictures across tunes in an order of one's own; who sees which is decided per picture."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="albums")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="albums"
    )
    title = models.CharField(max_length=120)
    note = models.TextField(max_length=2000, blank=True)
    #: The picture on its card; without one the first.
    cover = models.ForeignKey(
        Image, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    images = models.ManyToManyField(Image, through="AlbumImage", related_name="albums")
    updated_at = models.DateTimeField(auto_now=True)

    objects = AlbumQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["team", "-id"], name="album_by_team")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("album_detail", args=[self.public_id])


class AlbumImage(models.Model):
    """A picture's place in an album; places are counted from 0 and may have gaps."""

    album = models.ForeignKey(Album, on_delete=models.CASCADE, related_name="places")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="places")
    position = models.PositiveIntegerField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["album", "image"], name="one_place_in_an_album")
        ]
        indexes = [models.Index(fields=["album", "position"], name="album_order")]

    def __str__(self) -> str:
        return f"{self.album_id}/{self.position}"
