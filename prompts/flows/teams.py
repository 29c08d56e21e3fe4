"""Teams: making one, what its admins set, and the backdrop it shares."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction

from prompts.audit import record
from prompts.models import Campaign, Membership, Preset, Role, Team, User
from prompts.storage import content_name, save_bytes, team_prefix

COLOUR, PICTURE = "our-colour", "our-backdrop"
TEXT = "professional headshot of {token} {class}, studio lighting"
#: After the built-in presets.
POSITION = 100


@transaction.atomic
def create_team(user: User, **fields: Any) -> Membership:
    """Another team, which `user` owns; `fields` are those of a valid `TeamForm`."""
    team = Team.objects.create(**{"engine": settings.DEFAULT_ENGINE, **fields})
    record(team, "team_created", actor=user, target=team)
    return Membership.objects.create(team=team, user=user, role=Role.OWNER)


@transaction.atomic
def change_team(team: Team, fields: Collection[str]) -> None:
    """Writes the named fields, which somebody has changed."""
    if fields:
        team.save(update_fields=list(fields))
        record(team, "team_edited", target=team, changed=list(fields))


def team_backdrop_presets(team: Team) -> dict[str, Preset]:
    """The presets that carry the team's backdrop, by slug; those that are set."""
    return {preset.slug: preset for preset in team.presets.filter(slug__in=(COLOUR, PICTURE))}


def backdrop_color(team: Team) -> str:
    """The team's colour as "#rrggbb", or nothing."""
    preset = team_backdrop_presets(team).get(COLOUR)
    return preset.text.rsplit(" ", 1)[-1] if preset else ""


def backdrop_in_use(team: Team) -> str:
    """What of the backdrop team headshots are made with: "color", "picture" or nothing."""
    campaign = Campaign.objects.filter(team=team).select_related("preset").first()
    slug = campaign.preset.slug if campaign and campaign.preset else ""
    return {COLOUR: "color", PICTURE: "picture"}.get(slug, "")


@transaction.atomic
def set_team_backdrop(
    team: Team, *, color: str, picture: bytes | None, remove_picture: bool = False
) -> None:
    """Gives the team a preset for its colour "#rrggbb" and one for its picture (a clean JPEG).

    An empty `color` takes the colour's preset away; without `picture` the present one stays
    unless `remove_picture`. Prompts keep their own copy of a picture, so none is lost.
    """
    if color:
        _set(team, COLOUR, "Our colour", f"{TEXT}, plain background in {color}", "")
    else:
        team.presets.filter(slug=COLOUR).delete()
    if picture is not None:
        name = content_name(f"{team_prefix(team)}/backdrop", picture, ".jpg")
        _drop_picture(team)
        save_bytes(default_storage, name, picture)
        _set(team, PICTURE, "Our backdrop", TEXT, name)
    elif remove_picture:
        _drop_picture(team)
        team.presets.filter(slug=PICTURE).delete()
    changed = "removed" if remove_picture else None
    record(
        team,
        "backdrop_changed",
        color=color or None,
        picture="new" if picture is not None else changed,
    )


def _set(team: Team, slug: str, title: str, text: str, input_image: str) -> None:
    Preset.objects.update_or_create(
        team=team,
        slug=slug,
        defaults={
            "kind": Preset.Kind.HEADSHOT,
            "title": title,
            "position": POSITION,
            "text": text,
            "input_image": input_image,
        },
    )


def _drop_picture(team: Team) -> None:
    """Deletes the present picture's file once this is committed, unless it was set anew."""
    present = team_backdrop_presets(team).get(PICTURE)
    if present is None:
        return
    name = present.input_image

    def delete() -> None:
        if not Preset.objects.filter(input_image=name).exists():
            default_storage.delete(name)

    transaction.on_commit(delete)
