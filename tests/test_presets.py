"""The built-in presets."""

from __future__ import annotations

import pytest

from prompts.forms import PromptForm
from prompts.models import Preset, User
from prompts.presets import BUILT_IN, BuiltIn, sync_built_in
from tests import factories

pytestmark = pytest.mark.django_db

#: The three documented patterns, word for word.
DOCUMENTED = {
    "professional-headshot": (
        "man",
        "professional headshot of ohwx man, business attire, clean background, studio lighting",
        {
            "negative_prompt": "blurry, distorted, low quality, casual",
            "cfg_scale": 7.0,
            "steps": 30,
        },
    ),
    "artistic-portrait": (
        "woman",
        "artistic portrait of ohwx woman, oil painting style, dramatic lighting",
        {
            "negative_prompt": "photograph, realistic, blurry",
            "style": "Fantasy art",
            "cfg_scale": 9.0,
        },
    ),
    "action-scene": (
        "man",
        "ohwx man in action movie scene, dynamic pose, cinematic lighting",
        {"style": "Cinematic", "cfg_scale": 8.0, "steps": 25},
    ),
}


@pytest.mark.parametrize("slug", DOCUMENTED)
def test_documented_presets_have_exactly_their_values(slug: str, alice: User) -> None:
    class_name, text, parameters = DOCUMENTED[slug]
    tune = factories.create_tune(team=alice.teams.get(), owner=alice, name=class_name)
    preset = Preset.objects.get(team=None, slug=slug)
    assert preset.text_for(tune) == text
    assert preset.parameters == parameters


def test_each_kind_offers_a_choice() -> None:
    counts = {kind: Preset.objects.filter(team=None, kind=kind).count() for kind in Preset.Kind}
    assert all(count >= 4 for count in counts.values())
    assert sum(counts.values()) >= 12


@pytest.mark.parametrize("preset", BUILT_IN, ids=lambda p: p.slug)
def test_preset_passes_the_form_as_it_is(preset: BuiltIn) -> None:
    form = PromptForm({"text": preset.text, "num_images": 4, **preset.parameters})
    assert form.is_valid(), form.errors
    assert form.parameters == preset.parameters


@pytest.mark.parametrize("preset", BUILT_IN, ids=lambda p: p.slug)
def test_preset_carries_trigger_word_and_class(preset: BuiltIn) -> None:
    assert "{token} {class}" in preset.text


def test_syncing_again_changes_nothing_and_renames_stay_tidy(alice: User) -> None:
    own = Preset.objects.create(
        team=alice.teams.get(), slug="executive", kind="headshot", title="Ours", text="{token}"
    )
    Preset.objects.create(slug="gone", kind="headshot", title="Gone", text="{token}")
    before = set(Preset.objects.filter(team=None).exclude(slug="gone").values_list("pk", flat=True))
    sync_built_in()
    assert set(Preset.objects.filter(team=None).values_list("pk", flat=True)) == before
    assert Preset.objects.filter(pk=own.pk).exists()
