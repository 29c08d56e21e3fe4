"""Tunes: make, list, look at, change, delete."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone

from prompts.access import require_maker, visible
from prompts.access_tunes import get_tune, may_change
from prompts.engines.registry import MOCK
from prompts.flows.intake import Intake, IntakeRefused
from prompts.flows.tunes import change_tune, delete_tune
from prompts.forms import ApiTuneChangeForm, ApiTuneForm
from prompts.forms.api_tunes import read_json
from prompts.models import Consent, Team, Tune, TuneStatus

from . import representations
from .answers import json_answer
from .auth import ApiRequest, api
from .bodies import Params, entity, scalars
from .errors import BadRequest, Forbidden, Invalid, form_errors
from .idempotency import answer_once
from .links import base_url
from .paging import page_of
from .photos import read_photos
from .values import prompt_form, prompt_values, with_booleans

Made = TypeVar("Made")

MAX_OFFSET = 200
#: The branch whose pictures are mocks.
FAST = "fast"
MAX_PROMPTS = 100
_BOOLEANS = ("face_crop", "training_face_correct", "auto_extend")
_FIELDS = (
    "title", "name", "token", "callback", "branch", "steps", "base_tune_id", "model_type", "preset",
    *_BOOLEANS,
)  # fmt: skip
#: Some programs send these beside the tune rather than in it.
_BESIDE = ("images", "image_urls", "steps", "face_crop")


@api(methods=["GET", "POST"])
def tunes(request: ApiRequest) -> HttpResponse:
    """GET: everyone one may see, filtered. POST: a new person, trained at once."""
    if request.method == "POST":
        return _create(request)
    rows = visible(request, Tune.objects.all()).filter(_wanted(request.params))
    page = page_of(representations.tunes_for_answers(rows), request.params, max_offset=MAX_OFFSET)
    return json_answer([_represent(request, tune) for tune in page])


def _represent(request: ApiRequest, tune: Tune) -> representations.JSON:
    return representations.tune(tune, base_url(request), shows_addresses=may_change(request, tune))


def _wanted(params: Params) -> Q:
    """The filters of a list."""
    given = scalars(params, "title", "model_type", "branch")
    names = params.get("name", [])
    names = names if isinstance(names, list) else [names]
    if any(isinstance(name, dict | list) for name in names):
        raise BadRequest("name: expected texts.")
    wanted = Q(name__in=[str(name) for name in names]) if names else Q()
    if "title" in given:
        wanted &= Q(title__icontains=str(given["title"]))
    if "model_type" in given:
        wanted &= Q(parameters__model_type=str(given["model_type"]))
    if "branch" in given:
        wanted &= Q(branch=str(given["branch"]))
    return wanted


@api(methods=["GET"])
def gallery_tunes(request: ApiRequest) -> HttpResponse:
    """Public base models: there are none here, the engine brings its own."""
    return json_answer(page_of(Tune.objects.none(), request.params, max_offset=MAX_OFFSET))


# --- Making --------------------------------------------------------------------------------------


def _create(request: ApiRequest) -> HttpResponse:
    fields = tune_fields(request)
    tune = described(request, fields)
    if present := present_tune(request, tune):
        return answer_once(request, lambda: present, lambda row: _represent(request, row))
    values = [_checked_prompt(attributes) for attributes in _prompts_attributes(fields)]
    prompts = [{**prompt, "api_key": request.key} for prompt in values]
    intake = taken_in(tune, fields)

    def make() -> Tune:
        present = present_tune(request, tune, lock=True)
        return present or intake.commit(consent_of(request, tune), prompts)

    return commit_intake(request, intake, make, lambda row: _represent(request, row))


def tune_fields(request: ApiRequest) -> Params:
    """What a call says of a tune, in the object or beside it."""
    beside = {name: request.params[name] for name in _BESIDE if name in request.params}
    return {**beside, **entity(request.params, "tune")}


def described(request: ApiRequest, fields: Params) -> Tune:
    """The tune that was described, yet to be saved; raises Invalid and Forbidden."""
    require_maker(request)
    if not request.key.consent_at:
        raise Forbidden("This key was made without agreeing to the terms for photos; make another.")
    form = ApiTuneForm(_form_data(fields))
    if not form.is_valid():
        raise Invalid(form_errors(form))
    return _new_tune(request, form)


def taken_in(tune: Tune, fields: Params) -> Intake:
    """The person with their photos. Takes long: decodes, and looks for faces."""
    photos = read_photos(fields, at_least=1 if tune.engine == MOCK else tune.min_photos)
    try:
        return Intake(tune, photos)
    except IntakeRefused as refusal:
        raise Invalid({"images": refusal.messages}) from refusal


def consent_of(request: ApiRequest, tune: Tune) -> Consent:
    """What whoever made the key has confirmed, for this person."""
    return Consent(
        subject=tune.title,
        relation=Consent.Relation.OTHER,
        text=request.key.consent_text,
        confirmed_at=request.key.consent_at or timezone.now(),
    )


def _form_data(fields: Params) -> dict[str, Any]:
    data = with_booleans(scalars(fields, *_FIELDS), _BOOLEANS)
    data["visibility"] = Tune.Visibility.TEAM
    if "characteristics" in fields:
        data["characteristics"] = fields["characteristics"]
    return data


def _new_tune(request: ApiRequest, form: ApiTuneForm) -> Tune:
    tune: Tune = form.instance
    tune.team = request.membership.team
    tune.owner = request.user
    tune.api_key = request.key
    tune.parameters = form.parameters
    tune.engine = MOCK if tune.branch == FAST else tune.team.engine
    return tune


def present_tune(request: ApiRequest, tune: Tune, *, lock: bool = False) -> Tune | None:
    """The tune with an equal title, where the team wants no second one.

    Only among those the key's user may see: a title must not open somebody's private photos. With
    `lock`, two equal calls cannot both find none before the present transaction ends.
    """
    if not tune.team.api_idempotency:
        return None
    if lock:
        Team.objects.select_for_update(no_key=True).get(pk=tune.team_id)
    # Drafts are for people to finish: a program would wait for their training in vain.
    equal = visible(request, Tune.objects.filter(team=tune.team, title=tune.title))
    equal = equal.exclude(status=TuneStatus.DRAFT)
    rows = representations.tunes_for_answers(equal)
    return rows.order_by("id").first()


def _prompts_attributes(fields: Params) -> Iterator[Params]:
    given = fields.get("prompts_attributes", [])
    given = list(given.values()) if isinstance(given, dict) else given
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise BadRequest("prompts_attributes: expected an array of objects.")
    if len(given) > MAX_PROMPTS:
        raise Invalid({"prompts": [f"are too many (maximum is {MAX_PROMPTS})"]})
    return iter(given)


def _checked_prompt(attributes: Params) -> dict[str, Any]:
    """What the attributes of a prompt that is made with its tune come to."""
    try:
        form = prompt_form(attributes, with_tune=True)
        if not form.is_valid():
            raise Invalid(form_errors(form))
    except Invalid as invalid:
        named = {f"prompts.{name}": messages for name, messages in invalid.body.items()}
        raise Invalid(named) from invalid
    return prompt_values(form)


def commit_intake(
    request: ApiRequest, intake: Intake, make: Callable[[], Made], represent: Callable[[Made], Any]
) -> HttpResponse:
    """Answers with what `make` makes, and takes the files away where it did not commit them."""
    try:
        response = answer_once(request, make, represent)
    except BaseException:  # whatever it was, no file may stay
        intake.drop()
        raise
    if intake.tune.pk is None:
        intake.drop()
    return response


# --- One -----------------------------------------------------------------------------------------


@api(methods=["GET", "PATCH", "DELETE"])
def tune(request: ApiRequest, id: int) -> HttpResponse:
    """Looks at a tune, changes what may be changed later, or deletes it with everything made."""
    if request.method == "DELETE":
        delete_tune(get_tune(request, id, change=True))
        return json_answer({})
    row = get_tune(request, id, change=request.method == "PATCH")
    if request.method == "PATCH":
        _change(request, row)
    return json_answer(_represent(request, row))


def _change(request: ApiRequest, tune: Tune) -> None:
    fields = entity(request.params, "tune")
    given = with_booleans(scalars(fields, "title", "name", "auto_extend"), ("auto_extend",))
    data = {"title": tune.title, "name": tune.name, "token": tune.token, **given}
    data |= {"visibility": tune.visibility, "characteristics": tune.characteristics}
    if "characteristics" in fields:
        data["characteristics"] = _joined(tune.characteristics, fields["characteristics"])
    form = ApiTuneChangeForm(data, instance=tune)
    if not form.is_valid():
        raise Invalid(form_errors(form))
    change_tune(form.instance, ("title", "name", "characteristics", "parameters"))


def _joined(traits: Params, given: Any) -> Any:
    """What is known and what was given, whether as an object or as JSON text."""
    read = read_json(given)
    return {**traits, **read} if isinstance(read, dict) else given
