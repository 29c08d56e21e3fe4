"""The built-in packs, and how they reach the database."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from prompts.models import Pack, PackItem, Preset


@dataclass(frozen=True)
class BuiltInPack:
    """A pack that every team has."""

    slug: str
    title: str
    subtitle: str
    presets: tuple[str, ...]


BUILT_IN_PACKS: tuple[BuiltInPack, ...] = (
    BuiltInPack(
        "corporate-headshots", "Corporate headshots", "For profiles, badges and the team page.",
        ("professional-headshot", "bright-white", "corporate-blue", "modern-office", "executive"),
    ),
    BuiltInPack(
        "portraits", "Portraits", "Outdoors, at home, and in a painter's hand.",
        (),
    ),
    BuiltInPack(
        "action-scenes", "Action scenes", "The same face on a film set.",
        (),
    ),
)  # fmt: skip
#: Packs that hold every built-in preset of a kind.
OF_KIND = {"portraits": Preset.Kind.PORTRAIT, "action-scenes": Preset.Kind.ACTION}


@transaction.atomic
def sync_built_in_packs() -> None:
    """Makes the database's built-in packs equal to `BUILT_IN_PACKS`; runs after the presets."""
    presets = {preset.slug: preset for preset in Preset.objects.filter(team=None)}
    for position, built_in in enumerate(BUILT_IN_PACKS):
        pack, _ = Pack.objects.update_or_create(
            team=None,
            slug=built_in.slug,
            defaults={
                "title": built_in.title,
                "subtitle": built_in.subtitle,
                "position": position,
            },
            create_defaults={
                "title": built_in.title,
                "subtitle": built_in.subtitle,
                "position": position,
                "public_at": timezone.now(),
            },
        )
        kind = OF_KIND.get(built_in.slug)
        slugs = built_in.presets or [p.slug for p in presets.values() if p.kind == kind]
        fill_pack(pack, [presets[slug] for slug in slugs if slug in presets])
    Pack.objects.filter(team=None).exclude(slug__in=[p.slug for p in BUILT_IN_PACKS]).delete()


def fill_pack(pack: Pack, presets: list[Preset]) -> None:
    """Exactly these presets, in this order."""
    pack.items.exclude(preset__in=presets).delete()
    for position, preset in enumerate(presets):
        PackItem.objects.update_or_create(pack=pack, preset=preset, defaults={"position": position})
