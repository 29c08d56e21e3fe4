"""Team headshots: how far everybody is, and the style that all share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db.models import Exists, IntegerChoices, OuterRef, QuerySet

from prompts.models import (
    MAKER_ROLES,
    Campaign,
    Image,
    Membership,
    Photo,
    Preset,
    Prompt,
    Team,
    Tune,
    TuneStatus,
    User,
)
from prompts.storage import read_bytes
from prompts.subjects import shared_text

#: What everybody still chooses when the style is locked.
FREE = frozenset({"seed", "callback"})


class Step(IntegerChoices):
    """How far somebody is."""

    PHOTOS = 0, "No photos yet"
    TRAINING = 1, "Photos uploaded"
    PICTURES = 2, "Trained"
    CHOICE = 3, "Pictures made"
    DONE = 4, "Picture chosen"


#: What comes next at each step, in words to the one who does it.
NEXT_WORDS = {
    Step.PHOTOS: "Upload your photos",
    Step.TRAINING: "Start the training",
    Step.PICTURES: "Make your headshots",
    Step.CHOICE: "Choose your picture",
    Step.DONE: "All done",
}


@dataclass(frozen=True)
class Participant:
    """A member, how far they are, and the number of the picture they have chosen, if any."""

    member: Membership
    step: Step
    final_id: int | None = None
    #: The training has begun: until it ends there is nothing to do.
    is_training: bool = False

    @property
    def may_be_reminded(self) -> bool:
        """Whether there is a next step that they can take now."""
        return self.step != Step.DONE and not self.is_training

    @property
    def name(self) -> str:
        """As it is shown and sorted."""
        return str(self.member.user)

    def has(self, words: str) -> bool:
        """Whether name or address contains the words, whatever their case."""
        user, words = self.member.user, words.casefold()
        return words in user.name.casefold() or words in user.email.casefold()


def participants(team: Team, *, user: User | None = None) -> list[Participant]:
    """Everybody who makes pictures in the team, or that one user, by name.

    Whoever has several people of their own counts with the one that is furthest; the chosen picture
    is that of the newest of them. Two queries, whatever the size of the team.
    """
    members = Membership.objects.filter(team=team, role__in=MAKER_ROLES, user__is_active=True)
    tunes = _own_tunes(team)
    if user is not None:
        members, tunes = members.filter(user=user), tunes.filter(owner=user)
    tunes_of = defaultdict(list)
    for tune in tunes:
        tunes_of[tune.owner_id].append(tune)
    found = [
        _participant(m, tunes_of[m.user_id]) for m in members.select_related("user", "picture")
    ]
    return sorted(found, key=lambda one: (one.name.casefold(), one.member.pk))


def _own_tunes(team: Team) -> QuerySet[Tune]:
    """The team's people but for samples, newest first, with what there is of each."""
    pictures = Image.objects.present().filter(tune=OuterRef("pk"))
    rows = Tune.objects.filter(team=team, is_sample=False).order_by("-id")
    return rows.annotate(
        has_photos=Exists(Photo.objects.filter(tune=OuterRef("pk"))),
        has_pictures=Exists(pictures),
        has_final=Exists(pictures.filter(pk=OuterRef("final_image"))),
    ).only("owner", "status", "final_image")


def _participant(member: Membership, tunes: list[Any]) -> Participant:
    """`tunes` come from `_own_tunes`."""
    finals = [tune.final_image_id for tune in tunes if tune.has_final]
    if finals:
        return Participant(member, Step.DONE, finals[0])
    if any(tune.has_pictures for tune in tunes):
        return Participant(member, Step.CHOICE)
    if any(tune.status == TuneStatus.TRAINED for tune in tunes):
        return Participant(member, Step.PICTURES)
    if any(tune.has_photos for tune in tunes):
        is_training = any(tune.is_open for tune in tunes)
        return Participant(member, Step.TRAINING, is_training=is_training)
    return Participant(member, Step.PHOTOS)


def finals(people: Iterable[Participant]) -> list[tuple[Participant, Image]]:
    """Everybody who has chosen, with the chosen picture: one query."""
    chosen = [one for one in people if one.final_id]
    images = Image.objects.present().in_bulk([one.final_id for one in chosen])
    return [(one, images[one.final_id]) for one in chosen if one.final_id in images]


# --- The shared style --------------------------------------------------------------------------


class StyleLocked(PermissionDenied):
    """The prompt asks for another style than the one that the team's admins have locked."""

    message = "Your team shares one style. Only its admins may choose another."

    def __init__(self) -> None:
        super().__init__(self.message)


class StyleGone(StyleLocked):
    """The style is locked, and its preset is no longer there."""

    message = "The look that your team shares is no longer there. An admin must choose another."


def campaign_of(team: Team) -> Campaign | None:
    """The team's campaign, with its preset."""
    return Campaign.objects.select_related("preset").filter(team=team).first()


def locked_style(team: Team, user: User | None) -> Campaign | None:
    """The campaign whose style this user must keep to, if any."""
    campaign = campaign_of(team)
    if campaign is None or not campaign.is_locked:
        return None
    place = Membership.objects.filter(team=team, user=user).first() if user else None
    return None if place and place.is_admin else campaign


def _look(campaign: Campaign) -> Preset:
    if campaign.preset is None:
        raise StyleGone
    return campaign.preset


def locked_data(campaign: Campaign, tune: Tune, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the prompt form gets instead of what was sent: the style, and what stays free.

    Raises StyleGone.
    """
    look = _look(campaign)
    free = {name: given[name] for name in ("num_images", *FREE) if name in given}
    style = {"text": shared_text(look, tune), "preset": look.slug}
    return {**free, **campaign.parameters(), **style}


def require_style(
    prompt: Prompt,
    by: User | None,
    input_image: bytes | None = None,
    mask_image: bytes | None = None,
) -> None:
    """Raises StyleLocked for a prompt, with its images, that this user may not ask for."""
    campaign = locked_style(prompt.team, by)
    if campaign is None:
        return
    look = _look(campaign)
    given = {name: value for name, value in prompt.parameters.items() if name not in FREE}
    same = (
        prompt.text == shared_text(look, prompt.tune)
        and given == campaign.parameters()
        and input_image == preset_image(look)
        and mask_image is None
    )
    if not same:
        raise StyleLocked


def require_style_again(prompt: Prompt, by: User | None) -> None:
    """The same of a prompt that was stored with its images."""
    if locked_style(prompt.team, by) is not None:
        require_style(prompt, by, _stored(prompt.input_image), _stored(prompt.mask_image))


def _stored(name: str) -> bytes | None:
    return read_bytes(default_storage, name) if name else None


def preset_image(preset: Preset) -> bytes | None:
    """The picture that the preset starts from, if it has one."""
    return _stored(preset.input_image)
