"""Submitting, watching, cancelling, retrying and deleting prompts through the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from prompts.models import Preset, Prompt, PromptStatus, Tune, User
from prompts.parameters import form_parameters
from prompts.storage import read_bytes
from tests import factories
from tests.factories import jpeg_bytes

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def tune(alice: User) -> Tune:
    return factories.create_tune(team=alice.teams.get(), owner=alice)


def submit(client: Client, tune: Tune, *, htmx: bool = False, **data: Any) -> Any:
    url = reverse("prompt_list", args=[tune.public_id])
    data = {"text": "headshot of ohwx woman", "num_images": "4", **data}
    return client.post(url, data, headers=HTMX if htmx else {})


def test_submitting_saves_a_queued_prompt_with_all_its_values(
    alice_client: Client, tune: Tune, alice: User
) -> None:
    response = submit(
        alice_client, tune, preset="executive", seed="42", style="Cinematic", film_grain="on"
    )
    prompt = Prompt.objects.get()
    assert response["Location"].endswith(f"#prompt-{prompt.public_id}")
    assert (prompt.status, prompt.num_images, prompt.base_seed) == (PromptStatus.QUEUED, 4, 42)
    assert prompt.parameters == {"seed": 42, "style": "Cinematic", "film_grain": True}
    assert prompt.author == alice
    assert prompt.preset == Preset.objects.get(slug="executive")


def test_card_is_answered_at_once_to_the_script(alice_client: Client, tune: Tune) -> None:
    response = submit(alice_client, tune, htmx=True)
    assert response.status_code == 201
    assert f"prompt-{Prompt.objects.get().public_id}" in response.content.decode()


def test_seed_is_drawn_when_none_is_given(alice_client: Client, tune: Tune) -> None:
    submit(alice_client, tune)
    submit(alice_client, tune)
    first, second = Prompt.objects.values_list("base_seed", flat=True)
    assert first != second


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("text", "", "required"),
        ("w", "1001", "multiple of 8"),
        ("num_images", "9", "Between 1 and 8"),
        ("controlnet", "pose", "Needs an input image"),
        ("seed", "4294967297", "Between 0 and 4294967296"),
    ],
)
def test_bad_value_is_told_beside_its_field_and_nothing_typed_is_lost(
    alice_client: Client, tune: Tune, *, htmx: bool, name: str, value: str, words: str
) -> None:
    data = {"text": "ohwx woman in rain", "negative_prompt": "umbrella", "steps": "33"}
    response = submit(alice_client, tune, htmx=htmx, **(data | {name: value}))
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert response.context["form"].errors.keys() == {name}
    assert "umbrella" in page and 'value="33"' in page
    assert not Prompt.objects.exists()


def test_missing_trigger_word_is_asked_about_first(alice_client: Client, tune: Tune) -> None:
    response = submit(alice_client, tune, text="a quiet portrait")
    assert response.status_code == 422
    assert response.context["trigger_missing"]
    assert not Prompt.objects.exists()


def test_one_click_adds_the_trigger_word(alice_client: Client, tune: Tune) -> None:
    submit(alice_client, tune, text="a quiet portrait", add_trigger="1")
    assert Prompt.objects.get().text == "ohwx woman, a quiet portrait"


def test_going_without_the_trigger_word_is_possible(alice_client: Client, tune: Tune) -> None:
    submit(alice_client, tune, text="a quiet portrait", without_trigger="1")
    assert Prompt.objects.get().text == "a quiet portrait"


def test_trigger_word_inside_another_word_does_not_count(alice_client: Client, tune: Tune) -> None:
    assert submit(alice_client, tune, text="ohwxian woman").status_code == 422


def test_choosing_a_preset_fills_the_form(alice_client: Client, tune: Tune) -> None:
    response = alice_client.get(tune.get_absolute_url(), {"preset": "action-scene"})
    assert response.context["form"]["text"].value().startswith("ohwx woman in action movie scene")
    assert response.context["form"]["style"].value() == "Cinematic"
    assert response.context["chosen"] == "action-scene"


@pytest.mark.parametrize(
    ("what", "text", "seed", "style"),
    [
        ("all", "ohwx woman on the moon", 77, "Lowpoly"),
        ("text", "ohwx woman on the moon", None, None),
        ("seed", None, 77, None),
    ],
)
def test_settings_can_be_used_again(
    alice_client: Client, tune: Tune, what: str, text: str | None, seed: int | None, style: Any
) -> None:
    prompt = factories.create_prompt(
        tune=tune, text="ohwx woman on the moon", base_seed=77, parameters={"style": "Lowpoly"}
    )
    query = {"remix": prompt.public_id, "what": what}
    form = alice_client.get(tune.get_absolute_url(), query).context["form"]
    assert (form["text"].value() == "ohwx woman on the moon") is (text is not None)
    assert form["seed"].value() == seed
    assert form["style"].value() == style


def test_settings_of_another_tune_are_not_revealed(
    alice_client: Client, tune: Tune, charlie: User
) -> None:
    foreign = factories.create_tune(team=charlie.teams.get(), owner=charlie)
    prompt = factories.create_prompt(tune=foreign, text="ohwx top secret")
    page = alice_client.get(tune.get_absolute_url(), {"remix": prompt.public_id})
    assert "top secret" not in page.content.decode()


def test_place_in_line_counts_those_before(alice_client: Client, tune: Tune) -> None:
    prompts = [factories.create_prompt(tune=tune) for _ in range(3)]
    url = reverse("prompt_detail", args=[prompts[2].public_id])
    card = alice_client.get(url, headers=HTMX).context["card"]
    assert card.place == "2 ahead of you"


def test_open_prompt_can_be_cancelled_once(alice_client: Client, tune: Tune) -> None:
    prompt = factories.create_prompt(tune=tune)
    url = reverse("prompt_cancel", args=[prompt.public_id])
    alice_client.post(url)
    alice_client.post(url)
    prompt.refresh_from_db()
    assert prompt.status == PromptStatus.CANCELLED


def test_done_prompt_is_not_cancelled(alice_client: Client, tune: Tune) -> None:
    prompt = factories.create_prompt(tune=tune, status=PromptStatus.COMPLETED)
    alice_client.post(reverse("prompt_cancel", args=[prompt.public_id]))
    prompt.refresh_from_db()
    assert prompt.status == PromptStatus.COMPLETED


def test_failed_prompt_shows_its_reason_and_can_be_retried(
    alice_client: Client, tune: Tune
) -> None:
    prompt = factories.create_prompt(
        tune=tune, status=PromptStatus.FAILED, error="No photo shows the shoulders."
    )
    page = alice_client.get(tune.get_absolute_url()).content.decode()
    assert "No photo shows the shoulders." in page
    alice_client.post(reverse("prompt_retry", args=[prompt.public_id]))
    prompt.refresh_from_db()
    assert (prompt.status, prompt.error) == (PromptStatus.QUEUED, "")


def test_number_of_queries_does_not_grow_with_the_list(
    alice_client: Client, tune: Tune, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert alice_client.get(tune.get_absolute_url()).status_code == 200
        return len(captured)

    factories.create_image(prompt=factories.create_prompt(tune=tune))
    alice_client.get(tune.get_absolute_url())
    few = queries()
    for _ in range(8):
        factories.create_image(prompt=factories.create_prompt(tune=tune))
    assert queries() == few


def test_reference_names_every_parameter_of_the_form(alice_client: Client) -> None:
    page = alice_client.get(reverse("parameters")).content.decode()
    missing = [p.name for p in form_parameters() if f'id="{p.name}"' not in page]
    assert missing == []
    assert "128 to 2048, a multiple of 8" in page.lower()
    assert "0 to 4294967296, whole" in page


def test_images_of_an_earlier_prompt_serve_again_with_all_its_settings(
    alice_client: Client, tune: Tune
) -> None:
    image = SimpleUploadedFile("lobby.jpg", jpeg_bytes(), "image/jpeg")
    submit(alice_client, tune, input_image=image, controlnet="tile")
    first = Prompt.objects.get()
    page = alice_client.get(tune.get_absolute_url(), {"remix": first.public_id})
    assert f'name="remix" value="{first.public_id}"' in page.content.decode()
    submit(alice_client, tune, remix=first.public_id, controlnet="tile")
    second = Prompt.objects.latest("id")
    assert second != first
    assert read_bytes(default_storage, second.input_image) == read_bytes(
        default_storage, first.input_image
    )


def test_images_of_another_tune_do_not_serve(
    alice_client: Client, tune: Tune, charlie: User
) -> None:
    foreign = factories.create_tune(team=charlie.teams.get(), owner=charlie)
    image = factories.create_image(prompt=factories.create_prompt(tune=foreign))
    prompt = factories.create_prompt(tune=foreign, input_image=image.file)
    submit(alice_client, tune, remix=prompt.public_id)
    assert Prompt.objects.get(tune=tune).input_image == ""
