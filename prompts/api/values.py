"""What forms need of the values that programs send."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from prompts.forms import PromptForm
from prompts.forms.fields import web_address
from prompts.models import Tune, TuneStatus
from prompts.parameters import PARAMETERS, PICTURES, Kind

from .bodies import Params, as_boolean, data_url_file, is_data_url, scalars
from .errors import Invalid
from .paging import MAX_ID

BOOLEANS = frozenset(p.name for p in PARAMETERS if p.kind == Kind.BOOLEAN)
#: Means something only while a tune is created.
_ONLY_WITH_A_TUNE = "lora_scale"
_NAMES = tuple(p.name for p in PARAMETERS)
#: The live service makes videos with these; no engine of ours does.
_VIDEO = "video_"


def with_booleans(values: Params, names: Iterable[str]) -> Params:
    """`values` with the named ones as booleans; raises Invalid for what is none."""
    read = {name: as_boolean(values[name]) for name in names if name in values}
    if unclear := [name for name, value in read.items() if value is None]:
        raise Invalid({name: ["is not a boolean"] for name in unclear})
    return {**values, **read}


def prompt_form(
    fields: Params,
    *,
    kept: Mapping[str, bytes] | None = None,
    with_tune: bool = False,
    reads_images: bool = True,
) -> PromptForm:
    """A bound form of what a program says of a prompt.

    Pictures may be files, data URLs, bare base64 or addresses. `kept` are those there already,
    `with_tune` marks prompts that are created together with their tune. Without `reads_images` the
    form judges all but the pictures.
    Raises Invalid for what no form can take; the rest is for `is_valid` to tell.
    """
    if video := [name for name in fields if name.startswith(_VIDEO)]:
        raise Invalid({name: ["is not supported: no engine here makes videos"] for name in video})
    data = with_booleans(scalars(fields, *_NAMES), BOOLEANS)
    if not with_tune:
        data.pop(_ONLY_WITH_A_TUNE, None)
    files: dict[str, Any] = {}
    for name in PICTURES:
        _read_picture(name, scalars(fields, f"{name}_base64"), data, files)
    given = {name for name in PICTURES if name in files or f"{name}_url" in data}
    left = {name: bytes_ for name, bytes_ in (kept or {}).items() if name not in given}
    return PromptForm(data, files, kept=left, reads_images=reads_images)


def _read_picture(name: str, encoded: Params, data: Params, files: dict[str, Any]) -> None:
    """Moves a picture to where the form looks for it: a file, or an address."""
    value = data.pop(name, None)
    if isinstance(value, UploadedFile):
        files[name] = value
    elif isinstance(value, str) and not is_data_url(value):
        data.setdefault(f"{name}_url", value)
    elif value is not None:
        files[name] = data_url_file(str(value), name)
    elif encoded:
        files[name] = data_url_file(str(encoded[f"{name}_base64"]), name)


def prompt_values(form: PromptForm) -> dict[str, Any]:
    """What a valid form holds, as `flows.prompts.submit_prompt` takes it."""
    return {
        "text": form.cleaned_data["text"],
        "parameters": form.parameters,
        "num_images": form.cleaned_data["num_images"],
        "input_image": form.images.get("input_image"),
        "mask_image": form.images.get("mask_image"),
    }


#: Tunes whose prompts run, now or once training has ended.
USABLE = frozenset({TuneStatus.TRAINED, TuneStatus.QUEUED, TuneStatus.TRAINING})


def usable(tune: Tune) -> Tune:
    """The tune, if prompts of it can run; raises Invalid."""
    if tune.status not in USABLE:
        raise Invalid({"tune": [f"is not trained: {tune.get_status_display()}"]})
    return tune


def number(value: Any) -> int | None:
    """A row's number; None for what cannot be one."""
    text = str(value)
    # Longer ones Python would not even read.
    if len(text) > len(str(MAX_ID)) or not (text.isascii() and text.isdigit()):
        return None
    return int(text) if int(text) <= MAX_ID else None


def ids(fields: Params, name: str) -> list[int]:
    """A list of rows' numbers, each once; raises Invalid for what is none."""
    given = fields.get(name, [])
    given = given if isinstance(given, list) else [given]
    numbers = [number(value) for value in given]
    if None in numbers:
        raise Invalid({name: ["must be numbers"]})
    return list(dict.fromkeys(n for n in numbers if n is not None))


def callback_address(fields: Params, name: str) -> str:
    """An address to be called back at; empty where none is given. Raises Invalid."""
    try:
        return str(web_address(required=False).clean(scalars(fields, name).get(name, "")))
    except ValidationError as error:
        raise Invalid({name: ["is not a valid URL"]}) from error
