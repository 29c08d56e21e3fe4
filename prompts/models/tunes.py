"""Tunes: trained subjects."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from .api_keys import ApiKey
from .base import PublicModel
from .states import TUNE_OPEN, TUNE_RETRYABLE, TuneStatus
from .teams import Membership, Team
from .turns import TurnJob, TurnQuerySet

Rows = TypeVar("Rows", bound=models.QuerySet[Any])

CLASS_NAMES = ("man", "woman", "person", "boy", "girl", "baby", "cat", "dog", "style")
DEFAULT_TOKEN = "ohwx"  # noqa: S105 - the trigger word, not a secret
MIN_PHOTOS, MAX_PHOTOS = 4, 20


class TuneQuerySet(TurnQuerySet):
    """Tunes as members may see them."""

    def visible_to(self, membership: Membership) -> Self:
        """What this member may look at; `Tune.is_visible_to` is the same rule for one."""
        tunes = self.filter(team_id=membership.team_id)
        if membership.is_admin:
            return tunes
        return tunes.filter(
            models.Q(visibility=Tune.Visibility.TEAM) | models.Q(owner_id=membership.user_id)
        )


class Tune(PublicModel, TurnJob):
    """A trained subject: who it is, its photos, and how far training has come."""

    class Visibility(models.TextChoices):
        TEAM = "team", "The whole team"
        PRIVATE = "private", "Only me and the admins"

    WAITING = TuneStatus.QUEUED
    RUNNING = TuneStatus.TRAINING
    FAILED = TuneStatus.FAILED
    MEMBER, PRECEDENCE = "owner_id", 0

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="tunes")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="tunes"
    )
    title = models.CharField(max_length=120)
    name = models.CharField("class name", max_length=40)
    token = models.CharField(
        "trigger word",
        max_length=40,
        default=DEFAULT_TOKEN,
        validators=[RegexValidator(r"^[\w-]+\Z", "One word: letters, digits, - and _.")],
    )
    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.TEAM)
    status = models.CharField(max_length=10, choices=TuneStatus, default=TuneStatus.DRAFT)
    engine = models.CharField(max_length=20)
    #: The demo's person, so that pages can offer it to newcomers.
    is_sample = models.BooleanField(default=False, editable=False)
    #: What API clients ask of training, named as in `prompts.parameters`; engines may ignore it.
    parameters = models.JSONField(default=dict, blank=True)
    branch = models.CharField(max_length=20, blank=True)
    #: POSTed with the tune when training has ended.
    callback = models.CharField(max_length=2000, blank=True)
    api_key = models.ForeignKey(
        ApiKey, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    characteristics = models.JSONField(default=dict, blank=True)
    training_data = models.JSONField(default=dict, blank=True, editable=False)
    #: Preset slug → storage name of the small picture that shows this person in it.
    samples = models.JSONField(default=dict, blank=True, editable=False)
    #: The picture this person has chosen for good.
    final_image = models.ForeignKey(
        "Image", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    trained_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    #: From when the team's retention periods are counted anew, because somebody chose to keep it.
    kept_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: When its owner was told that something of it is about to be deleted.
    warned_at = models.DateTimeField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TuneQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["team", "-id"], name="tune_by_team"),
            models.Index(fields=["status", "team"], name="tune_queue"),
            models.Index(fields=["status", "turn", "id"], name="tune_line"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("tune_detail", args=[self.public_id])

    def is_visible_to(self, membership: Membership) -> bool:
        """Whether this member may look at it."""
        if self.team_id != membership.team_id:
            return False
        is_open = self.visibility == Tune.Visibility.TEAM or membership.is_admin
        return is_open or self.owner_id == membership.user_id

    @property
    def subject_words(self) -> str:
        """Trigger word and class as they stand in a text: "ohwx woman"."""
        return f"{self.token} {self.name}"

    @property
    def prefix(self) -> str:
        """The folder of everything that belongs to this tune; erasing it erases the person."""
        return f"teams/{self.team.public_id}/tunes/{self.public_id}"

    @property
    def is_faceid(self) -> bool:
        """An adapter that needs no training: one photo is enough."""
        return self.parameters.get("model_type") == "faceid"

    @property
    def min_photos(self) -> int:
        """How many usable photos training needs."""
        return 1 if self.is_faceid else MIN_PHOTOS

    @property
    def is_draft(self) -> bool:
        return self.status == TuneStatus.DRAFT

    @property
    def is_open(self) -> bool:
        """Waiting for training, or in it."""
        return self.status in TUNE_OPEN

    @property
    def is_trained(self) -> bool:
        return self.status == TuneStatus.TRAINED

    @property
    def is_failed(self) -> bool:
        return self.status == TuneStatus.FAILED

    def queue(self) -> bool:
        """From draft into training; False when it was not a draft any more."""
        rows = Tune.objects.filter(pk=self.pk, status=TuneStatus.DRAFT)
        return bool(
            rows.update(status=TuneStatus.QUEUED, progress=0, step="", error="", **self.new_place())
        )

    def retry(self) -> bool:
        """Queues failed training again."""
        return self.requeue(TUNE_RETRYABLE, **self.new_place())

    def finish(self, **fields: Any) -> bool:
        """Training has ended well."""
        return self.finish_as(TuneStatus.TRAINED, progress=1, **fields)

    def fail(self, reason: str) -> bool:
        """Training has ended badly, for a reason its owner can read."""
        return self.finish_as(TuneStatus.FAILED, error=reason)

    def reopen(self) -> bool:
        """Back to a draft, to change the photos of a tune whose training failed."""
        rows = Tune.objects.filter(pk=self.pk, status=TuneStatus.FAILED)
        return bool(rows.update(status=TuneStatus.DRAFT, error=""))


def of_visible_tunes(rows: Rows, membership: Membership) -> Rows:
    """Those rows of a team (prompts, images) whose tune this member may look at.

    Asked row by row, which CASE makes sure of: given a set of tunes, or a condition they can make
    one of, databases sort everything of theirs instead of walking down the list's own index, and
    pages get slower with depth.
    """
    rows = rows.filter(team_id=membership.team_id)
    if membership.is_admin:
        return rows
    seen = Tune.objects.visible_to(membership).filter(pk=models.OuterRef("tune_id"))
    row_by_row = models.When(models.Exists(seen), then=True)
    return rows.filter(models.Case(row_by_row, default=False, output_field=models.BooleanField()))


class Consent(models.Model):
    """Who confirmed that the depicted person agrees, to which words, and when.

    Written before the first photo is stored and never changed.
    """

    class Relation(models.TextChoices):
        SELF = "self", "These are photos of me"
        OTHER = "other", "The person in the photos has agreed"

    tune = models.OneToOneField(Tune, on_delete=models.CASCADE, related_name="consent")
    subject = models.CharField(max_length=120)
    relation = models.CharField(max_length=10, choices=Relation, default=Relation.SELF)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    confirmed_by_email = models.EmailField()
    confirmed_at = models.DateTimeField(default=timezone.now)
    text = models.TextField()
    text_sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"Consent for {self.subject}"
