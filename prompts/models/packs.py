"""Packs: ordered presets for a shoot; and shoots: a pack run over people."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse

from .api_keys import ApiKey
from .base import PublicModel
from .presets import Preset
from .states import PROMPT_OPEN
from .teams import Membership, Team
from .tunes import Tune


class PackQuerySet(models.QuerySet["Pack"]):
    """Which packs a team has."""

    def for_team(self, team: Team) -> Self:
        """The built-in packs and the team's own."""
        return self.filter(models.Q(team=None) | models.Q(team=team))


class Pack(PublicModel):
    """Presets that belong together, in order; the built-in ones belong to no team."""

    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, null=True, blank=True, related_name="packs"
    )
    slug = models.SlugField(max_length=60)
    title = models.CharField(max_length=80)
    subtitle = models.CharField(max_length=200, blank=True)
    #: The class it is made for; empty: any.
    main_class_name = models.CharField(max_length=40, blank=True)
    presets = models.ManyToManyField(Preset, through="PackItem", related_name="packs")
    position = models.PositiveSmallIntegerField(default=0)
    public_at = models.DateTimeField(null=True, blank=True)
    unlisted_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PackQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["team", "slug"], name="pack_slug_in_a_team"),
            models.UniqueConstraint(
                fields=["slug"], condition=models.Q(team=None), name="pack_slug_built_in"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def is_for(self, team_id: int) -> bool:
        """Whether people of that team may be put through it, and give it templates."""
        return self.team_id in (None, team_id)

    def get_absolute_url(self) -> str:
        return reverse("pack_detail", args=[self.public_id])

    def ordered_presets(self) -> list[Preset]:
        """Its presets in their order."""
        return [item.preset for item in self.items.select_related("preset")]


class PackItem(models.Model):
    """A preset's place in a pack."""

    pack = models.ForeignKey(Pack, on_delete=models.CASCADE, related_name="items")
    preset = models.ForeignKey(Preset, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["pack", "preset"], name="preset_once_in_a_pack")
        ]

    def __str__(self) -> str:
        return f"{self.preset} in {self.pack}"


class ShootQuerySet(models.QuerySet["Shoot"]):
    """Shoots as members may see them."""

    def visible_to(self, membership: Membership) -> Self:
        """Those of the team in which this member may see a prompt, and the member's own.

        A title alone could tell of somebody whose pictures are private; which of a shoot's
        pictures one sees is decided picture by picture.
        """
        shoots = self.filter(team_id=membership.team_id)
        if membership.is_admin:
            return shoots
        seen = Tune.objects.visible_to(membership).filter(prompts__shoot=models.OuterRef("pk"))
        return shoots.filter(models.Q(author_id=membership.user_id) | models.Exists(seen))


class Shoot(PublicModel):
    """A pack, or an idea, run over one person or several: prompts that were made together.

    The Astria API calls it an order.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="shoots")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    api_key = models.ForeignKey(
        ApiKey, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    pack = models.ForeignKey(
        Pack, on_delete=models.SET_NULL, null=True, blank=True, related_name="shoots"
    )
    title = models.CharField(max_length=200)
    #: POSTed once with all prompts when the last of them has ended.
    prompts_callback = models.CharField(max_length=2000, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ShootQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["team", "-id"], name="shoot_by_team")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("shoot_detail", args=[self.public_id])

    def end_if_done(self) -> bool:
        """Ends a shoot none of whose prompts is open; True for the one call that does it.

        To be asked in the transaction that ends a prompt, with this row locked (`lock`), so that
        the last two prompts cannot each take the other for still open.
        """
        is_open = models.Exists(
            self.prompts.model._base_manager.filter(
                shoot=models.OuterRef("pk"), status__in=PROMPT_OPEN
            )
        )
        rows = Shoot.objects.filter(pk=self.pk, ended_at=None).exclude(is_open)
        return bool(rows.update(ended_at=Now()))

    def lock(self) -> None:
        """Holds the row until the present transaction ends."""
        Shoot.objects.select_for_update().filter(pk=self.pk).first()
