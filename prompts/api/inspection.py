"""What can be told of one photo before it is used for training."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from prompts.engines.base import Inspection
from prompts.engines.errors import EngineError
from prompts.engines.registry import get_engine
from prompts.models import CLASS_NAMES

from .answers import json_answer
from .auth import ApiRequest, api
from .bodies import scalars
from .errors import Invalid
from .photos import ADDRESSES, FILES, NONE_GIVEN, read_photos

#: A photo whose sides are both below this (px) is too small to train with.
LOW_RESOLUTION = 512
#: Which of our problems each of the API's warnings stands for. What we cannot tell (a funny face,
#: a hat) stays false, and traits such as the colour of the hair stay absent.
WARNINGS = {
    "wearing_sunglasses": {"sunglasses"},
    "blurry": {"blurred"},
    "includes_multiple_people": {"several_people"},
    "full_body_image_or_longshot": {"too_small"},
    "low_quality": {"blurred", "too_dark", "over_exposed", "backlit", "tinted", "unreadable"},
}
NEVER_TOLD = ("funny_face", "wearing_hat", "selfie")
NAMES = {"file": FILES, "file_url": ADDRESSES}


@api(methods=["POST"], write=False)
def inspect(request: ApiRequest) -> HttpResponse:
    """Looks at `file` or `file_url`, and keeps nothing of it."""
    given = scalars(request.params, "name", *NAMES)
    name = str(given.get("name", "")).lower()
    if name and name not in CLASS_NAMES:
        raise Invalid({"name": ["is not included in the list"]})
    try:
        photos = read_photos({NAMES[k]: v for k, v in given.items() if k in NAMES}, at_least=1)
    except Invalid as invalid:
        raise Invalid(_renamed(invalid.body)) from invalid
    try:
        found = get_engine(request.membership.team.engine).inspect(photos[0][1].data)
    except EngineError as error:
        raise Invalid({"file": [error.message]}) from error
    return json_answer(represent_inspection(found, name))


def _renamed(errors: dict[str, Any]) -> dict[str, list[str]]:
    back = {ours: theirs for theirs, ours in NAMES.items()}
    return {
        back.get(name, name): ["can't be blank" if m == NONE_GIVEN else m for m in messages]
        for name, messages in errors.items()
    }


def represent_inspection(found: Inspection, name: str) -> dict[str, Any]:
    """Warnings as booleans, and our own words for each beside them."""
    codes = {problem.code for problem in found.problems}
    answer: dict[str, Any] = {"name": name} if name else {}
    answer |= {warning: bool(codes & ours) for warning, ours in WARNINGS.items()}
    answer |= dict.fromkeys(NEVER_TOLD, False)
    answer["low_resolution"] = max(found.width, found.height) < LOW_RESOLUTION
    answer["faces"] = found.faces
    answer["problems"] = [{"code": p.code, "message": p.message} for p in found.problems]
    return answer
