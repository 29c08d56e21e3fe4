"""Images: generated pictures."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse

from .base import PublicModel
from .packs import Pack, Shoot
from .presets import Preset
from .prompts import Prompt
from .teams import Membership, Team
from .tunes import Tune, of_visible_tunes

THUMBNAIL_SIZES = (320, 640, 1280)
#: Of the columns that a picture copies from its prompt: `_listing` makes their indexes.
_COPIED: dict[str, Any] = {
    "on_delete": models.SET_NULL,
    "editable": False,
    "db_index": False,
    "related_name": "+",
}


class ImageQuerySet(models.QuerySet["Image"]):
    """Images as members may see them."""

    def present(self) -> Self:
        """All but those in the trash."""
        return self.filter(trashed_at=None)

    def visible_to(self, membership: Membership) -> Self:
        """Present images of the tunes this member may look at."""
        return of_visible_tunes(self.present(), membership)


def _listing(name: str, *columns: str, order: str = "-id") -> models.Index:
    """Finds a team's present pictures of one value of `columns` in order."""
    return models.Index(
        fields=["team", *columns, order], condition=models.Q(trashed_at=None), name=name
    )


class Image(PublicModel):
    """A generated picture: a content-addressed file and its row, one per place in a prompt."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="images")
    tune = models.ForeignKey(Tune, on_delete=models.CASCADE, related_name="images")
    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="images")
    index = models.PositiveSmallIntegerField()
    file = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField("size in bytes")
    #: In bytes, with the small copies; None until it has been measured.
    stored = models.PositiveBigIntegerField(null=True, editable=False)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    color = models.CharField("mean colour, as #rrggbb", max_length=7)
    seed = models.PositiveBigIntegerField()
    recipe = models.JSONField(default=dict)
    engine = models.CharField(max_length=20)
    # What the gallery filters by, copied from the prompt when the picture is kept: with one index
    # each, a page of a filter costs the same however many pictures there are.
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, **_COPIED)
    preset = models.ForeignKey(Preset, null=True, **_COPIED)
    shoot = models.ForeignKey(Shoot, null=True, **_COPIED)
    #: The shoot's pack.
    pack = models.ForeignKey(Pack, null=True, **_COPIED)
    #: The preset's kind; empty for a text of one's own.
    kind = models.CharField(max_length=10, blank=True, editable=False)
    style = models.CharField(max_length=40, blank=True, editable=False)
    #: In the trash since then; what is there is shown nowhere else and goes for good in time.
    trashed_at = models.DateTimeField(null=True, blank=True)
    trashed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ImageQuerySet.as_manager()

    class Meta:
        ordering = ["prompt", "index"]
        constraints = [
            models.UniqueConstraint(fields=["prompt", "index"], name="one_image_per_place")
        ]
        indexes = [
            models.Index(fields=["team", "stored"], name="image_storage"),
            _listing("image_by_team"),
            _listing("image_by_tune", "tune"),
            _listing("image_by_author", "author"),
            _listing("image_by_preset", "preset"),
            _listing("image_by_shoot", "shoot"),
            _listing("image_by_pack", "pack"),
            _listing("image_by_kind", "kind"),
            _listing("image_by_style", "style"),
            _listing("image_by_engine", "engine"),
            _listing("image_by_day", order="created_at"),
            models.Index(
                fields=["team", "trashed_at"], condition=~models.Q(trashed_at=None), name="trash"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prompt_id}/{self.index}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A new picture takes along what the gallery filters by."""
        if self._state.adding:
            for name, value in self.listed_as(self.prompt).items():
                setattr(self, name, value)
        super().save(*args, **kwargs)

    @staticmethod
    def listed_as(prompt: Prompt) -> dict[str, Any]:
        """The columns that the gallery filters by, of a picture of this prompt."""
        return {
            "author_id": prompt.author_id,
            "preset_id": prompt.preset_id,
            "shoot_id": prompt.shoot_id,
            "pack_id": prompt.shoot.pack_id if prompt.shoot else None,
            "kind": prompt.preset.kind if prompt.preset else "",
            "style": prompt.parameters.get("style") or "",
        }

    def get_absolute_url(self) -> str:
        return reverse("image_detail", args=[self.public_id])

    def thumbnail(self, size: int) -> str:
        """Storage name of the WebP of that size, one of `THUMBNAIL_SIZES`."""
        return f"{self.file.rsplit('.', 1)[0]}-{size}.webp"

    @property
    def web_copy(self) -> str:
        """Storage name of the JPEG for sharing; made when it is first asked for."""
        return f"{self.file.rsplit('.', 1)[0]}-web.jpg"

    @property
    def files(self) -> list[str]:
        """Storage names of the picture and its thumbnails."""
        return [self.file, *map(self.thumbnail, THUMBNAIL_SIZES)]

    @property
    def is_final(self) -> bool:
        """Whether the person has chosen it for good; load it with its tune."""
        return self.tune.final_image_id == self.pk
