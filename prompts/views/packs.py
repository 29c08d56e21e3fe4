"""Packs: several presets at once, for one person or many; and the shoots that come of it."""

from __future__ import annotations

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from prompts.access import MemberRequest, member_required, require_maker, visible
from prompts.access_tunes import changeable_tunes, get_pack, get_shoot
from prompts.cards import for_cards, prompt_cards
from prompts.flows.packs import (
    ShootPrompt,
    preset_images,
    preset_values,
    start_shoot,
)
from prompts.forms import PromptForm, RunPackForm
from prompts.models import Pack, PackItem, Preset, Prompt, Shoot, Tune, TuneStatus
from prompts.portraits import with_portraits
from prompts.quotas import QuotaExceeded, images_allowance
from prompts.views.paging import page_of

PER_PAGE = 24
CARDS_PER_PAGE = 24


@member_required
@require_GET
def pack_list(request: MemberRequest) -> HttpResponse:
    """The packs of the team, and its latest shoots."""
    items = Prefetch("items", PackItem.objects.select_related("preset"))
    packs = Pack.objects.for_team(request.membership.team).prefetch_related(items)
    shoots = Shoot.objects.visible_to(request.membership).select_related("author")
    context = {"packs": packs, "page_obj": page_of(request, shoots.order_by("-id"), PER_PAGE)}
    return render(request, "packs/list.html", context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def pack_detail(request: MemberRequest, public_id: str) -> HttpResponse:
    """A pack's looks, and the people to try them on; a POST runs it."""
    pack = get_pack(request, public_id)
    if request.method == "POST":
        require_maker(request)
    presets = pack.ordered_presets()
    tunes = changeable_tunes(request).filter(status=TuneStatus.TRAINED).order_by("title", "id")
    if not pack.is_for(request.membership.team_id):
        tunes = tunes.none()
    form = RunPackForm(request.POST or None, tunes=tunes, presets=presets)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(_run(request, pack, form))
        except QuotaExceeded as exceeded:
            form.add_error(None, exceeded.message)
    context = {
        "pack": pack,
        "presets": presets,
        "form": form,
        "images_allowance": images_allowance(request.membership.team, request.user),
        "people": with_portraits(tunes),
        "wanted": {str(value) for value in form["tunes"].value() or ()},
    }
    return render(request, "packs/detail.html", context, status=422 if form.errors else 200)


def _run(request: MemberRequest, pack: Pack, form: RunPackForm) -> Shoot:
    count = form.cleaned_data["num_images"]
    shoot, _ = start_shoot(
        team=request.membership.team,
        author=request.user,
        title=pack.title,
        pack=pack,
        prompts=[
            _prompt(tune, preset, count)
            for tune in form.cleaned_data["tunes"]
            for preset in form.cleaned_data["presets"]
        ],
    )
    return shoot


def _prompt(tune: Tune, preset: Preset, num_images: int) -> ShootPrompt:
    values = {**preset_values(preset, tune), "num_images": num_images}
    form = PromptForm(values, kept=preset_images(preset))
    if not form.is_valid():
        raise ValueError(f"The preset {preset.slug} does not pass the form: {form.errors}")
    cleaned = {
        "text": form.cleaned_data["text"],
        "parameters": form.parameters,
        "num_images": num_images,
        "input_image": form.images.get("input_image"),
    }
    return ShootPrompt(tune, cleaned, preset)


@member_required
@require_GET
def shoot_detail(request: MemberRequest, public_id: str) -> HttpResponse:
    """A shoot's prompts as they fill, of the people one may see."""
    shoot = get_shoot(request, public_id)
    rows = visible(request, Prompt.objects.filter(shoot=shoot))
    page = page_of(
        request, for_cards(rows, request.user).order_by("tune__title", "id"), CARDS_PER_PAGE
    )
    statuses = list(rows.values_list("status", flat=True))
    context = {
        "shoot": shoot,
        "page_obj": page,
        "cards": prompt_cards(request, page.object_list),
        "total": len(statuses),
        "done": sum(status not in ("queued", "processing") for status in statuses),
        "failed": statuses.count("failed"),
    }
    return render(request, "packs/shoot.html", context)
